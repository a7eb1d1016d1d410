/* SPDX-License-Identifier: MIT */
/*
 * Strings and numbers as users write them. No state, any thread.
 */
#ifndef QEMU_CUTILS_H
#define QEMU_CUTILS_H

/**
 * pstrcpy - copy a string into a buffer, cut to fit, always terminated
 * @size: of @buf in bytes, at least 1
 */
void pstrcpy(char *buf, size_t size, const char *str);

/* The same for appending. */
void pstrcat(char *buf, size_t size, const char *str);

/* Whether @str starts with @prefix; then *@rest (may be NULL) is what follows. */
bool strstart(const char *str, const char *prefix, const char **rest);

/**
 * qemu_strtou64 - an unsigned number in the notation of C
 * @s:      the text; leading white space and a sign are allowed as for strtoull()
 * @endptr: where parsing ended; NULL demands that the whole of @s is the number
 * @base:   0 for 0x, 0 and decimal prefixes, or 2 to 36
 * @value:  the number; on overflow UINT64_MAX, without digits 0
 *
 * Returns 0, -EINVAL (no number, or trailing text when @endptr is NULL) or -ERANGE. A
 * negative number is taken modulo 2^64, as strtoull() does.
 */
int qemu_strtou64(const char *s, const char **endptr, int base, uint64_t *value);

/* Signed: saturates with -ERANGE. */
int qemu_strtoi64(const char *s, const char **endptr, int base, int64_t *value);

/* The same limited to 32 bits and int. */
int qemu_strtoui(const char *s, const char **endptr, int base, unsigned *value);
int qemu_strtoi(const char *s, const char **endptr, int base, int *value);

/**
 * qemu_strtosz - a size in bytes: number and one suffix of B k M G T P E (any case)
 * @s:      decimal with an optional fraction ("1.5G"), or hexadecimal without suffix
 * @endptr: as for qemu_strtou64()
 * @result: bytes; a fraction of a byte is rounded to nearest
 *
 * Suffixes are powers of 1024; none means bytes. Returns 0, -EINVAL or -ERANGE (negative,
 * or 2^64 and more).
 */
int qemu_strtosz(const char *s, const char **endptr, uint64_t *result);

/* The same when a number without suffix means mebibytes, as in -m. */
int qemu_strtosz_mib(const char *s, const char **endptr, uint64_t *result);

/* "1.5 GiB" for 1610612736: three significant digits. Free with g_free(). */
char *size_to_str(uint64_t bytes);

/**
 * parse_option_bool - on, off, yes, no, true, false, y, n
 * @name: of the parameter, for the message
 *
 * Sets *@value and returns true, else "Parameter 'NAME' expects 'on' or 'off'".
 */
bool parse_option_bool(const char *name, const char *text, bool *value, GError **error);

/**
 * parse_option_number - an unsigned 64-bit number
 *
 * Errors: "Parameter 'NAME' expects a number", "Value 'TEXT' is out of range for parameter
 * 'NAME'" (also when negative). *@value is untouched then.
 */
bool parse_option_number(const char *name, const char *text, uint64_t *value, GError **error);

/* A size as for qemu_strtosz(); "Parameter 'NAME' expects a non-negative number below 2^64". */
bool parse_option_size(const char *name, const char *text, uint64_t *value, GError **error);

/* As above, with mebibytes when there is no suffix. */
bool parse_option_size_mib(const char *name, const char *text, uint64_t *value, GError **error);

/**
 * qemu_hexdump - write bytes as lines of offset, 16 hexadecimal bytes and ASCII
 * @fp:     where to
 * @prefix: put before each line and followed by ": "; "" for none
 */
void qemu_hexdump(FILE *fp, const char *prefix, const void *buf, size_t size);

#endif
