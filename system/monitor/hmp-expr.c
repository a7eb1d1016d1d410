/* SPDX-License-Identifier: MIT */
/*
 * Expressions of the human monitor. The grammar, lowest precedence first:
 *
 *     sum   = logic { ("+" | "-") logic }
 *     logic = prod { ("&" | "|" | "^") prod }
 *     prod  = unary { ("*" | "/" | "%") unary }
 *     unary = ("+" | "-" | "~") unary | "(" sum ")" | "'" char "'" | "$" register | number
 *
 * Arithmetic is modulo 2^64, division signed. Threads: BQL. Tests: tests/unit/system/test-hmp.c
 */
#include "qemu/osdep.h"
#include "monitor-internal.h"
#include "qemu/cutils.h"

/* Parentheses and signs nest at most this deep: the parser is recursive. */
#define MAX_DEPTH 64

typedef struct Parser {
    const char *p;
    CPUState *cpu;
    unsigned depth;
    GError **error;
} Parser;

static bool parse_sum(Parser *parser, int64_t *value);

static void next(Parser *parser)
{
    if (*parser->p) {
        parser->p++;
    }
    while (g_ascii_isspace(*parser->p)) {
        parser->p++;
    }
}

static bool parse_number(Parser *parser, int64_t *value)
{
    const char *end;
    uint64_t number;

    if (qemu_strtou64(parser->p, &end, 0, &number) == -ERANGE) {
        error_setg(parser->error, "number too large");
        return false;
    }
    if (end == parser->p) {
        error_setg(parser->error, "invalid char '%c' in expression", *parser->p);
        return false;
    }
    *value = number;
    parser->p = end;
    while (g_ascii_isspace(*parser->p)) {
        parser->p++;
    }
    return true;
}

static bool parse_register(Parser *parser, int64_t *value)
{
    const char *start = ++parser->p;
    g_autofree char *name = NULL;
    uint64_t number;

    while (g_ascii_isalnum(*parser->p) || (*parser->p && strchr("_.:", *parser->p))) {
        parser->p++;
    }
    name = g_strndup(start, parser->p - start);
    if (!parser->cpu) {
        error_setg(parser->error, "No CPU defined");
        return false;
    }
    if (!CPU_GET_CLASS(parser->cpu)->get_register_by_name(parser->cpu, name, &number)) {
        error_setg(parser->error, "unknown register");
        return false;
    }
    *value = number;
    while (g_ascii_isspace(*parser->p)) {
        parser->p++;
    }
    return true;
}

static bool parse_character(Parser *parser, int64_t *value)
{
    parser->p++;
    if (!*parser->p || parser->p[1] != '\'') {
        error_setg(parser->error, "missing terminating \' character");
        return false;
    }
    *value = (uint8_t)*parser->p++;
    next(parser);
    return true;
}

static bool parse_unary(Parser *parser, int64_t *value)
{
    char c = *parser->p;
    bool ok;

    if (parser->depth == MAX_DEPTH) {
        error_setg(parser->error, "expression is too deep");
        return false;
    }
    parser->depth++;
    switch (c) {
    case '+':
    case '-':
    case '~':
        next(parser);
        ok = parse_unary(parser, value);
        *value = c == '-' ? (int64_t)(0 - (uint64_t)*value) : c == '~' ? ~*value : *value;
        break;
    case '(':
        next(parser);
        ok = parse_sum(parser, value);
        if (ok && *parser->p != ')') {
            error_setg(parser->error, "')' expected");
            ok = false;
        }
        next(parser);
        break;
    case '\'':
        ok = parse_character(parser, value);
        break;
    case '$':
        ok = parse_register(parser, value);
        break;
    case '\0':
        error_setg(parser->error, "unexpected end of expression");
        ok = false;
        break;
    default:
        ok = parse_number(parser, value);
    }
    parser->depth--;
    return ok;
}

static bool parse_prod(Parser *parser, int64_t *value)
{
    if (!parse_unary(parser, value)) {
        return false;
    }
    while (*parser->p && strchr("*/%", *parser->p)) {
        char op = *parser->p;
        int64_t right = 0;

        next(parser);
        if (!parse_unary(parser, &right)) {
            return false;
        }
        if (op == '*') {
            *value = (uint64_t)*value * (uint64_t)right;
        } else if (right == 0) {
            error_setg(parser->error, "division by zero");
            return false;
        } else if (right == -1) {
            /* The one quotient that does not fit wraps around. */
            *value = op == '/' ? (int64_t)(0 - (uint64_t)*value) : 0;
        } else {
            *value = op == '/' ? *value / right : *value % right;
        }
    }
    return true;
}

static bool parse_logic(Parser *parser, int64_t *value)
{
    if (!parse_prod(parser, value)) {
        return false;
    }
    while (*parser->p && strchr("&|^", *parser->p)) {
        char op = *parser->p;
        int64_t right = 0;

        next(parser);
        if (!parse_prod(parser, &right)) {
            return false;
        }
        *value = op == '&' ? *value & right : op == '|' ? *value | right : *value ^ right;
    }
    return true;
}

static bool parse_sum(Parser *parser, int64_t *value)
{
    if (!parse_logic(parser, value)) {
        return false;
    }
    while (*parser->p == '+' || *parser->p == '-') {
        char op = *parser->p;
        int64_t right = 0;

        next(parser);
        if (!parse_logic(parser, &right)) {
            return false;
        }
        *value = op == '+' ? (uint64_t)*value + (uint64_t)right :
                             (uint64_t)*value - (uint64_t)right;
    }
    return true;
}

bool hmp_parse_expression(const char **pos, CPUState *cpu, int64_t *value, GError **error)
{
    Parser parser = {.p = *pos, .cpu = cpu, .error = error};

    *value = 0;
    while (g_ascii_isspace(*parser.p)) {
        parser.p++;
    }
    if (!parse_sum(&parser, value)) {
        return false;
    }
    *pos = parser.p;
    return true;
}
