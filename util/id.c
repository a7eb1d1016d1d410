/* SPDX-License-Identifier: MIT */
/*
 * Identifiers: see qemu/id.h. A generated one starts with '#', which no well-formed one
 * does, so the two never meet. Any thread. Tests: tests/unit/util/test-option.c.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error.h"
#include "qemu/id.h"

bool id_wellformed(const char *id)
{
    if (!g_ascii_isalpha(id[0])) {
        return false;
    }
    for (const char *p = id + 1; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr("-._", *p)) {
            return false;
        }
    }
    return true;
}

bool id_check(const char *id, GError **error)
{
    if (id_wellformed(id)) {
        return true;
    }
    error_setg(error, "Parameter 'id' expects an identifier");
    error_append_hint(error, "Identifiers consist of letters, digits, '-', '.', '_', "
                             "starting with a letter.\n");
    return false;
}

char *id_generate(const char *subsystem)
{
    static unsigned counter; /* [atomic] */
    return g_strdup_printf("#%s%03u", subsystem, qatomic_fetch_inc(&counter));
}
