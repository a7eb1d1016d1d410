/* SPDX-License-Identifier: MIT */
/* A host that the golden files hold no code for. */
#include "qemu/osdep.h"
#include "golden-host.h"

const char *const golden_host = NULL;

bool golden_host_code(TCGContext *c, TCGOptLevel level, GString *out)
{
    return false;
}
