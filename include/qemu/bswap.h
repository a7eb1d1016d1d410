/* SPDX-License-Identifier: MIT */
/*
 * Byte order: swaps, conversion between host and a named order, and unaligned loads and
 * stores in a named order. ld and st take sizes b (1), w (2), l (4), q (8); loads that
 * narrow say u or s. None of them is atomic.
 */
#ifndef QEMU_BSWAP_H
#define QEMU_BSWAP_H

static inline uint16_t bswap16(uint16_t x)
{
    return __builtin_bswap16(x);
}

static inline uint32_t bswap32(uint32_t x)
{
    return __builtin_bswap32(x);
}

static inline uint64_t bswap64(uint64_t x)
{
    return __builtin_bswap64(x);
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_BIG_ENDIAN 1
#else
#define HOST_BIG_ENDIAN 0
#endif

/* cpu_to_le32(x), be64_to_cpu(x), ... for each width and order. */
#define BSWAP_CONVERSIONS(order, width, swap)                                                      \
    static inline uint##width##_t cpu_to_##order##width(uint##width##_t x)                         \
    {                                                                                              \
        return (swap) ? bswap##width(x) : x;                                                       \
    }                                                                                              \
    static inline uint##width##_t order##width##_to_cpu(uint##width##_t x)                         \
    {                                                                                              \
        return (swap) ? bswap##width(x) : x;                                                       \
    }

BSWAP_CONVERSIONS(le, 16, HOST_BIG_ENDIAN)
BSWAP_CONVERSIONS(le, 32, HOST_BIG_ENDIAN)
BSWAP_CONVERSIONS(le, 64, HOST_BIG_ENDIAN)
BSWAP_CONVERSIONS(be, 16, !HOST_BIG_ENDIAN)
BSWAP_CONVERSIONS(be, 32, !HOST_BIG_ENDIAN)
BSWAP_CONVERSIONS(be, 64, !HOST_BIG_ENDIAN)

#undef BSWAP_CONVERSIONS

static inline uint8_t ldub_p(const void *p)
{
    return *(const uint8_t *)p;
}

static inline int8_t ldsb_p(const void *p)
{
    return *(const int8_t *)p;
}

static inline void stb_p(void *p, uint8_t v)
{
    *(uint8_t *)p = v;
}

/* ldl_le_p(p), stl_be_p(p, v), ...: @p of any alignment. */
#define BSWAP_ACCESS(ld, st, order, width)                                                         \
    static inline uint##width##_t ld##_##order##_p(const void *p)                                  \
    {                                                                                              \
        uint##width##_t v;                                                                         \
        memcpy(&v, p, sizeof(v));                                                                  \
        return order##width##_to_cpu(v);                                                           \
    }                                                                                              \
    static inline void st##_##order##_p(void *p, uint##width##_t v)                                \
    {                                                                                              \
        v = cpu_to_##order##width(v);                                                              \
        memcpy(p, &v, sizeof(v));                                                                  \
    }

BSWAP_ACCESS(lduw, stw, le, 16)
BSWAP_ACCESS(lduw, stw, be, 16)
BSWAP_ACCESS(ldl, stl, le, 32)
BSWAP_ACCESS(ldl, stl, be, 32)
BSWAP_ACCESS(ldq, stq, le, 64)
BSWAP_ACCESS(ldq, stq, be, 64)

#undef BSWAP_ACCESS

static inline int16_t ldsw_le_p(const void *p)
{
    return (int16_t)lduw_le_p(p);
}

static inline int16_t ldsw_be_p(const void *p)
{
    return (int16_t)lduw_be_p(p);
}

/* @size 1, 2, 4 or 8 bytes, zero-extended; the value's low bytes are stored. */
static inline uint64_t ldn_le_p(const void *p, int size)
{
    switch (size) {
    case 1:
        return ldub_p(p);
    case 2:
        return lduw_le_p(p);
    case 4:
        return ldl_le_p(p);
    case 8:
        return ldq_le_p(p);
    default:
        g_assert_not_reached();
    }
}

static inline uint64_t ldn_be_p(const void *p, int size)
{
    switch (size) {
    case 1:
        return ldub_p(p);
    case 2:
        return lduw_be_p(p);
    case 4:
        return ldl_be_p(p);
    case 8:
        return ldq_be_p(p);
    default:
        g_assert_not_reached();
    }
}

static inline void stn_le_p(void *p, int size, uint64_t v)
{
    switch (size) {
    case 1:
        stb_p(p, v);
        break;
    case 2:
        stw_le_p(p, v);
        break;
    case 4:
        stl_le_p(p, v);
        break;
    case 8:
        stq_le_p(p, v);
        break;
    default:
        g_assert_not_reached();
    }
}

static inline void stn_be_p(void *p, int size, uint64_t v)
{
    switch (size) {
    case 1:
        stb_p(p, v);
        break;
    case 2:
        stw_be_p(p, v);
        break;
    case 4:
        stl_be_p(p, v);
        break;
    case 8:
        stq_be_p(p, v);
        break;
    default:
        g_assert_not_reached();
    }
}

#endif
