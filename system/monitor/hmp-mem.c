/* SPDX-License-Identifier: MIT */
/*
 * Commands of the human monitor that look at memory: x, xp, print, sum, memsave, pmemsave, gva2gpa,
 * gpa2hva. Reads are those of a debugger: no side effects on the harts.
 *
 * Threads: BQL. Tests: tests/unit/system/test-hmp.c
 */
#include "qemu/osdep.h"
#include "monitor-internal.h"
#include "qemu/bswap.h"
#include "system/address-spaces.h"

/* Bytes that x and xp show at most, and memsave copies at once. */
#define MAX_DUMP (1u << 20)
#define COPY_CHUNK 4096

/* ---- numbers ---- */

/* Decimal digits of the largest number of so many bytes. */
static int decimal_digits(int size)
{
    return size == 1 ? 3 : size == 2 ? 5 : size == 4 ? 10 : 20;
}

static void print_char(Monitor *mon, int c)
{
    if (c == '\\' || c == '\'') {
        monitor_printf(mon, "'\\%c'", c);
    } else if (g_ascii_isprint(c)) {
        monitor_printf(mon, "'%c'", c);
    } else if (c == '\n' || c == '\r') {
        monitor_puts(mon, c == '\n' ? "'\\n'" : "'\\r'");
    } else {
        monitor_printf(mon, "'\\x%02x'", c);
    }
}

static void print_number(Monitor *mon, HMPFormat format, uint64_t value)
{
    int bits = format.size * 8;

    switch (format.format) {
    case 'o':
        monitor_printf(mon, "0%*" PRIo64, (bits + 2) / 3, value);
        break;
    case 'u':
        monitor_printf(mon, "%*" PRIu64, decimal_digits(format.size), value);
        break;
    case 'd':
        value = (int64_t)(value << (64 - bits)) >> (64 - bits);
        monitor_printf(mon, "%*" PRId64, decimal_digits(format.size), (int64_t)value);
        break;
    case 'c':
        print_char(mon, value & 0xff);
        break;
    default:
        monitor_printf(mon, "0x%0*" PRIx64, format.size * 2, value);
    }
}

bool hmp_print(Monitor *mon, const HMPArgs *args, GError **error)
{
    uint64_t value = hmp_int(args, "value");

    /* Unlike in a dump, at its own width. */
    switch (hmp_format(args).format.format) {
    case 'o':
        monitor_printf(mon, "%#" PRIo64, value);
        break;
    case 'u':
        monitor_printf(mon, "%" PRIu64, value);
        break;
    case 'd':
    case 'i':
        monitor_printf(mon, "%" PRId64, (int64_t)value);
        break;
    case 'c':
        print_char(mon, value & 0xff);
        break;
    default:
        monitor_printf(mon, "%#" PRIx64, value);
    }
    monitor_puts(mon, "\n");
    return true;
}

/* ---- dumps ---- */

static bool read_memory(CPUState *cpu, bool physical, uint64_t addr, void *buf, size_t len)
{
    if (physical) {
        return address_space_read(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, buf, len) ==
               MEMTX_OK;
    }
    return cpu_memory_rw_debug(cpu, addr, buf, len, false);
}

static void dump_instructions(Monitor *mon, CPUState *cpu, bool physical, uint64_t addr,
                              unsigned count)
{
    for (; count > 0; count--) {
        g_autoptr(GString) text = g_string_new(NULL);
        uint8_t code[4];
        unsigned len = sizeof(code);

        /* The second half may lie on a page that is not there. */
        if (!read_memory(cpu, physical, addr, code, len)) {
            len = 2;
            if (!read_memory(cpu, physical, addr, code, len)) {
                monitor_printf(mon, "0x%08" PRIx64 ":  Cannot access memory\n", addr);
                return;
            }
        }
        len = CPU_GET_CLASS(cpu)->disas(cpu, addr, code, len, text);
        monitor_printf(mon, "0x%08" PRIx64 ":  %s\n", addr, text->str);
        addr += len;
    }
}

static uint64_t load_le(const uint8_t *p, int size)
{
    uint64_t value = 0;

    for (int i = size; i-- > 0;) {
        value = value << 8 | p[i];
    }
    return value;
}

static void dump_numbers(Monitor *mon, CPUState *cpu, bool physical, uint64_t addr,
                         HMPFormatArg format)
{
    int line_size = format.format.size == 1 ? 8 : 16;
    uint64_t left = (uint64_t)format.count * format.format.size;
    HMPFormat number = format.format;

    if (number.format == 'c') {
        number.size = 1;
    }
    for (left = MIN(left, MAX_DUMP); left > 0;) {
        uint8_t buf[16];
        int len = MIN(left, (uint64_t)line_size);

        monitor_printf(mon, physical ? "%08" PRIx64 ":" : "%016" PRIx64 ":", addr);
        if (!read_memory(cpu, physical, addr, buf, len)) {
            monitor_puts(mon, " Cannot access memory\n");
            return;
        }
        for (int i = 0; i + number.size <= len; i += number.size) {
            monitor_puts(mon, " ");
            print_number(mon, number, load_le(buf + i, number.size));
        }
        monitor_puts(mon, "\n");
        addr += len;
        left -= len;
    }
}

static bool dump(Monitor *mon, const HMPArgs *args, bool physical, GError **error)
{
    HMPFormatArg format = hmp_format(args);
    uint64_t addr = hmp_int(args, "addr");
    CPUState *cpu = monitor_get_cpu(mon);

    if (!cpu && (!physical || format.format.format == 'i')) {
        error_setg(error, "No CPU");
        return false;
    }
    if (format.format.format == 'i') {
        dump_instructions(mon, cpu, physical, addr, MIN(format.count, MAX_DUMP / 4));
    } else {
        dump_numbers(mon, cpu, physical, addr, format);
    }
    return true;
}

bool hmp_x(Monitor *mon, const HMPArgs *args, GError **error)
{
    return dump(mon, args, false, error);
}

bool hmp_xp(Monitor *mon, const HMPArgs *args, GError **error)
{
    return dump(mon, args, true, error);
}

/* ---- copies ---- */

static bool save(Monitor *mon, const HMPArgs *args, bool physical, GError **error)
{
    uint64_t addr = hmp_int(args, "addr"), left = hmp_int(args, "size");
    CPUState *cpu = monitor_get_cpu(mon);
    int fd;
    bool ok = true;

    if (!cpu && !physical) {
        error_setg(error, "No CPU");
        return false;
    }
    fd = qemu_open(hmp_str(args, "filename"), O_WRONLY | O_CREAT | O_TRUNC, error);
    if (fd < 0) {
        return false;
    }
    while (ok && left > 0) {
        uint8_t buf[COPY_CHUNK];
        /* Up to a page boundary: the next page may be mapped elsewhere. */
        uint64_t len = MIN(left, COPY_CHUNK - addr % COPY_CHUNK);

        if (!read_memory(cpu, physical, addr, buf, len)) {
            error_setg(error, "Invalid addr 0x%016" PRIx64 "/size %" PRIu64 " specified", addr,
                       left);
            ok = false;
        } else if (!qemu_write_full(fd, buf, len)) {
            error_setg_errno(error, errno, "cannot write '%s'", hmp_str(args, "filename"));
            ok = false;
        }
        addr += len;
        left -= len;
    }
    close(fd);
    return ok;
}

bool hmp_memsave(Monitor *mon, const HMPArgs *args, GError **error)
{
    return save(mon, args, false, error);
}

bool hmp_pmemsave(Monitor *mon, const HMPArgs *args, GError **error)
{
    return save(mon, args, true, error);
}

/* BSD's 16-bit checksum, as `sum` prints. */
bool hmp_sum(Monitor *mon, const HMPArgs *args, GError **error)
{
    uint64_t addr = hmp_int(args, "start"), size = hmp_int(args, "size");
    uint16_t sum = 0;

    if (size > UINT32_MAX) {
        error_setg(error, "size is more than 4 GiB");
        return false;
    }
    for (uint64_t i = 0; i < size; i++) {
        uint8_t byte =
            address_space_ldub(&address_space_memory, addr + i, MEMTXATTRS_UNSPECIFIED, NULL);

        sum = (sum >> 1 | sum << 15) + byte;
    }
    monitor_printf(mon, "%05d\n", sum);
    return true;
}

/* ---- addresses ---- */

bool hmp_gva2gpa(Monitor *mon, const HMPArgs *args, GError **error)
{
    uint64_t addr = hmp_int(args, "addr");
    CPUState *cpu = monitor_get_cpu(mon);
    hwaddr gpa;

    if (!cpu) {
        error_setg(error, "No CPU");
        return false;
    }
    gpa = CPU_GET_CLASS(cpu)->get_phys_page_debug(cpu, addr);
    if (gpa == HWADDR_MAX) {
        monitor_puts(mon, "Unmapped\n");
    } else {
        monitor_printf(mon, "gpa: %#" PRIx64 "\n", gpa | (addr & 0xfff));
    }
    return true;
}

bool hmp_gpa2hva(Monitor *mon, const HMPArgs *args, GError **error)
{
    hwaddr addr = hmp_int(args, "addr");
    MemoryRegionSection section = memory_region_find(get_system_memory(), addr, 1);

    if (!section.mr) {
        error_setg(error, "No memory is mapped at address 0x%" PRIx64, addr);
        return false;
    }
    if (!memory_region_is_ram(section.mr)) {
        error_setg(error, "Memory at address 0x%" PRIx64 " is not RAM", addr);
    } else {
        monitor_printf(mon, "Host virtual address for 0x%" PRIx64 " (%s) is %p\n", addr,
                       memory_region_name(section.mr),
                       (uint8_t *)memory_region_get_ram_ptr(section.mr) +
                           section.offset_within_region);
    }
    memory_region_unref(section.mr);
    return memory_region_is_ram(section.mr);
}
