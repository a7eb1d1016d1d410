/* SPDX-License-Identifier: MIT */
/*
 * S-mode above SBI firmware, at 0x80200000: prints through the debug console extension, waits
 * for a timer interrupt of the TIME extension and ends by system reset (SBI specification 2.0).
 */
#define SBI_DBCN 0x4442434e
#define SBI_DBCN_WRITE 0
#define SBI_TIME 0x54494d45
#define SBI_TIME_SET_TIMER 0
#define SBI_SRST 0x53525354
#define SBI_SRST_RESET 0
#define SBI_SRST_SHUTDOWN 0
#define SIE_STIE 0x20
#define SSTATUS_SIE 2
#define TICKS_10_MS 100000

.macro sbi extension, function
    li      a7, \extension
    li      a6, \function
    ecall
.endm

.macro print text, text_end
    la      a1, \text
    la      a0, \text_end
    sub     a0, a0, a1
    li      a2, 0
    sbi     SBI_DBCN, SBI_DBCN_WRITE
.endm

.section .rodata
greeting: .ascii "\nSBI-DBCN\n"
greeting_end:
tick: .ascii "SBI-TIMER\n"
tick_end:

.text
.globl _start
_start:
    print   greeting, greeting_end
    la      t0, trap
    csrw    stvec, t0
    csrr    a0, time
    li      t0, TICKS_10_MS
    add     a0, a0, t0
    sbi     SBI_TIME, SBI_TIME_SET_TIMER
    li      t0, SIE_STIE
    csrw    sie, t0
    csrsi   sstatus, SSTATUS_SIE
1:  wfi
    j       1b

.balign 4
trap:
    print   tick, tick_end
    li      a0, SBI_SRST_SHUTDOWN
    li      a1, 0
    sbi     SBI_SRST, SBI_SRST_RESET
1:  j       1b
