/* SPDX-License-Identifier: MIT */
/*
 * The emulator's main(): the only place that calls exit() and prints the error that ends set-up.
 */
#include "qemu/osdep.h"
#include "qemu/error.h"
#include "system/runstate.h"
#include "vl.h"

int main(int argc, char **argv)
{
    GError *error = NULL;
    int status = EXIT_SUCCESS;

    switch (qemu_init(argc, argv, &error)) {
    case QEMU_INIT_FAILED:
        error_report_err(error);
        status = EXIT_FAILURE;
        break;
    case QEMU_INIT_DONE:
        break;
    case QEMU_INIT_RUN:
        status = qemu_main_loop();
        break;
    }
    qemu_cleanup(status);
    exit(status);
}
