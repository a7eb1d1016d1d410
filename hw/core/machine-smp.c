/* SPDX-License-Identifier: MIT */
/*
 * -smp: from what the user said to a full topology.
 *
 * No state. Tests: tests/unit/hw/core/test-machine-smp.c.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "hw/core/boards.h"

static bool given_as_zero(bool has, uint64_t value)
{
    return has && value == 0;
}

/* Saturates: a product that large fits no machine. */
static uint64_t product(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t result;

    if (__builtin_mul_overflow(a, b, &result) || __builtin_mul_overflow(result, c, &result)) {
        return UINT64_MAX;
    }
    return result;
}

static uint64_t quotient(uint64_t dividend, uint64_t a, uint64_t b)
{
    return dividend / product(a, b, 1);
}

/* Numbers left out, from those given: all nonzero ones are the user's. */
static void complete(SMPConfiguration *c)
{
    uint64_t total = c->max_cpus ? c->max_cpus : c->cpus;

    if (!total || !c->cores) {
        c->sockets = c->sockets ? c->sockets : 1;
        c->threads = c->threads ? c->threads : 1;
        c->cores = c->cores ? c->cores : total ? quotient(total, c->sockets, c->threads) : 1;
    } else if (!c->sockets) {
        c->threads = c->threads ? c->threads : 1;
        c->sockets = quotient(total, c->cores, c->threads);
    } else if (!c->threads) {
        c->threads = quotient(total, c->sockets, c->cores);
    }
    c->max_cpus = total ? total : product(c->sockets, c->cores, c->threads);
    c->cpus = c->cpus ? c->cpus : c->max_cpus;
}

/* "sockets (1) * cores (2) * threads (1)" */
static char *hierarchy(const SMPConfiguration *c)
{
    return g_strdup_printf("sockets (%" PRIu64 ") * cores (%" PRIu64 ") * threads (%" PRIu64 ")",
                           c->sockets, c->cores, c->threads);
}

static bool check_topology(const SMPConfiguration *c, GError **error)
{
    g_autofree char *text = hierarchy(c);

    if (product(c->sockets, c->cores, c->threads) != c->max_cpus) {
        error_setg(error,
                   "Invalid CPU topology: product of the hierarchy must match maxcpus: "
                   "%s != maxcpus (%" PRIu64 ")",
                   text, c->max_cpus);
        return false;
    }
    if (c->max_cpus < c->cpus) {
        error_setg(error,
                   "Invalid CPU topology: maxcpus must be equal to or greater than smp: "
                   "%s == maxcpus (%" PRIu64 ") < smp_cpus (%" PRIu64 ")",
                   text, c->max_cpus, c->cpus);
        return false;
    }
    return true;
}

static bool check_machine(const MachineClass *mc, const SMPConfiguration *c, GError **error)
{
    g_autofree char *name = machine_class_get_name(mc);

    if (c->cpus < mc->min_cpus) {
        error_setg(error,
                   "Invalid SMP CPUs %" PRIu64 ". The min CPUs supported by machine '%s' is %u",
                   c->cpus, name, mc->min_cpus);
        return false;
    }
    if (c->max_cpus > mc->max_cpus) {
        error_setg(error,
                   "Invalid SMP CPUs %" PRIu64 ". The max CPUs supported by machine '%s' is %u",
                   c->max_cpus, name, mc->max_cpus);
        return false;
    }
    return true;
}

bool machine_parse_smp_config(const MachineClass *mc, const SMPConfiguration *config,
                              CpuTopology *topology, GError **error)
{
    SMPConfiguration c = *config;

    if (given_as_zero(c.has_cpus, c.cpus) || given_as_zero(c.has_max_cpus, c.max_cpus) ||
        given_as_zero(c.has_sockets, c.sockets) || given_as_zero(c.has_cores, c.cores) ||
        given_as_zero(c.has_threads, c.threads)) {
        error_setg(error,
                   "Invalid CPU topology: CPU topology parameters must be greater than zero");
        return false;
    }
    complete(&c);
    if (!check_topology(&c, error) || !check_machine(mc, &c, error)) {
        return false;
    }
    *topology = (CpuTopology){
        .cpus = c.cpus,
        .max_cpus = c.max_cpus,
        .sockets = c.sockets,
        .cores = c.cores,
        .threads = c.threads,
    };
    return true;
}
