/* SPDX-License-Identifier: MIT */
/*
 * Traps of the self-test. An exception is recorded and its instruction passed over; one from
 * U-mode ends user_run(); a timer or software interrupt is recorded and silenced. The other
 * harts only ever run code that does not trap.
 */
#include "selftest.h"

volatile Trap last_trap;

void user_return(void);
uint64_t trap_handle(uint64_t cause, uint64_t tval, uint64_t epc);

void trap_forget(void)
{
    last_trap.cause = CAUSE_NONE;
    last_trap.tval = 0;
    last_trap.epc = 0;
}

/* Where to go on. */
uint64_t trap_handle(uint64_t cause, uint64_t tval, uint64_t epc)
{
    last_trap.cause = cause;
    last_trap.tval = tval;
    last_trap.epc = epc;
    if (cause & CAUSE_INTERRUPT) {
        csr_clear(mie, 1ul << (cause & 63));
        return epc;
    }
    if (!(csr_read(mstatus) & MSTATUS_MPP)) {
        csr_set(mstatus, MSTATUS_MPP);
        return (uint64_t)user_return;
    }
    /* The two lowest bits of an instruction of four bytes are set. */
    return epc + ((*(volatile uint16_t *)epc & 3) == 3 ? 4 : 2);
}
