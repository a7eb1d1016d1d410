/* SPDX-License-Identifier: MIT */
/*
 * The self-test's console: the board's 16550. Output polls; input sleeps until the PLIC has the
 * UART's interrupt, which is not taken: only WFI looks at it.
 */
#include "selftest.h"

#include <stdarg.h>

enum {
    UART_DATA = 0,
    UART_IER = 1,
    UART_IER_RX = 1,
    UART_FCR = 2,
    UART_FCR_ENABLE = 1,
    UART_LCR = 3,
    UART_LCR_8_BITS = 3,
    UART_MCR = 4,
    UART_MCR_OUT2 = 8, /* connects the interrupt */
    UART_LSR = 5,
    UART_LSR_READY = 1,
    UART_LSR_EMPTY = 0x20,
};

/* PLIC: context 0 is hart 0 in M-mode. */
#define PLIC_PRIORITY(irq) (PLIC_BASE + 4 * (irq))
#define PLIC_ENABLE (PLIC_BASE + 0x2000)
#define PLIC_THRESHOLD (PLIC_BASE + 0x200000)
#define PLIC_CLAIM (PLIC_BASE + 0x200004)

void console_init(void)
{
    write8(UART_BASE + UART_LCR, UART_LCR_8_BITS);
    write8(UART_BASE + UART_FCR, UART_FCR_ENABLE);
    write8(UART_BASE + UART_MCR, UART_MCR_OUT2);
    write8(UART_BASE + UART_IER, UART_IER_RX);
    write32(PLIC_PRIORITY(UART_IRQ), 1);
    write32(PLIC_ENABLE, 1 << UART_IRQ);
    write32(PLIC_THRESHOLD, 0);
    csr_set(mie, MIE_MEIE);
}

static void put_char(char c)
{
    if (c == '\n') {
        put_char('\r');
    }
    while (!(read8(UART_BASE + UART_LSR) & UART_LSR_EMPTY)) {
    }
    write8(UART_BASE + UART_DATA, c);
}

static char get_char(void)
{
    while (!(read8(UART_BASE + UART_LSR) & UART_LSR_READY)) {
        __asm__ volatile("wfi");
        uint32_t irq = read32(PLIC_CLAIM);

        if (irq) {
            write32(PLIC_CLAIM, irq);
        }
    }
    return read8(UART_BASE + UART_DATA);
}

static void put_number(unsigned long value, unsigned base)
{
    char digits[20];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (count) {
        put_char(digits[--count]);
    }
}

void print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    for (; *format; format++) {
        if (*format != '%') {
            put_char(*format);
            continue;
        }
        switch (*++format) {
        case 's':
            for (const char *s = va_arg(arguments, const char *); *s; s++) {
                put_char(*s);
            }
            break;
        case 'u':
            put_number(va_arg(arguments, unsigned long), 10);
            break;
        case 'x':
            put_number(va_arg(arguments, unsigned long), 16);
            break;
        }
    }
    va_end(arguments);
}

void read_line(char *line, size_t size)
{
    size_t length = 0;

    for (;;) {
        char c = get_char();

        if (c == '\r' || c == '\n') {
            break;
        }
        if ((c == '\b' || c == 0x7f) && length) {
            length--;
            print("\b \b");
        } else if (c >= ' ' && c < 0x7f && length + 1 < size) {
            line[length++] = c;
            put_char(c);
        }
    }
    line[length] = '\0';
    print("\n");
}

bool str_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}
