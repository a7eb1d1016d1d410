/* SPDX-License-Identifier: MIT */
/* What guests without an operating system share. */
#ifndef BARE_H
#define BARE_H

#include <stdint.h>

#define UART 0x10000000
#define TEST_DEVICE 0x100000

#define READ(type, address) (*(volatile type *)(uintptr_t)(address))
#define WRITE(type, address, value) (*(volatile type *)(uintptr_t)(address) = (value))
#define READ_CSR(name)                                                                             \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " name : "=r"(value_));                                         \
        value_;                                                                                    \
    })

#endif
