/* SPDX-License-Identifier: MIT */
/* tcg/x86_64/stub.c, tcg/regalloc.c: what is packed beside the code is unpacked the same. */
#include "qemu/osdep.h"

#include "tcg/x86_64/emit.h"

static void test_numbers(void)
{
    for (unsigned bits = 0; bits <= 64; bits++) {
        const uint64_t n = bits ? UINT64_MAX >> (64 - bits) : 0;

        for (unsigned k = 0; k < 3; k++) {
            uint8_t packed[10];
            uint64_t u;
            int64_t s;
            uint8_t *end = ra_put_number(packed, n + k);

            g_assert_cmpint(end - packed, <=, sizeof(packed));
            g_assert_true(ra_get_number(packed, &u) == end);
            g_assert_cmphex(u, ==, n + k);
            end = ra_put_signed(packed, (int64_t) ~(n + k));
            g_assert_cmpint(end - packed, <=, sizeof(packed));
            g_assert_true(ra_get_signed(packed, &s) == end);
            g_assert_cmphex((uint64_t)s, ==, ~(n + k));
        }
    }
}

/* Only what a kind has is kept. */
static void check_stub(StubData d, bool access, bool has_pc)
{
    const uint64_t base_pc = UINT64_C(0xffffffff80001000);
    const StubBase base = {.pc = base_pc << 1 | (d.insn_idx & 1), .cookie = 0x12340};
    uint8_t piece[4096] = {0}, *end;
    const uint32_t from_base = 3000;
    StubBase found;
    StubData out;

    memcpy(piece, &base, sizeof(base));
    end = x86_stub_pack(piece + from_base, &d, from_base, base_pc);
    g_assert_cmpint(end - (piece + from_base), <=, STUB_PACKED_MAX);
    g_assert_true(x86_stub_unpack(piece + from_base, &out, &found) == end);
    g_assert_cmphex(found.pc, ==, base.pc);
    g_assert_cmphex(stub_base_pc(&found), ==, base_pc);
    g_assert_cmphex(found.cookie, ==, base.cookie);
    g_assert_cmpuint(out.kind, ==, d.kind);
    g_assert_cmpuint(out.extra, ==, d.extra);
    if (access) {
        g_assert_cmpint(out.disp, ==, d.disp);
        g_assert_cmphex(out.oi, ==, d.oi);
        g_assert_cmpint(out.ends_haddrs, ==, d.ends_haddrs);
        g_assert_cmpint(out.resume, ==, d.resume);
    }
    if (has_pc) {
        g_assert_cmphex(out.pc, ==, d.pc);
    }
}

static void test_stubs(void)
{
    static const uint64_t pcs[] = {UINT64_C(0xffffffff80001000), UINT64_C(0xffffffff80001ffe),
                                   0x1000, UINT64_MAX};
    static const int32_t disps[] = {0, -1, 2047, -2048, INT32_MAX, INT32_MIN};
    const MemOpIdx ois[] = {0, make_memop_idx(MO_LESL | MO_ALIGN, 1), make_memop_idx(0x7ff, 7),
                            make_memop_idx(MO_64, 255)};

    for (unsigned i = 0; i < 4 * 6 * 4; i++) {
        StubData d = {
            .extra = i % 16,
            .dst = 31,
            .addr = 7,
            .val = i & 1 ? HOST_NO_REG : 2,
            .val2 = 16,
            .insn_idx = (uint16_t)(i * 7),
            .disp = disps[i % 6],
            .oi = ois[i % 4],
            .ends_haddrs = i & 2,
            .resume = -(int32_t)(i * 50),
            .pc = pcs[i % 4],
        };

        for (unsigned kind = STUB_LD; kind <= STUB_LEAVE; kind++) {
            bool access = kind <= STUB_CAS || kind == STUB_FP;

            if (kind == STUB_NAN || kind == STUB_ZERO) {
                continue; /* without data */
            }
            d.kind = (uint8_t)kind;
            check_stub(d, access, kind != STUB_FP);
        }
    }
}

/* Registers by kind: a load has no value, a store no result. */
static void test_registers(void)
{
    StubData d = {.kind = STUB_LD, .dst = 3, .addr = 5, .val = 9, .resume = -9}, out;
    uint8_t piece[64] = {0};
    StubBase base;

    x86_stub_pack(piece + 16, &d, 16, 0);
    x86_stub_unpack(piece + 16, &out, &base);
    g_assert_cmpuint(out.dst, ==, 3);
    g_assert_cmpuint(out.addr, ==, 5);
    d.kind = STUB_ST;
    x86_stub_pack(piece + 16, &d, 16, 0);
    x86_stub_unpack(piece + 16, &out, &base);
    g_assert_cmpuint(out.dst, ==, HOST_NO_REG);
    g_assert_cmpuint(out.addr, ==, 5);
    g_assert_cmpuint(out.val, ==, 9);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stub/numbers", test_numbers);
    g_test_add_func("/stub/stubs", test_stubs);
    g_test_add_func("/stub/registers", test_registers);
    return g_test_run();
}
