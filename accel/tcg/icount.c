/* SPDX-License-Identifier: MIT */
/*
 * -icount: guest time is the number of instructions executed, times 2^shift ns.
 *
 * All harts run on one thread (vcpu-rr.c), which owns the count. Before a hart runs it is given a
 * budget, up to the next deadline of QEMU_CLOCK_VIRTUAL and no more than its slice. Each straight
 * piece of generated code takes its number of instructions off the budget when it begins; where it
 * is left in the middle, what was not executed is added back. So the count is exact wherever guest
 * code is not running, and in slow paths and helpers that say which instruction they belong to
 * (CPUTCGState::insn_idx). Budgets end exactly: the last instructions before a deadline run as
 * blocks of just as many.
 *
 * An access to a device runs in a block of one instruction, so that an interrupt that it raises, or
 * a deadline that it sets, is seen by the next one. Whatever does not come from outside then
 * happens at the same instruction in each run. A trap costs one instruction's time, that no guest
 * stands still.
 *
 * While all harts sleep time passes as on the host (sleep=on), or jumps to the next deadline. With
 * shift=auto the rate follows the host's; align=on waits for the host's clock.
 *
 * Threads: all of it the harts' thread, under the BQL, but where a function says else.
 * Tests: tests/guest/guests.py: bare-icount, linux-icount
 */
#include "qemu/osdep.h"

#include "accel/tcg/icount.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "tcg-internal.h"

#define SHIFT_MAX 10
#define SHIFT_AUTO_START 3
/* shift=auto: how often the rate is looked at, and how far clocks may be apart. */
#define ADJUST_EVERY_NS (100 * SCALE_MS)
#define ADJUST_WOBBLE_NS (100 * SCALE_MS)
/* align=on: what is not worth a sleep; the longest one; how often a late guest is told about. */
#define ALIGN_MIN_NS (3 * SCALE_MS)
#define ALIGN_MAX_NS (100 * SCALE_MS)
#define LATE_EVERY_NS (2 * NANOSECONDS_PER_SECOND)
#define LATE_STEP_NS (NANOSECONDS_PER_SECOND / 10)

static struct {
    bool align, is_auto, jumps; /* [const] */
    unsigned shift;
    int64_t base_ns;   /* guest time at count 0, at the present rate */
    uint64_t count;    /* instructions of all harts, without those of the running budget */
    int64_t now_ns;    /* [atomic] time at @count: what other threads see */
    CPUState *running; /* [atomic] has a budget */
    int64_t budget;
    int64_t adjusted_at_ns, last_ahead_ns; /* shift=auto */
    int64_t told_at_ns, told_late_ns;      /* align=on */
} ic;

/* ---- the clock ------------------------------------------------------------------------------- */

/* Of the running budget; exact if the hart is out of code, or insn_idx is set. */
static int64_t executed_so_far(void)
{
    const CPUTCGState *env = ic.running ? cpu_tcg(ic.running) : NULL;

    if (!env) {
        return 0;
    }
    return ic.budget - env->icount_left - env->insn_idx;
}

static int64_t time_at(uint64_t count)
{
    return ic.base_ns + (int64_t)(count << ic.shift);
}

/* Any thread. Only the harts' own has a current_cpu. */
static int64_t icount_get_ns(void)
{
    return current_cpu ? time_at(ic.count + (uint64_t)executed_so_far()) : qatomic_read(&ic.now_ns);
}

static void publish(void)
{
    qatomic_set(&ic.now_ns, time_at(ic.count));
}

/* Instructions until the next deadline, rounded up; INT64_MAX: there is none. */
static int64_t deadline_insns(void)
{
    int64_t ns = qemu_clock_deadline_ns(QEMU_CLOCK_VIRTUAL);
    int64_t mask = (INT64_C(1) << ic.shift) - 1;

    return ns < 0 ? INT64_MAX : (ns >> ic.shift) + ((ns & mask) != 0);
}

/* Any thread. */
static void icount_deadline_changed(void)
{
    CPUState *cpu = qatomic_read(&ic.running);

    if (current_cpu && cpu && deadline_insns() >= ic.budget - executed_so_far()) {
        return;
    }
    if (cpu) {
        qatomic_set(&cpu_priv(cpu)->budget_stale, true);
        cpu_poll_request(cpu);
    }
    if (!current_cpu) {
        rr_notify();
    }
}

static const VirtualClockSource icount_source = {
    .get_ns = icount_get_ns,
    .deadline_changed = icount_deadline_changed,
};

void icount_warp(int64_t ns)
{
    ic.base_ns += ns;
    publish();
}

bool icount_jumps(void)
{
    return ic.jumps;
}

bool icount_enabled(void)
{
    return tcg_accel.icount;
}

/* ---- budgets --------------------------------------------------------------------------------- */

void icount_begin(CPUState *cpu, int64_t limit)
{
    CPUTCGState *env = cpu_tcg(cpu);

    ic.budget = CLAMP(deadline_insns(), 1, limit);
    env->icount_left = ic.budget;
    env->insn_idx = 0;
    qatomic_set(&ic.running, cpu);
}

int64_t icount_end(CPUState *cpu)
{
    int64_t executed = executed_so_far();

    qatomic_set(&ic.running, NULL);
    ic.count += (uint64_t)executed;
    cpu_priv(cpu)->retired += (uint64_t)executed;
    publish();
    return executed;
}

void icount_left_code(CPUState *cpu, uint64_t status, bool trapped)
{
    CPUTCGState *env = cpu_tcg(cpu);

    if (status != TCG_EXIT_ICOUNT) {
        env->icount_left += env->insn_idx;
    }
    env->insn_idx = 0;
    if (trapped) {
        env->icount_left--;
        cpu_priv(cpu)->retired--;
    }
}

uint64_t icount_retired(CPUTCGState *env)
{
    return env->priv->retired + (ic.running == env->cpu ? (uint64_t)executed_so_far() : 0);
}

/* ---- the host's clock ------------------------------------------------------------------------ */

/* How far guest time is ahead of what it would be at the host's speed. */
static int64_t ahead_ns(void)
{
    return time_at(ic.count) - qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL_RT);
}

static void set_shift(unsigned shift)
{
    int64_t now_ns = time_at(ic.count);

    ic.shift = shift;
    ic.base_ns = now_ns - (int64_t)(ic.count << shift);
}

/* Slower while the guest runs away, faster while it falls behind more and more. */
static void adjust_rate(void)
{
    int64_t host_ns = get_clock(), ahead;

    if (host_ns - ic.adjusted_at_ns < ADJUST_EVERY_NS) {
        return;
    }
    ic.adjusted_at_ns = host_ns;
    ahead = ahead_ns();
    if (ahead > ADJUST_WOBBLE_NS && ahead > ic.last_ahead_ns && ic.shift > 0) {
        set_shift(ic.shift - 1);
    } else if (ahead < -ADJUST_WOBBLE_NS && ahead < ic.last_ahead_ns && ic.shift < SHIFT_MAX) {
        set_shift(ic.shift + 1);
    }
    ic.last_ahead_ns = ahead;
}

/* Now and then, and when it has become more. */
static void tell_late(int64_t late_ns)
{
    int64_t host_ns = get_clock();
    int64_t step = late_ns / LATE_STEP_NS;

    if (late_ns >= LATE_STEP_NS && late_ns > ic.told_late_ns + LATE_STEP_NS &&
        host_ns - ic.told_at_ns > LATE_EVERY_NS) {
        ic.told_at_ns = host_ns;
        ic.told_late_ns = late_ns;
        warn_report("The guest is now late by %.1f to %.1f seconds", (double)step / 10,
                    (double)(step + 1) / 10);
    }
}

int64_t icount_follow_host(void)
{
    int64_t ahead;

    if (ic.is_auto) {
        adjust_rate();
    }
    if (!ic.align) {
        return 0;
    }
    ahead = ahead_ns();
    tell_late(-ahead);
    return ahead < ALIGN_MIN_NS ? 0 : MIN(ahead, ALIGN_MAX_NS);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static bool parse_shift(const char *text, GError **error)
{
    int64_t shift;

    ic.is_auto = g_str_equal(text, "auto");
    if (ic.is_auto) {
        ic.shift = SHIFT_AUTO_START;
        return true;
    }
    if (qemu_strtoi64(text, NULL, 0, &shift) < 0 || shift < 0 || shift > SHIFT_MAX) {
        error_setg(error, "icount: Invalid shift value");
        error_append_hint(error, "An instruction takes 2^shift ns: give 0 to %d, or auto.\n",
                          SHIFT_MAX);
        return false;
    }
    ic.shift = (unsigned)shift;
    return true;
}

bool icount_configure(QemuOpts *opts, GError **error)
{
    const char *shift = qemu_opt_get(opts, "shift");
    const char *rr = qemu_opt_get(opts, "rr");
    bool align = false, sleep = true;

    if (rr) {
        error_setg(error, "rr=%s: record and replay is not supported yet", rr);
        return false;
    }
    if (!qemu_opt_get_bool(opts, "align", &align, error) ||
        !qemu_opt_get_bool(opts, "sleep", &sleep, error) || !qemu_opts_check_unused(opts, error)) {
        return false;
    }
    if (!shift && align) {
        error_setg(error, "Please specify shift option when using align");
        return false;
    }
    if (align && !sleep) {
        error_setg(error, "align=on and sleep=off are incompatible");
        return false;
    }
    if (!shift) {
        return true;
    }
    if (!parse_shift(shift, error)) {
        return false;
    }
    ic.align = align;
    ic.jumps = !sleep;
    tcg_accel.icount = true;
    qemu_clock_set_virtual_source(&icount_source);
    return true;
}
