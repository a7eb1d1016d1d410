/* SPDX-License-Identifier: MIT */
/* What the writer and the reader of text IR share. */
#ifndef TCG_TEXT_H
#define TCG_TEXT_H

#include "tcg-internal.h"

#define TCG_NR_CONDS (TCG_COND_TSTNE + 1)
#define TCG_NR_TYPES (TCG_VOID + 1)
#define TCG_NR_RMW (TCG_RMW_UMAX + 1)

extern const char *const tcg_cond_names[TCG_NR_CONDS];
extern const char *const tcg_type_names[TCG_NR_TYPES];

extern const char *const tcg_alias_names[TCG_ALIAS_NR];
extern const char *const tcg_rmw_names[TCG_NR_RMW];

#endif
