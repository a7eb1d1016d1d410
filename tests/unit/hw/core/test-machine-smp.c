/* SPDX-License-Identifier: MIT */
/* hw/core/machine-smp.c: -smp, complete and incomplete. Results are QEMU 11.1.3's, observed. */
#include "qemu/osdep.h"
#include "hw/core/boards.h"

static void virt_class_init(ObjectClass *klass, const void *data)
{
    MACHINE_CLASS(klass)->max_cpus = 512;
    MACHINE_CLASS(klass)->min_cpus = 1;
}

DEFINE_MACHINE("virt", virt_class_init)

/* 0: not given; ZERO: given as 0. */
#define ZERO UINT64_MAX

typedef struct Row {
    uint64_t cpus, max_cpus, sockets, cores, threads;
    CpuTopology result;
    const char *message;
} Row;

static const Row rows[] = {
    {0, 0, 0, 0, 0, {1, 1, 1, 1, 1}},
    {4, 0, 0, 0, 0, {4, 4, 1, 4, 1}},
    {2, 4, 0, 0, 0, {2, 4, 1, 4, 1}},
    {0, 4, 0, 0, 0, {4, 4, 1, 4, 1}},
    {2, 0, 2, 1, 1, {2, 2, 2, 1, 1}},
    {8, 0, 2, 0, 0, {8, 8, 2, 4, 1}},
    {8, 0, 0, 2, 0, {8, 8, 4, 2, 1}},
    {8, 0, 2, 2, 0, {8, 8, 2, 2, 2}},
    {8, 0, 0, 0, 2, {8, 8, 1, 4, 2}},
    {0, 0, 2, 3, 0, {6, 6, 2, 3, 1}},
    {512, 0, 0, 0, 0, {512, 512, 1, 512, 1}},
    {.cpus = 2,
     .cores = 3,
     .message = "Invalid CPU topology: product of the hierarchy must match maxcpus: "
                "sockets (0) * cores (3) * threads (1) != maxcpus (2)"},
    {.cpus = 6,
     .cores = 4,
     .message = "Invalid CPU topology: product of the hierarchy must match maxcpus: "
                "sockets (1) * cores (4) * threads (1) != maxcpus (6)"},
    {.cpus = 8,
     .sockets = 2,
     .cores = 2,
     .threads = 1,
     .message = "Invalid CPU topology: product of the hierarchy must match maxcpus: "
                "sockets (2) * cores (2) * threads (1) != maxcpus (8)"},
    {.cpus = 4,
     .max_cpus = 2,
     .message = "Invalid CPU topology: maxcpus must be equal to or greater than smp: "
                "sockets (1) * cores (2) * threads (1) == maxcpus (2) < smp_cpus (4)"},
    {.cpus = 2,
     .sockets = ZERO,
     .message = "Invalid CPU topology: CPU topology parameters must be greater than zero"},
    {.cpus = ZERO,
     .message = "Invalid CPU topology: CPU topology parameters must be greater than zero"},
    {.cpus = 513,
     .message = "Invalid SMP CPUs 513. The max CPUs supported by machine 'virt' is 512"},
    /* Products that do not fit 64 bits. */
    {.sockets = UINT32_MAX,
     .cores = UINT32_MAX,
     .threads = UINT32_MAX,
     .message = "Invalid SMP CPUs 18446744073709551615. The max CPUs supported by machine 'virt' "
                "is 512"},
};

static void set(bool *has, uint64_t *value, uint64_t given)
{
    *has = given != 0;
    *value = given == ZERO ? 0 : given;
}

static void test_rows(void)
{
    MachineClass *mc = MACHINE_CLASS(object_class_by_name("virt-machine"));

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];
        SMPConfiguration config;
        CpuTopology topology = {0};
        g_autoptr(GError) error = NULL;
        bool ok;

        set(&config.has_cpus, &config.cpus, row->cpus);
        set(&config.has_max_cpus, &config.max_cpus, row->max_cpus);
        set(&config.has_sockets, &config.sockets, row->sockets);
        set(&config.has_cores, &config.cores, row->cores);
        set(&config.has_threads, &config.threads, row->threads);
        ok = machine_parse_smp_config(mc, &config, &topology, &error);
        g_test_message("row %zu", i);
        g_assert_cmpstr(error ? error->message : NULL, ==, row->message);
        g_assert_true(ok == !error);
        g_assert_cmpmem(&topology, sizeof(topology), &row->result, sizeof(row->result));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/machine-smp/rows", test_rows);
    return g_test_run();
}
