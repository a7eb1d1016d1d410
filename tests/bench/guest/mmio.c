/* SPDX-License-Identifier: MIT */
/*
 * What accesses to devices cost, and how soon WFI ends: M-mode without firmware, at 0x80000000.
 * Around each loop the console says BEGIN and RES, as the programs for Linux do; VAL is a figure of
 * its own. Then powers off. Needs -global virtio-mmio.force-legacy=false and a
 * virtio-rng-device on its own.
 */
#include <stdint.h>

#define UART 0x10000000
#define CLINT_MSIP 0x2000000
#define CLINT_MTIMECMP 0x2004000
#define CLINT_MTIME 0x200bff8
#define PLIC_PRIORITY_1 0xc000004
#define PLIC_CLAIM_0 0xc200004
#define VIRTIO_FIRST 0x10001000
#define VIRTIO_STRIDE 0x1000
#define VIRTIO_SLOTS 8
#define TEST_DEVICE 0x100000
#define NS_PER_TICK 100
#define COUNT 500000
#define UART_BYTES 500000
#define WAKE_UPS 501
#define WAKE_UP_TICKS 5000 /* 0.5 ms */

#define READ(type, address) (*(volatile type *)(uintptr_t)(address))
#define WRITE(type, address, value) (*(volatile type *)(uintptr_t)(address) = (value))

/* The linker puts this section first. */
__asm__(".section .text.unlikely,\"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "    csrr a0, mhartid\n"
        "    bnez a0, 1f\n"
        "    la sp, stack_end\n"
        "    call main\n"
        "1:  wfi\n"
        "    j 1b\n"
        ".section .bss\n"
        ".balign 16\n"
        "    .skip 65536\n"
        "stack_end:\n"
        ".text\n");

static void put_char(char c)
{
    while (!(READ(uint8_t, UART + 5) & 0x20)) {
    }
    WRITE(uint8_t, UART, c);
}

static void put(const char *text)
{
    while (*text) {
        put_char(*text++);
    }
}

static void put_number(uint64_t n)
{
    if (n >= 10) {
        put_number(n / 10);
    }
    put_char((char)('0' + n % 10));
}

static uint64_t now(void)
{
    return READ(uint64_t, CLINT_MTIME);
}

static uint64_t begin(const char *name)
{
    put("BEGIN ");
    put(name);
    put("\n");
    return now();
}

static void end(const char *name, uint64_t start, uint64_t count)
{
    uint64_t ticks = now() - start;

    put("RES ");
    put(name);
    put(" wall_ns=");
    put_number(ticks * NS_PER_TICK / count);
    put(" chk=0\n");
}

#define MEASURE(name, access)                                                                      \
    do {                                                                                           \
        uint64_t start_ = begin(name);                                                             \
        for (long i_ = 0; i_ < COUNT; i_++) {                                                      \
            access;                                                                                \
        }                                                                                          \
        end(name, start_, COUNT);                                                                  \
    } while (0)

/* ---- virtio: a queue that never holds anything -------------------------------------------------
 */

#define QUEUE_SIZE 8

static uint8_t queue[4096] __attribute__((aligned(4096)));

enum {
    REG_DEVICE_ID = 0x08,
    REG_FEATURES_SEL = 0x24,
    REG_FEATURES = 0x20,
    REG_QUEUE_SEL = 0x30,
    REG_QUEUE_NUM = 0x38,
    REG_QUEUE_READY = 0x44,
    REG_QUEUE_NOTIFY = 0x50,
    REG_STATUS = 0x70,
    REG_DESC = 0x80,
    REG_AVAIL = 0x90,
    REG_USED = 0xa0,
};

static void set_address(uintptr_t reg, const uint8_t *to)
{
    WRITE(uint32_t, reg, (uint32_t)(uintptr_t)to);
    WRITE(uint32_t, reg + 4, (uint32_t)((uintptr_t)to >> 32));
}

static uintptr_t virtio_find(void)
{
    for (int i = 0; i < VIRTIO_SLOTS; i++) {
        uintptr_t base = VIRTIO_FIRST + (uintptr_t)i * VIRTIO_STRIDE;

        if (READ(uint32_t, base + REG_DEVICE_ID)) {
            return base;
        }
    }
    return 0;
}

static void virtio_start(uintptr_t base)
{
    WRITE(uint32_t, base + REG_STATUS, 0);
    WRITE(uint32_t, base + REG_STATUS, 3); /* ACKNOWLEDGE, DRIVER */
    WRITE(uint32_t, base + REG_FEATURES_SEL, 1);
    WRITE(uint32_t, base + REG_FEATURES, 1); /* VERSION_1 */
    WRITE(uint32_t, base + REG_STATUS, 11);  /* FEATURES_OK */
    WRITE(uint32_t, base + REG_QUEUE_SEL, 0);
    WRITE(uint32_t, base + REG_QUEUE_NUM, QUEUE_SIZE);
    set_address(base + REG_DESC, queue);
    set_address(base + REG_AVAIL, queue + 1024);
    set_address(base + REG_USED, queue + 2048);
    WRITE(uint32_t, base + REG_QUEUE_READY, 1);
    WRITE(uint32_t, base + REG_STATUS, 15); /* DRIVER_OK */
}

static void measure_virtio(void)
{
    uintptr_t base = virtio_find();

    if (base) {
        virtio_start(base);
        MEASURE("virtio_read", READ(uint32_t, base + REG_STATUS));
        MEASURE("virtio_notify", WRITE(uint32_t, base + REG_QUEUE_NOTIFY, 0));
    }
}

/* ---- WFI ------------------------------------------------------------------------------------- */

static uint64_t late[WAKE_UPS];

static void sort(uint64_t *v, int n)
{
    for (int i = 1; i < n; i++) {
        for (int k = i; k > 0 && v[k - 1] > v[k]; k--) {
            uint64_t t = v[k];

            v[k] = v[k - 1];
            v[k - 1] = t;
        }
    }
}

static void measure_wfi(void)
{
    uint64_t start;

    __asm__ volatile("csrw mie, %0" ::"r"(0x80L)); /* MTIE; mstatus.MIE stays off */
    start = begin("wfi");
    for (int i = 0; i < WAKE_UPS; i++) {
        uint64_t at = now() + WAKE_UP_TICKS, woken;

        WRITE(uint64_t, CLINT_MTIMECMP, at);
        do {
            __asm__ volatile("wfi");
            woken = now();
        } while (woken < at);
        late[i] = woken - at;
    }
    end("wfi", start, WAKE_UPS);
    sort(late, WAKE_UPS);
    put("VAL wfi_late_ns=");
    put_number(late[WAKE_UPS / 2] * NS_PER_TICK);
    put("\n");
}

static void measure_output(void)
{
    uint64_t start = begin("uart_output");

    for (int i = 0; i < UART_BYTES; i++) {
        put_char(i % 64 == 63 ? '\n' : '.');
    }
    put_char('\n');
    end("uart_output", start, UART_BYTES);
}

int main(void)
{
    MEASURE("uart_read", READ(uint8_t, UART + 5));
    MEASURE("uart_write", WRITE(uint8_t, UART + 7, 0x5a));
    MEASURE("plic_read", READ(uint32_t, PLIC_PRIORITY_1));
    MEASURE("plic_write", WRITE(uint32_t, PLIC_PRIORITY_1, 1));
    MEASURE("plic_claim", READ(uint32_t, PLIC_CLAIM_0));
    MEASURE("clint_mtime", READ(uint64_t, CLINT_MTIME));
    MEASURE("clint_mtimecmp", WRITE(uint64_t, CLINT_MTIMECMP, UINT64_MAX));
    MEASURE("clint_msip", WRITE(uint32_t, CLINT_MSIP, 0));
    measure_virtio();
    measure_output();
    measure_wfi();
    WRITE(uint32_t, TEST_DEVICE, 0x5555);
    return 0;
}
