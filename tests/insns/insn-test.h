/* SPDX-License-Identifier: MIT */
/* Rows made by gentests.py: one execution of one instruction. */
#ifndef TESTS_INSNS_INSN_TEST_H
#define TESTS_INSNS_INSN_TEST_H

typedef struct InsnTest {
    const char *group; /* "rv_i/add" */
    const char *name;
    uint32_t word;
    uint8_t size; /* bytes */
    uint8_t xlen;
    uint64_t pc; /* next pc */
    int fflags;  /* afterwards; -1: as before */
    int trap;    /* cause; -1: none */
    uint64_t tval;
    /* state before */
    uint8_t priv, fs, frm, fflags_in, cbie;
    bool cbcfe, cbze, tvm, tsr;
    const char *off[4]; /* extensions that are off */
    struct {
        uint8_t index; /* 0 to 31: x, 32 to 63: f */
        uint64_t value;
    } in[4], out[4];
    struct {
        uint32_t va;
        uint8_t size;
        uint64_t value;
    } mem_in[2], mem_out[2];
    struct {
        uint16_t number;
        uint64_t value;
    } csr_in[2], csr_out[2];
    uint8_t nin, nout, nmem_in, nmem_out, ncsr_in, ncsr_out;
} InsnTest;

extern const InsnTest insn_tests[];
extern const unsigned insn_ntests;

#endif
