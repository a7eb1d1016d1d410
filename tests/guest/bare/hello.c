/* SPDX-License-Identifier: MIT */
/*
 * A program on a C library whose console, files and exit are semihosting calls. M-mode, no
 * firmware, floating point in software and hardware.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define READ_CSR(name)                                                                             \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " name : "=r"(value_));                                         \
        value_;                                                                                    \
    })

int main(void)
{
    uint64_t start = READ_CSR("mcycle");
    volatile double sum = 0;
    FILE *file;

    printf("hello from picolibc, hart %" PRIu64 " misa %" PRIx64 "\n", READ_CSR("mhartid"),
           READ_CSR("misa"));
    printf("sqrt(2)=%.15f pow(2,0.5)=%.15f\n", sqrt(2.0), pow(2, 0.5));
    for (int i = 1; i < 100000; i++) {
        sum += 1.0 / i;
    }
    printf("sum=%.12f cycles>0:%d\n", sum, READ_CSR("mcycle") != start);
    file = fopen("semi.txt", "w");
    if (file) {
        fprintf(file, "semihost file ok\n");
        fclose(file);
        puts("file written");
    }
    exit(3);
}
