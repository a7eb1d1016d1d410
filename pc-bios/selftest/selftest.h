/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the self-test share: the virt board's addresses, console, traps, tests.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#define MAX_HARTS 64
#define STACK_SIZE 4096

/* Privileged architecture, "Machine-Level CSRs". */
#define MSTATUS_MIE 0x8
#define MSTATUS_MPIE 0x80
#define MSTATUS_MPP 0x1800
#define MSTATUS_MPP_S 0x800
#define MSTATUS_MPRV 0x20000
#define MIE_MSIE 0x8
#define MIE_MTIE 0x80
#define MIE_MEIE 0x800

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The virt board. */
#define RAM_BASE 0x80000000ul
#define TEST_DEVICE 0x100000ul
#define HOLE 0x1000000ul /* nothing is here */
#define CLINT_MSIP 0x2000000ul
#define CLINT_MTIMECMP 0x2004000ul
#define CLINT_MTIME 0x200bff8ul
#define PLIC_BASE 0xc000000ul
#define UART_BASE 0x10000000ul
#define UART_IRQ 10
#define VIRTIO_BASE 0x10001000ul
#define VIRTIO_STRIDE 0x1000ul
#define VIRTIO_COUNT 8

enum {
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_FAULT = 5,
    CAUSE_STORE_FAULT = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_M = 11,
    CAUSE_LOAD_PAGE_FAULT = 13,
    CAUSE_STORE_PAGE_FAULT = 15,
    CAUSE_NONE = 63,
};
#define CAUSE_INTERRUPT (1ul << 63)
#define IRQ_M_SOFTWARE 3
#define IRQ_M_TIMER 7
#define IRQ_M_EXTERNAL 11

#define csr_read(name)                                                                             \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " #name : "=r"(value_) : : "memory");                           \
        value_;                                                                                    \
    })
#define csr_write(name, value)                                                                     \
    __asm__ volatile("csrw " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define csr_set(name, value)                                                                       \
    __asm__ volatile("csrs " #name ", %0" : : "r"((uint64_t)(value)) : "memory")
#define csr_clear(name, value)                                                                     \
    __asm__ volatile("csrc " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

#define MMIO_ACCESSORS(bits)                                                                       \
    static inline uint##bits##_t read##bits(uint64_t addr)                                         \
    {                                                                                              \
        return *(volatile uint##bits##_t *)addr;                                                   \
    }                                                                                              \
    static inline void write##bits(uint64_t addr, uint##bits##_t value)                            \
    {                                                                                              \
        *(volatile uint##bits##_t *)addr = value;                                                  \
    }
MMIO_ACCESSORS(8)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)

/* ---- console.c ---- */

/* Like printf, with %s, %u and %x only; a number is an unsigned long. */
void print(const char *format, ...);
void console_init(void);
/* A line without its end, cut at @size; echoes, and knows backspace. Sleeps while it waits. */
void read_line(char *line, size_t size);
bool str_equal(const char *a, const char *b);

/* ---- trap.c ---- */

/* The last trap of this machine, on hart 0: tests provoke one, then look. */
typedef struct {
    uint64_t cause; /* CAUSE_NONE when there was none since trap_forget() */
    uint64_t tval;
    uint64_t epc;
} Trap;
extern volatile Trap last_trap;

void trap_forget(void);
void user_run(void (*code)(void));
void user_ecall(void);
void user_read_mstatus(void);

/* ---- fdt.c ---- */

/* What the device tree says, 0 and "" where it says nothing. */
typedef struct {
    uint64_t ram_size;
    unsigned harts;
    const char *isa; /* of the first hart */
} MachineInfo;
void fdt_read(const void *blob, MachineInfo *info);

/* ---- tests ---- */

extern MachineInfo machine_info;

/* A test prints what it saw and returns whether all was well. */
bool test_memory(void);
bool test_timer(void);
bool test_traps(void);
bool test_harts(void);
bool test_virtio(void);

void secondary_main(uint64_t hart);

#endif /* __ASSEMBLER__ */

#endif
