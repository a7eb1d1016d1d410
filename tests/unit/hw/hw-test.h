/* SPDX-License-Identifier: MIT */
/*
 * What a device's unit test needs: a machine without harts, a clock that the test moves, register
 * accesses, ends of wires, and a back end for characters.
 */
#ifndef TESTS_UNIT_HW_HW_TEST_H
#define TESTS_UNIT_HW_HW_TEST_H

#include "hw/core/runstate.h"
#include "hw/core/sysbus.h"
#include "system/backends/chardev-internal.h"
#include "system/memory.h"

/* Once, first in main(), in place of g_test_init(). The caller then holds the BQL. */
void hw_test_init(int *argc, char ***argv);

/* Realizes @dev and maps its region 0 at @base. Drops the caller's reference. */
void hw_test_map(DeviceState *dev, hwaddr base);
/* Takes it away again, with all it owns. */
void hw_test_unmap(DeviceState *dev);

/* A register access that must succeed; @size is 1, 2, 4 or 8. */
uint64_t hw_test_read(hwaddr addr, unsigned size);
void hw_test_write(hwaddr addr, unsigned size, uint64_t value);
/* One that may fail. */
MemTxResult hw_test_try_read(hwaddr addr, unsigned size);
MemTxResult hw_test_try_write(hwaddr addr, unsigned size, uint64_t value);

/*
 * @count random accesses of all sizes and alignments in [@base, @base + @size), the clock moving
 * now and then. Nothing is expected but that we survive.
 */
void hw_test_fuzz(hwaddr base, hwaddr size, unsigned count);

/* QEMU_CLOCK_VIRTUAL starts at 0 and moves only here; timers that come due are run. */
void hw_test_clock_step(int64_t ns);

/* The other end of a wire. */
typedef struct HwTestSink {
    int level;
    unsigned rises;
} HwTestSink;
qemu_irq hw_test_sink(HwTestSink *sink);
/* All of them, after the devices that drive them. */
void hw_test_free_sinks(void);

/* What the emulated machine asked for; cleared by reading. */
typedef struct HwTestRequests {
    unsigned shutdowns, resets, stops;
    int cause; /* a ShutdownCause; of a stop, the RunState */
    int exit_code;
} HwTestRequests;
HwTestRequests hw_test_take_requests(void);

/* The machine stops or runs on: tells who asked to know. It runs at first. */
void hw_test_set_run_state(RunState state);

/*
 * A character back end: keeps what is written, takes at most @room more bytes (-1: any number),
 * and answers ioctls if @has_lines.
 */
typedef struct HwTestChardev {
    Chardev parent;
    GString *written;
    int room;
    bool has_lines;
    int tiocm_in, tiocm_out, is_break;
    QEMUSerialSetParams params;
    guint num_params;
} HwTestChardev;
/* One at a time; qemu_chr_delete() ends it. */
HwTestChardev *hw_test_chardev_new(void);
/* There is room for @room more bytes: wakes those who wait for it. */
void hw_test_chardev_set_room(HwTestChardev *chr, int room);
/* Offers bytes until the frontend takes no more; returns how many it took. */
int hw_test_chardev_input(HwTestChardev *chr, const char *bytes, int len);

/* Runs the main loop until it has nothing to do. */
void hw_test_run_main_loop(void);

#endif
