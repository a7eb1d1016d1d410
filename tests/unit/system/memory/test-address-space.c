/* SPDX-License-Identifier: MIT */
/*
 * Transactions, listeners and the lifetime of views: a listener that only adds and removes
 * sections must at each commit hold exactly the view's ranges; readers that look at the map all
 * the time must never see half a transaction nor a freed view.
 */

#include "qemu/osdep.h"
#include "memory-test.h"
#include "qemu/atomic.h"
#include "qemu/thread.h"
#include "system/address-spaces.h"
#include "system/dirty.h"

static const MemoryRegionOps no_ops;

/* ---- A listener that keeps its own picture ---- */

typedef struct Picture {
    MemoryListener listener;
    GPtrArray *sections; /* of MemoryRegionSection */
    GString *journal;
    bool leaving; /* unregistering: the view stays while the picture empties */
} Picture;

static bool section_equal(const void *a, const void *b)
{
    const MemoryRegionSection *x = a, *y = b;

    return x->mr == y->mr && x->size == y->size && x->readonly == y->readonly &&
           x->offset_within_region == y->offset_within_region &&
           x->offset_within_address_space == y->offset_within_address_space;
}

static gboolean section_equal_func(gconstpointer a, gconstpointer b)
{
    return section_equal(a, b);
}

static void note(MemoryListener *l, const char *what, const MemoryRegionSection *section)
{
    Picture *p = container_of(l, Picture, listener);

    g_string_append_printf(p->journal, "%s:%s@%" PRIx64 " ", what, memory_region_name(section->mr),
                           section->offset_within_address_space);
}

static void picture_begin(MemoryListener *l)
{
    g_string_append(container_of(l, Picture, listener)->journal, "begin ");
}

static void picture_add(MemoryListener *l, MemoryRegionSection *section)
{
    Picture *p = container_of(l, Picture, listener);

    note(l, "add", section);
    for (unsigned i = 0; i < p->sections->len; i++) {
        MemoryRegionSection *s = g_ptr_array_index(p->sections, i);

        /* Nothing may be added on top of what has not been removed. */
        g_assert_true(s->offset_within_address_space + (s->size - 1) <
                          section->offset_within_address_space ||
                      section->offset_within_address_space + (section->size - 1) <
                          s->offset_within_address_space);
    }
    g_ptr_array_add(p->sections, g_memdup2(section, sizeof(*section)));
}

static void picture_del(MemoryListener *l, MemoryRegionSection *section)
{
    Picture *p = container_of(l, Picture, listener);
    guint index;

    note(l, "del", section);
    g_assert_true(
        g_ptr_array_find_with_equal_func(p->sections, section, section_equal_func, &index));
    g_ptr_array_remove_index(p->sections, index);
}

static void picture_log_start(MemoryListener *l, MemoryRegionSection *section, int old, int mask)
{
    note(l, "log_start", section);
}

static void picture_log_stop(MemoryListener *l, MemoryRegionSection *section, int old, int mask)
{
    note(l, "log_stop", section);
}

static bool picture_has(const MemoryRegionSection *section, void *opaque)
{
    unsigned *count = opaque;

    g_assert_cmpuint(*count, >, 0);
    (*count)--;
    return false;
}

static void picture_commit(MemoryListener *l)
{
    Picture *p = container_of(l, Picture, listener);
    unsigned left = p->sections->len;

    g_string_append(p->journal, "commit ");
    RCU_READ_LOCK_GUARD();
    if (!p->leaving) {
        flatview_for_each_range(address_space_to_flatview(l->address_space), picture_has, &left);
    }
}

static void picture_init(Picture *p, AddressSpace *as)
{
    *p = (Picture){
        .listener =
            {
                .begin = picture_begin,
                .commit = picture_commit,
                .region_add = picture_add,
                .region_del = picture_del,
                .log_start = picture_log_start,
                .log_stop = picture_log_stop,
                .name = "picture",
            },
        .sections = g_ptr_array_new_with_free_func(g_free),
        .journal = g_string_new(NULL),
    };
    memory_listener_register(&p->listener, as);
}

static bool check_section(const MemoryRegionSection *section, void *opaque)
{
    Picture *p = opaque;

    g_assert_true(g_ptr_array_find_with_equal_func(p->sections, section, section_equal_func, NULL));
    return false;
}

/* The picture is the view. */
static void picture_check(Picture *p, AddressSpace *as)
{
    unsigned left = p->sections->len;

    RCU_READ_LOCK_GUARD();
    flatview_for_each_range(address_space_to_flatview(as), check_section, p);
    flatview_for_each_range(address_space_to_flatview(as), picture_has, &left);
    g_assert_cmpuint(left, ==, 0);
}

static void picture_expect(Picture *p, const char *journal)
{
    g_assert_cmpstr(p->journal->str, ==, journal);
    g_string_truncate(p->journal, 0);
}

static void picture_destroy(Picture *p)
{
    p->leaving = true;
    memory_listener_unregister(&p->listener);
    g_assert_cmpuint(p->sections->len, ==, 0);
    g_ptr_array_unref(p->sections);
    g_string_free(p->journal, true);
}

/* ---- Tests ---- */

static void test_listener(void)
{
    MemoryRegion a, b;
    Picture p;
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&a, NULL, &no_ops, NULL, "a", 0x1000);
    memory_region_init_io(&b, NULL, &no_ops, NULL, "b", 0x100);
    memory_region_add_subregion(&s.root, 0x1000, &a);
    picture_init(&p, &s.as);
    picture_expect(&p, "begin add:a@1000 commit ");

    memory_region_add_subregion_overlap(&s.root, 0x1800, &b, 1);
    picture_expect(&p, "begin del:a@1000 add:a@1000 add:b@1800 add:a@1900 commit ");
    picture_check(&p, &s.as);

    /* No change, no call. */
    memory_region_set_enabled(&b, true);
    memory_region_set_address(&b, 0x1800);
    picture_expect(&p, "");

    memory_region_set_log(&b, true, DIRTY_MEMORY_VGA);
    picture_expect(&p, "begin log_start:b@1800 commit ");
    memory_region_set_log(&b, false, DIRTY_MEMORY_VGA);
    picture_expect(&p, "begin log_stop:b@1800 commit ");

    memory_region_transaction_begin();
    memory_region_set_enabled(&b, false);
    memory_region_set_address(&a, 0x4000);
    memory_region_transaction_begin();
    memory_region_set_address(&a, 0x5000);
    memory_region_transaction_commit();
    picture_expect(&p, "");
    memory_region_transaction_commit();
    picture_expect(&p, "begin del:a@1000 del:b@1800 del:a@1900 add:a@5000 commit ");
    picture_check(&p, &s.as);

    picture_destroy(&p);
    memory_region_del_subregion(&s.root, &a);
    memory_region_del_subregion(&s.root, &b);
    memory_test_settle();
    object_unref(&a);
    object_unref(&b);
    space_destroy(&s);
}

typedef struct Ordered {
    MemoryListener listener;
    GString *journal;
} Ordered;

static void ordered_add(MemoryListener *l, MemoryRegionSection *section)
{
    g_string_append_printf(container_of(l, Ordered, listener)->journal, "+%d ", l->priority);
}

static void ordered_del(MemoryListener *l, MemoryRegionSection *section)
{
    g_string_append_printf(container_of(l, Ordered, listener)->journal, "-%d ", l->priority);
}

static void test_listener_order(void)
{
    g_autoptr(GString) journal = g_string_new(NULL);
    static const int priorities[] = {10, 0, 5};
    Ordered ordered[ARRAY_SIZE(priorities)];
    MemoryRegion a;
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&a, NULL, &no_ops, NULL, "a", 0x1000);
    for (unsigned i = 0; i < ARRAY_SIZE(ordered); i++) {
        ordered[i] = (Ordered){
            .listener = {.region_add = ordered_add,
                         .region_del = ordered_del,
                         .priority = priorities[i]},
            .journal = journal,
        };
        memory_listener_register(&ordered[i].listener, &s.as);
    }
    memory_region_add_subregion(&s.root, 0, &a);
    memory_region_del_subregion(&s.root, &a);
    g_assert_cmpstr(journal->str, ==, "+0 +5 +10 -10 -5 -0 ");
    for (unsigned i = 0; i < ARRAY_SIZE(ordered); i++) {
        memory_listener_unregister(&ordered[i].listener);
    }
    memory_test_settle();
    object_unref(&a);
    space_destroy(&s);
}

static void test_listener_random(void)
{
    enum {
        N = 8
    };
    MemoryRegion mr[N];
    Picture p;
    Space s;

    space_init(&s, UINT64_MAX);
    for (unsigned i = 0; i < N; i++) {
        memory_region_init_io(&mr[i], NULL, &no_ops, NULL, "r", g_test_rand_int_range(1, 64));
        memory_region_add_subregion_overlap(&s.root, g_test_rand_int_range(0, 100), &mr[i], i);
    }
    picture_init(&p, &s.as);
    for (unsigned round = 0; round < 500; round++) {
        memory_region_transaction_begin();
        for (unsigned n = g_test_rand_int_range(1, 4); n > 0; n--) {
            MemoryRegion *r = &mr[g_test_rand_int_range(0, N)];

            switch (g_test_rand_int_range(0, 4)) {
            case 0:
                memory_region_set_enabled(r, g_test_rand_bit());
                break;
            case 1:
                memory_region_set_address(r, g_test_rand_int_range(0, 100));
                break;
            case 2:
                memory_region_set_size(r, g_test_rand_int_range(0, 64));
                break;
            default:
                memory_region_set_readonly(r, g_test_rand_bit());
                break;
            }
        }
        memory_region_transaction_commit();
        picture_check(&p, &s.as);
    }
    picture_destroy(&p);
    for (unsigned i = 0; i < N; i++) {
        memory_region_del_subregion(&s.root, &mr[i]);
    }
    memory_test_settle();
    for (unsigned i = 0; i < N; i++) {
        object_unref(&mr[i]);
    }
    space_destroy(&s);
}

typedef struct Changer {
    MemoryListener listener;
    MemoryRegion *to_enable;
} Changer;

static void changer_commit(MemoryListener *l)
{
    memory_region_set_enabled(container_of(l, Changer, listener)->to_enable, true);
}

/* A listener that changes the map in its commit gets another round. */
static void test_change_in_commit(void)
{
    MemoryRegion first, second;
    Changer changer = {.listener.commit = changer_commit, .to_enable = &second};
    hwaddr xlat, len = 1;
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&first, NULL, &no_ops, NULL, "first", 0x10);
    memory_region_init_io(&second, NULL, &no_ops, NULL, "second", 0x10);
    memory_region_set_enabled(&second, false);
    memory_region_add_subregion(&s.root, 0x10, &second);
    memory_listener_register(&changer.listener, &s.as);
    memory_region_add_subregion(&s.root, 0, &first);
    WITH_RCU_READ_LOCK_GUARD() {
        g_assert_true(address_space_translate(&s.as, 0x10, &xlat, &len, false,
                                              MEMTXATTRS_UNSPECIFIED) == &second);
    }
    memory_listener_unregister(&changer.listener);
    memory_region_del_subregion(&s.root, &first);
    memory_region_del_subregion(&s.root, &second);
    memory_test_settle();
    object_unref(&first);
    object_unref(&second);
    space_destroy(&s);
}

static void test_find(void)
{
    MemoryRegion a;
    MemoryRegionSection section;
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&a, NULL, &no_ops, NULL, "a", 0x1000);
    memory_region_add_subregion(&s.root, 0x1000, &a);
    section = memory_region_find(&s.root, 0xf00, 0x200);
    g_assert_true(section.mr == &a);
    g_assert_cmphex(section.offset_within_region, ==, 0);
    g_assert_cmphex(section.offset_within_address_space, ==, 0x1000);
    g_assert_cmphex(section.size, ==, 0x100);
    memory_region_unref(section.mr);
    g_assert_null(memory_region_find(&s.root, 0x2000, UINT64_MAX).mr);
    g_assert_null(memory_region_find(&s.root, 0, 0x1000).mr);
    memory_region_del_subregion(&s.root, &a);
    memory_test_settle();
    object_unref(&a);
    space_destroy(&s);
}

/* ---- RCU ---- */

typedef struct Reader {
    QemuThread thread;
    AddressSpace *as;
    bool stop;
    unsigned long looks;
} Reader;

/* Exactly one of two regions is at address 0 at any time. */
static void *reader_thread(void *opaque)
{
    Reader *r = opaque;

    while (!qatomic_read(&r->stop)) {
        hwaddr xlat, len = 0x1000;
        MemoryRegion *mr;

        RCU_READ_LOCK_GUARD();
        mr = address_space_translate(r->as, 0x800, &xlat, &len, false, MEMTXATTRS_UNSPECIFIED);
        g_assert_false(memory_region_is_unassigned(mr));
        g_assert_cmphex(xlat, ==, 0x800);
        g_assert_cmphex(len, ==, 0x800);
        r->looks++;
    }
    return NULL;
}

static void test_rcu(void)
{
    MemoryRegion odd, even;
    Reader r = {.stop = false};
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(&odd, NULL, &no_ops, NULL, "odd", 0x1000);
    memory_region_init_io(&even, NULL, &no_ops, NULL, "even", 0x1000);
    memory_region_add_subregion(&s.root, 0, &even);
    memory_region_add_subregion(&s.root, 0, &odd);
    memory_region_set_enabled(&odd, false);
    r.as = &s.as;
    g_assert_true(
        qemu_thread_create(&r.thread, "reader", reader_thread, &r, QEMU_THREAD_JOINABLE, NULL));
    for (unsigned i = 0; i < 2000; i++) {
        memory_region_transaction_begin();
        memory_region_set_enabled(&even, i & 1);
        memory_region_set_enabled(&odd, !(i & 1));
        memory_region_transaction_commit();
        if (i % 64 == 0) {
            main_loop_wait(true); /* frees views while the reader looks */
        }
    }
    qatomic_set(&r.stop, true);
    qemu_thread_join(&r.thread);
    memory_region_del_subregion(&s.root, &odd);
    memory_region_del_subregion(&s.root, &even);
    memory_test_settle();
    object_unref(&odd);
    object_unref(&even);
    space_destroy(&s);
}

/* A view keeps the owner of what it shows alive until readers are gone. */
static void test_owner_lifetime(void)
{
    Object *owner = object_new(TYPE_CONTAINER);
    MemoryRegion *mr = g_new0(MemoryRegion, 1);
    unsigned before = owner->ref;
    Space s;

    space_init(&s, UINT64_MAX);
    memory_region_init_io(mr, owner, &no_ops, NULL, "owned", 0x1000);
    g_assert_cmpuint(owner->ref, ==, before);
    memory_region_add_subregion(&s.root, 0, mr);
    g_assert_cmpuint(owner->ref, >, before);
    memory_region_del_subregion(&s.root, mr);
    memory_test_settle();
    g_assert_cmpuint(owner->ref, ==, before);
    object_unparent(OBJECT(mr));
    object_unref(owner);
    g_free(mr);
    space_destroy(&s);
}

static void test_system(void)
{
    memory_map_init();
    g_assert_cmpuint(memory_region_size(get_system_memory()), ==, UINT64_MAX);
    g_assert_cmpstr(address_space_memory.name, ==, "memory");
    g_assert_cmphex(address_space_lduw_le(&address_space_io, 0x3f8, MEMTXATTRS_UNSPECIFIED, NULL),
                    ==, 0xffff);
}

static void add_tests(void)
{
    g_test_add_func("/memory/address-space/listener", test_listener);
    g_test_add_func("/memory/address-space/listener-order", test_listener_order);
    g_test_add_func("/memory/address-space/listener-random", test_listener_random);
    g_test_add_func("/memory/address-space/change-in-commit", test_change_in_commit);
    g_test_add_func("/memory/address-space/find", test_find);
    g_test_add_func("/memory/address-space/rcu", test_rcu);
    g_test_add_func("/memory/address-space/owner-lifetime", test_owner_lifetime);
    g_test_add_func("/memory/address-space/system", test_system);
}

int main(int argc, char **argv)
{
    return memory_test_run(&argc, &argv, add_tests);
}
