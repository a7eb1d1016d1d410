/* SPDX-License-Identifier: MIT */
/*
 * Where things are in the memory of the differential test's machine, and a program's header:
 * the one description, which programs.py reads too (every "#define NAME number" below).
 */
#ifndef TESTS_DIFF_LAYOUT_H
#define TESTS_DIFF_LAYOUT_H

#define RUNNER_PA 0x80000000
#define CODE_PA 0x80800000   /* CODE_PAGES pages that the program runs in */
#define STVEC_PA 0x80810000  /* where a delegated trap goes: a page that holds an ecall */
#define TABLES_PA 0x80820000 /* page tables of levels 0 (4 KiB pages) to 4, a page each */
#define DATA_PA 0x80c00000   /* DATA_PAGES pages; 2 MiB aligned, for the superpage */
#define BLOB_PA 0x82000000   /* a count of programs, 1 for full dumps, the programs */

/* The same under paging: page numbers in the 2 MiB at VA; the superpage is the next 2 MiB. */
#define VA 0x1234600000
#define STVEC_PAGE 16
#define CODE_PAGE 20
#define ALIAS_PAGE 24 /* the code's pages again, for stores */
#define DATA_PAGE 32  /* in the opposite order of the physical pages */
#define SUPERPAGE 512

#define CODE_PAGES 2
#define DATA_PAGES 6
/* Bytes on both sides of the borders of data pages that a program may touch: filled and summed. */
#define ZONE 640
#define MAX_TRAPS 64

/* A program's header, in 64-bit words; its code follows, filled up to 8 bytes. */
#define H_SEED 0
#define H_BYTES 1
#define H_OFFSET 2 /* of its first instruction in the code pages */
#define H_MSTATUS 3
#define H_SATP_MODE 4
#define H_MEDELEG 5
#define H_MENVCFG 6
#define H_SENVCFG 7
#define H_FCSR 8
#define H_PMP_CFG 9 /* of entry 0; entry 1 allows everything */
#define H_PMP_ADDR 10
#define H_TP 11 /* registers that programs do not write */
#define H_SP 12
#define H_S0 13
#define H_S1 14
#define H_PTES 15 /* of the data pages, their rights and reserved bits */
#define H_SUPER_PTE 21
#define H_CODE_PTE 22
#define H_ALIAS_PTE 23
#define H_WORDS 24

#define CONTEXT_SP 256 /* offset of context.sp */

#endif
