/* SPDX-License-Identifier: MIT */
/*
 * Strings and numbers as users write them: see qemu/cutils.h. No state, any thread. The
 * wording of the messages is what QEMU's users and their scripts know.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"

void pstrcpy(char *buf, size_t size, const char *str)
{
    g_strlcpy(buf, str, size);
}

void pstrcat(char *buf, size_t size, const char *str)
{
    g_strlcat(buf, str, size);
}

bool strstart(const char *str, const char *prefix, const char **rest)
{
    size_t len = strlen(prefix);
    if (strncmp(str, prefix, len) != 0) {
        return false;
    }
    if (rest) {
        *rest = str + len;
    }
    return true;
}

/* What the strto family leaves to its callers: no digits, trailing text. */
static int strto_result(const char *s, const char *end, const char **endptr, int err)
{
    if (endptr) {
        *endptr = end;
    }
    if (end == s || (!endptr && *end)) {
        return -EINVAL;
    }
    return -err;
}

int qemu_strtou64(const char *s, const char **endptr, int base, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(s, &end, base);
    return strto_result(s, end, endptr, errno == ERANGE ? ERANGE : 0);
}

int qemu_strtoi64(const char *s, const char **endptr, int base, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(s, &end, base);
    return strto_result(s, end, endptr, errno == ERANGE ? ERANGE : 0);
}

int qemu_strtoui(const char *s, const char **endptr, int base, unsigned *value)
{
    int64_t wide;
    int ret = qemu_strtoi64(s, endptr, base, &wide);
    *value = CLAMP(wide, 0, UINT_MAX);
    return ret == 0 && wide != *value ? -ERANGE : ret;
}

int qemu_strtoi(const char *s, const char **endptr, int base, int *value)
{
    int64_t wide;
    int ret = qemu_strtoi64(s, endptr, base, &wide);
    *value = CLAMP(wide, INT_MIN, INT_MAX);
    return ret == 0 && wide != *value ? -ERANGE : ret;
}

/* The multiplier of a size suffix; 0 when @c is none. */
static uint64_t suffix_multiplier(char c)
{
    static const char suffixes[] = "BKMGTPE";
    const char *p = c ? strchr(suffixes, g_ascii_toupper(c)) : NULL;
    return p ? 1ULL << (10 * (p - suffixes)) : 0;
}

/*
 * The digits after a decimal point as a fraction *@num / *@den, exact to 18 of them: what
 * is beyond is less than 2^-59 and cannot change the number of bytes of an EiB by half.
 */
static const char *parse_fraction(const char *p, uint64_t *num, uint64_t *den)
{
    *num = 0;
    *den = 1;
    for (; g_ascii_isdigit(*p); p++) {
        if (*den < UINT64_C(1000000000000000000)) {
            *num = *num * 10 + (*p - '0');
            *den *= 10;
        }
    }
    return p;
}

/* @s without its sign: sets *@end (== @s when there is no number) and returns 0 or -ERANGE. */
static int parse_size(const char *s, const char **end, uint64_t default_mul, uint64_t *result)
{
    const char *p = s;
    uint64_t whole = 0, num = 0, den = 1;
    bool is_hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && g_ascii_isxdigit(p[2]);
    int ret = 0;

    *end = s;
    if (is_hex) {
        ret = qemu_strtou64(p, &p, 16, &whole);
        *end = p;
    } else {
        if (g_ascii_isdigit(*p)) {
            ret = qemu_strtou64(p, &p, 10, &whole);
        }
        if (*p == '.' && (p != s || g_ascii_isdigit(p[1]))) {
            p = parse_fraction(p + 1, &num, &den);
        }
        if (p == s) {
            return 0;
        }
        *end = p;
    }

    uint64_t mul = is_hex ? 0 : suffix_multiplier(**end);
    if (mul) {
        (*end)++;
    } else {
        mul = default_mul;
    }
    if (num && mul == 1) {
        *end = s; /* a part of a byte is not a size */
        return 0;
    }
    uint128_t bytes = (uint128_t)whole * mul + ((uint128_t)num * mul + den / 2) / den;
    *result = bytes > UINT64_MAX ? UINT64_MAX : bytes;
    return bytes > UINT64_MAX ? -ERANGE : ret;
}

static int strtosz(const char *s, const char **endptr, uint64_t default_mul, uint64_t *result)
{
    const char *start = s, *end;
    uint64_t bytes = 0;

    while (g_ascii_isspace(*start)) {
        start++;
    }
    bool negative = *start == '-';
    if (negative || *start == '+') {
        start++;
    }
    int ret = parse_size(start, &end, default_mul, &bytes);
    if (end == start) {
        end = s;
    } else if (negative && bytes) {
        bytes = 0;
        ret = -ERANGE;
    }
    *result = bytes;
    return strto_result(s, end, endptr, -ret);
}

int qemu_strtosz(const char *s, const char **endptr, uint64_t *result)
{
    return strtosz(s, endptr, 1, result);
}

int qemu_strtosz_mib(const char *s, const char **endptr, uint64_t *result)
{
    return strtosz(s, endptr, MiB, result);
}

char *size_to_str(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int idx = 0;
    /* Round up a unit early, so that 1023.9 KiB does not become "1.02e+03 KiB". */
    while (idx < ARRAY_SIZE(units) - 1 && bytes >> (10 * idx) >= 1000) {
        idx++;
    }
    return g_strdup_printf("%0.3g %s", (double)bytes / (1ULL << (10 * idx)), units[idx]);
}

bool parse_option_bool(const char *name, const char *text, bool *value, GError **error)
{
    static const char *const words[] = {"off", "on", "no", "yes", "false", "true", "n", "y"};
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        if (g_str_equal(text, words[i])) {
            *value = i & 1;
            return true;
        }
    }
    error_setg(error, "Parameter '%s' expects 'on' or 'off'", name);
    return false;
}

static void set_out_of_range(GError **error, const char *name, const char *text)
{
    error_setg(error, "Value '%s' is out of range for parameter '%s'", text, name);
}

bool parse_option_number(const char *name, const char *text, uint64_t *value, GError **error)
{
    uint64_t number;
    int ret = qemu_strtou64(text, NULL, 0, &number);
    if (ret == 0 && strchr(text, '-') && number) {
        ret = -ERANGE;
    }
    if (ret == -ERANGE) {
        set_out_of_range(error, name, text);
    } else if (ret < 0) {
        error_setg(error, "Parameter '%s' expects a number", name);
    } else {
        *value = number;
    }
    return ret == 0;
}

static bool parse_size_option(const char *name, const char *text, uint64_t default_mul,
                              uint64_t *value, GError **error)
{
    uint64_t bytes;
    int ret = strtosz(text, NULL, default_mul, &bytes);
    if (ret == -ERANGE) {
        set_out_of_range(error, name, text);
    } else if (ret < 0) {
        error_setg(error, "Parameter '%s' expects a non-negative number below 2^64", name);
        error_append_hint(error, "Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, "
                                 "tera-, peta-\nand exabytes, respectively.\n");
    } else {
        *value = bytes;
    }
    return ret == 0;
}

bool parse_option_size(const char *name, const char *text, uint64_t *value, GError **error)
{
    return parse_size_option(name, text, 1, value, error);
}

bool parse_option_size_mib(const char *name, const char *text, uint64_t *value, GError **error)
{
    return parse_size_option(name, text, MiB, value, error);
}

void qemu_hexdump(FILE *fp, const char *prefix, const void *buf, size_t size)
{
    const uint8_t *bytes = buf;
    for (size_t line = 0; line < size; line += 16) {
        size_t n = MIN(16, size - line);
        fprintf(fp, "%s%s%08zx:", prefix, *prefix ? ": " : "", line);
        for (size_t i = 0; i < 16; i++) {
            fputs(i % 4 == 0 ? " " : "", fp);
            if (i < n) {
                fprintf(fp, " %02x", bytes[line + i]);
            } else {
                fputs("   ", fp);
            }
        }
        fputs("  ", fp);
        for (size_t i = 0; i < n; i++) {
            uint8_t c = bytes[line + i];
            fputc(g_ascii_isprint(c) ? c : '.', fp);
        }
        fputc('\n', fp);
    }
}
