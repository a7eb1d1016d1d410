/* SPDX-License-Identifier: MIT */
/*
 * The little that the self-test wants to know of the device tree. Devicetree Specification 0.4,
 * "Flattened Devicetree (DTB) Format".
 */
#include "selftest.h"

#define FDT_MAGIC 0xd00dfeed
enum {
    FDT_HEADER_STRUCT = 2, /* words of the header: offsets */
    FDT_HEADER_STRINGS = 3,
    FDT_BEGIN_NODE = 1,
    FDT_END_NODE = 2,
    FDT_PROP = 3,
    FDT_NOP = 4,
};

static uint32_t be32(const uint32_t *p)
{
    const uint8_t *bytes = (const uint8_t *)p;

    return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static bool starts_with(const char *text, const char *start)
{
    while (*start && *text == *start) {
        text++;
        start++;
    }
    return !*start;
}

/* One property of a node, both by name. */
static void fdt_property(const char *node, const char *name, const uint32_t *value,
                         MachineInfo *info)
{
    /* Two cells of address, two of size. */
    if (starts_with(node, "memory@") && str_equal(name, "reg")) {
        info->ram_size += (uint64_t)be32(value + 2) << 32 | be32(value + 3);
    }
    if (starts_with(node, "cpu@") && str_equal(name, "riscv,isa")) {
        info->harts++;
        if (!*info->isa) {
            info->isa = (const char *)value;
        }
    }
}

void fdt_read(const void *blob, MachineInfo *info)
{
    const uint32_t *header = blob;
    const char *node = "";

    *info = (MachineInfo){.isa = ""};
    if (!blob || be32(header) != FDT_MAGIC) {
        return;
    }
    const char *strings = (const char *)blob + be32(header + FDT_HEADER_STRINGS);
    const uint32_t *p = (const void *)((const char *)blob + be32(header + FDT_HEADER_STRUCT));

    for (;;) {
        switch (be32(p++)) {
        case FDT_BEGIN_NODE: {
            size_t length = 0;

            node = (const char *)p;
            while (node[length]) {
                length++;
            }
            p += length / 4 + 1;
            break;
        }
        case FDT_PROP:
            fdt_property(node, strings + be32(p + 1), p + 2, info);
            p += 2 + (be32(p) + 3) / 4;
            break;
        case FDT_END_NODE:
        case FDT_NOP:
            break;
        default:
            return;
        }
    }
}
