/* SPDX-License-Identifier: MIT */
/*
 * Golden tests of the optimiser and the back ends. A file tests/tcg/NAME.ir is a comment and
 * sections:
 *
 *   == input           text IR
 *   == quick, == full  what the passes of that level must make of it
 *   == x86-64 quick, == x86-64 full
 *                      the host code of that level; compared on such a host (golden-host.h)
 *   == run ASSIGNMENTS -> OUTCOME
 *                      from a zeroed env with x1=5 and the like, the code must leave like this, at
 *                      every level and on every back end; OUTCOME names everything that changed
 *
 * The table of ops in docs/tcg.md is golden as well. UPDATE_GOLDEN=1 in the environment rewrites
 * all of them: review the difference. Arguments: the folder of the files, docs/tcg.md.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "golden-host.h"
#include "tcg-guest.h"
#include "tcg/tcg-internal.h"

static bool update;

typedef struct Section {
    char *title; /* without "== " */
    GString *body;
} Section;

static void section_free(gpointer p)
{
    Section *s = p;

    g_free(s->title);
    g_string_free(s->body, TRUE);
    g_free(s);
}

/* The first section has no title: the comment in front of all others. */
static GPtrArray *read_sections(const char *path)
{
    GPtrArray *sections = g_ptr_array_new_with_free_func(section_free);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = NULL;
    Section *s = g_new0(Section, 1);

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    s->body = g_string_new(NULL);
    g_ptr_array_add(sections, s);
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "== ")) {
            s = g_new0(Section, 1);
            s->title = g_strdup(lines[i] + 3);
            s->body = g_string_new(NULL);
            g_ptr_array_add(sections, s);
        } else if (lines[i + 1]) {
            g_string_append_printf(s->body, "%s\n", lines[i]);
        }
    }
    return sections;
}

static void write_sections(const char *path, GPtrArray *sections)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (unsigned i = 0; i < sections->len; i++) {
        const Section *s = g_ptr_array_index(sections, i);

        if (s->title) {
            g_string_append_printf(text, "== %s\n", s->title);
        }
        g_string_append(text, s->body->str);
    }
    g_file_set_contents(path, text->str, text->len, &error);
    g_assert_no_error(error);
}

static const char *input_of(GPtrArray *sections)
{
    for (unsigned i = 0; i < sections->len; i++) {
        const Section *s = g_ptr_array_index(sections, i);

        if (s->title && strcmp(s->title, "input") == 0) {
            return s->body->str;
        }
    }
    g_error("no input section");
}

static void parse(TCGContext *c, const char *text)
{
    g_autoptr(GString) why = g_string_new(NULL);

    if (!tcg_parse(c, text, why) || !tcg_verify(c, why)) {
        g_error("%s", why->str);
    }
}

/* What is in the file must be what is found; or is replaced by it. */
static void expect(GString *expected, const char *found, const char *title)
{
    if (update) {
        g_string_assign(expected, found);
    } else if (strcmp(expected->str, found) != 0) {
        g_test_message("section %s should be:\n%s", title, expected->str);
        g_test_message("but is:\n%s", found);
        g_test_fail();
    }
}

static void check_passes(TCGContext *c, const char *input, TCGOptLevel level, Section *s)
{
    g_autoptr(GString) found = g_string_new(NULL);
    g_autoptr(GString) why = g_string_new(NULL);

    parse(c, input);
    tcg_fold(c);
    tcg_optimize(c, level);
    if (!tcg_verify(c, why)) {
        g_error("%s", why->str);
    }
    tcg_dump(c, found);
    g_string_append(found, "\n");
    expect(s->body, found->str, s->title);
    /* Text and back. */
    parse(c, found->str);
    g_string_truncate(why, 0);
    tcg_dump(c, why);
    g_string_append(why, "\n");
    g_assert_cmpstr(found->str, ==, why->str);
}

/* @title: host and level. */
static void check_host_code(TCGContext *c, const char *input, Section *s)
{
    const TCGOptLevel level = g_str_has_suffix(s->title, " full") ? TCG_OPT_FULL : TCG_OPT_QUICK;
    g_autoptr(GString) found = g_string_new(NULL);

    if (!golden_host || !g_str_has_prefix(s->title, golden_host)) {
        return;
    }
    parse(c, input);
    tcg_fold(c);
    if (golden_host_code(c, level, found)) {
        g_string_append(found, "\n");
        expect(s->body, found->str, s->title);
    } else {
        g_test_message("section %s: not compared, another disassembler", s->title);
    }
}

/* ---- runs ---------------------------------------------------------------------------------- */

typedef struct Field {
    const char *name;
    size_t offset, size;
} Field;

#define FIELD(name)                                                                                \
    {                                                                                              \
#name, offsetof(GuestEnv, name), sizeof_field(GuestEnv, name)                              \
    }
static const Field fields[] = {
    FIELD(pc),     FIELD(insn_idx), FIELD(poll), FIELD(rm),     FIELD(fflags),
    FIELD(device), FIELD(fault_va), FIELD(log),  FIELD(icount),
};

/* x3, f0, field2, or one of the above. */
static Field find_field(const char *name)
{
    static const Field arrays[] = {
        {"x", offsetof(GuestEnv, x), 8},
        {"field", offsetof(GuestEnv, field), 4},
        {"f", offsetof(GuestEnv, f), 8},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return fields[i];
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(arrays); i++) {
        const size_t len = strlen(arrays[i].name);

        if (g_str_has_prefix(name, arrays[i].name) && g_ascii_isdigit(name[len])) {
            Field field = arrays[i];

            field.offset += field.size * strtoul(name + len, NULL, 10);
            return field;
        }
    }
    g_error("no field %s", name);
}

static void assign(GuestEnv *env, const char *assignments)
{
    g_auto(GStrv) words = g_strsplit(assignments, " ", -1);

    guest_reset(env, 0);
    memset(env, 0, offsetof(GuestEnv, tlb));
    memset(guest_ram, 0, sizeof(guest_ram));
    for (unsigned i = 0; words[i]; i++) {
        char *equals = strchr(words[i], '=');

        if (equals) {
            Field field;

            *equals = '\0';
            field = find_field(words[i]);
            stn_le_p((uint8_t *)env + field.offset, field.size, strtoull(equals + 1, NULL, 0));
        }
    }
}

static void append_change(GString *out, const GuestEnv *before, const GuestEnv *after,
                          const char *name, size_t offset, size_t size)
{
    const uint64_t was = ldn_le_p((const uint8_t *)before + offset, size);
    const uint64_t is = ldn_le_p((const uint8_t *)after + offset, size);

    if (was != is) {
        g_string_append_printf(out, " %s=0x%" PRIx64, name, is);
    }
}

/* Everything that differs from before. */
static char *outcome(uint64_t status, const GuestEnv *before, const GuestEnv *after)
{
    static const char *const exits[] = {"lookup", "poll",  "trap", "leave", "halt",
                                        "debug",  "yield", "hot",  "icount"};
    GString *out = g_string_new(NULL);

    if (status < ARRAY_SIZE(exits)) {
        g_string_append(out, exits[status]);
    } else if (status < TCG_EXIT_LINK_MIN) {
        g_string_append_printf(out, "user%" PRIu64, status - TCG_EXIT_USER0);
    } else {
        g_string_append_printf(out, "link%" PRIu64, status & 15);
    }
    for (unsigned i = 0; i < GUEST_NX + GUEST_NF + GUEST_FIELDS; i++) {
        g_autofree char *name = i < GUEST_NX ? g_strdup_printf("x%u", i) :
                                i < GUEST_NX + GUEST_NF ?
                                               g_strdup_printf("f%u", i - GUEST_NX) :
                                               g_strdup_printf("field%u", i - GUEST_NX - GUEST_NF);
        const Field field = find_field(name);

        append_change(out, before, after, name, field.offset, field.size);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
        append_change(out, before, after, fields[i].name, fields[i].offset, fields[i].size);
    }
    for (unsigned i = 0; i < sizeof(guest_ram); i += 8) {
        const uint64_t v = ldn_le_p(guest_ram + i, 8);

        if (v) {
            g_string_append_printf(out, " [0x%x]=0x%" PRIx64, GUEST_RAM_VA + i, v);
        }
    }
    return g_string_free(out, FALSE);
}

static void check_run(TCGContext *c, const char *input, Section *s)
{
    const char *arrow = strstr(s->title, "->");
    g_autofree char *assignments =
        g_strndup(s->title, arrow ? (size_t)(arrow - s->title) : strlen(s->title));
    g_autofree char *first = NULL;

    g_strchomp(assignments);
    for (unsigned engine = GUEST_INTERP; engine <= GUEST_HOST; engine++) {
        for (unsigned level = TCG_OPT_NONE; level <= TCG_OPT_FULL; level++) {
            g_autofree char *title = NULL, *found = NULL;
            GuestEnv before, after;
            uint64_t status;

            if (engine == GUEST_HOST && !tcg_host_available()) {
                continue;
            }
            parse(c, input);
            if (level != TCG_OPT_NONE) {
                tcg_fold(c);
            }
            assign(&before, assignments + strlen("run"));
            after = before;
            status = guest_run(c, level, engine, &after, NULL);
            found = outcome(status, &before, &after);
            title = g_strdup_printf("%s -> %s", assignments, found);
            if (!update) {
                g_assert_cmpstr(s->title, ==, title);
            } else if (!first) {
                first = g_steal_pointer(&title);
            } else {
                g_assert_cmpstr(first, ==, title);
            }
        }
    }
    if (first) {
        g_free(s->title);
        s->title = g_steal_pointer(&first);
    }
}

static void test_file(gconstpointer path)
{
    GPtrArray *sections = read_sections(path);
    TCGContext *c = guest_context_new();
    const char *input = input_of(sections);

    guest_layout.counts = strstr(input, "icount") != NULL;
    for (unsigned i = 1; i < sections->len; i++) {
        Section *s = g_ptr_array_index(sections, i);

        if (strcmp(s->title, "quick") == 0) {
            check_passes(c, input, TCG_OPT_QUICK, s);
        } else if (strcmp(s->title, "full") == 0) {
            check_passes(c, input, TCG_OPT_FULL, s);
        } else if (g_str_has_prefix(s->title, "x86-64 ")) {
            check_host_code(c, input, s);
        } else if (g_str_has_prefix(s->title, "run")) {
            check_run(c, input, s);
        } else if (strcmp(s->title, "input") != 0) {
            g_error("unknown section %s", s->title);
        }
    }
    if (update) {
        write_sections(path, sections);
    }
    tcg_context_free(c);
    g_ptr_array_free(sections, TRUE);
}

/* ---- the table in the documentation -------------------------------------------------------- */

static const char *const eval_texts[TCG_NB_OPS] = {
#define OP(name, outs, ins, imms, classes, types, effects, eval) [TCG_OP_##name] = #eval,
#include "tcg/tcg-opc.def"
#undef OP
};

static void append_effects(GString *out, unsigned effects)
{
    static const char *const names[] = {
        "commutes", "reads env", "writes env", "reads memory", "writes memory", "traps",
        "call",     "mark",      "end",        "branch",       "exit",          "FP",
    };
    const char *separator = "";

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        if (effects >> i & 1) {
            g_string_append_printf(out, "%s%s", separator, names[i]);
            separator = ", ";
        }
    }
}

static void test_table(gconstpointer path)
{
    static const char begin[] = "writes this table -->\n", end[] = "<!-- end of ops -->";
    g_autofree char *text = NULL;
    g_autoptr(GString) table = g_string_new("| op | classes | imms | types | effects | value |\n"
                                            "|---|---|---|---|---|---|\n");
    g_autoptr(GString) found = NULL, rest = NULL;
    char *from, *to;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    from = strstr(text, begin) + strlen(begin);
    to = strstr(text, end);
    for (unsigned i = 0; i < TCG_NB_OPS; i++) {
        const TCGOpDef *def = &tcg_op_defs[i];
        g_auto(GStrv) parts = g_strsplit(eval_texts[i], "|", -1);
        /* A bar would end the cell. */
        g_autofree char *eval = g_strjoinv("\\|", parts);

        g_string_append_printf(table, "| %s | %s | %s | %c | ", def->name, def->cls, def->imms,
                               def->types);
        append_effects(table, def->effects);
        g_string_append_printf(table, " | %s%s%s |\n", def->has_eval ? "`" : "",
                               def->has_eval ? eval : "", def->has_eval ? "`" : "");
    }
    found = g_string_new_len(from, to - from);
    expect(found, table->str, "the table of ops in docs/tcg.md");
    if (update) {
        rest = g_string_new_len(text, from - text);
        g_string_append(rest, found->str);
        g_string_append(rest, to);
        g_assert_true(g_file_set_contents(path, rest->str, rest->len, NULL));
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *name;

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 3);
    update = g_strcmp0(g_getenv("UPDATE_GOLDEN"), "1") == 0;
    dir = g_dir_open(argv[1], 0, &error);
    g_assert_no_error(error);
    while ((name = g_dir_read_name(dir))) {
        if (g_str_has_suffix(name, ".ir")) {
            g_autofree char *test = g_strdup_printf("/tcg/golden/%s", name);

            g_test_add_data_func_full(test, g_build_filename(argv[1], name, NULL), test_file,
                                      g_free);
        }
    }
    g_test_add_data_func("/tcg/docs", argv[2], test_table);
    return g_test_run();
}
