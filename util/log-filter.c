/* SPDX-License-Identifier: MIT */
/*
 * -dfilter: the guest addresses that translation and execution logs are limited to. The
 * list is replaced as a whole; readers are under RCU. Tests: tests/unit/util/test-log.c.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/rcu.h"

typedef struct AddressRange {
    uint64_t first;
    uint64_t last; /* inclusive */
} AddressRange;

typedef struct AddressFilter {
    size_t n;
    AddressRange ranges[];
} AddressFilter;

static AddressFilter *filter; /* RCU; NULL lets every address pass */

/* "A..B", "A+SIZE" or "A-SIZE", the last ending with A. */
static bool parse_range(const char *text, AddressRange *range)
{
    const char *p;
    uint64_t first, second;
    if (qemu_strtou64(text, &p, 0, &first) < 0) {
        return false;
    }
    char op = *p;
    p += op == '.' && p[1] == '.' ? 2 : 1;
    if (!op || !g_ascii_isdigit(*p) || qemu_strtou64(p, NULL, 0, &second) < 0) {
        return false;
    }
    switch (op) {
    case '.':
        *range = (AddressRange){first, second};
        return p[-2] == '.' && first <= second;
    case '+':
        *range = (AddressRange){first, first + (second - 1)};
        return second > 0 && range->last >= first;
    case '-':
        *range = (AddressRange){first - (second - 1), first};
        return second > 0 && range->first <= first;
    default:
        return false;
    }
}

bool qemu_set_dfilter_ranges(const char *ranges, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(ranges ? ranges : "", ",", -1);
    size_t n = g_strv_length(parts);
    g_autofree AddressFilter *new = g_malloc(sizeof(*new) + n * sizeof(new->ranges[0]));

    new->n = n;
    for (size_t i = 0; i < n; i++) {
        if (!parse_range(parts[i], &new->ranges[i])) {
            error_setg(error, "Failed to parse range '%s' of the log filter", parts[i]);
            error_append_hint(error, "A range is FIRST..LAST, START+SIZE or LAST-SIZE.\n");
            return false;
        }
    }
    rcu_free(qatomic_xchg(&filter, n ? g_steal_pointer(&new) : NULL));
    return true;
}

bool qemu_log_in_addr_range(uint64_t addr)
{
    RCU_READ_LOCK_GUARD();
    const AddressFilter *f = qatomic_rcu_read(&filter);
    bool found = !f;
    for (size_t i = 0; f && i < f->n && !found; i++) {
        found = addr >= f->ranges[i].first && addr <= f->ranges[i].last;
    }
    return found;
}
