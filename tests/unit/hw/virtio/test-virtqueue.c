/* SPDX-License-Identifier: MIT */
/*
 * Split rings: chains of all shapes, indirect tables, wrapping indices, notifications and their
 * suppression both ways, and rings that break every rule. The device of the test copies what it
 * reads to where it may write.
 */
#include "qemu/osdep.h"

#include "virtio-test.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "system/address-spaces.h"

#define TYPE_ECHO_DEVICE "virtqueue-test-echo"
OBJECT_DECLARE_SIMPLE_TYPE(EchoDevice, ECHO_DEVICE)

#define QUEUE_SIZE 256

struct EchoDevice {
    VirtIODevice parent_obj;
    VirtQueue *vq;
    unsigned batch; /* interrupts are for so many at a time; 0: for what there is */
    bool hold;      /* elements are kept in @held */
    bool is_quiet;  /* the driver is asked not to notify */
    GQueue held;
    unsigned handled, turns;
};

static size_t echo(const VirtQueueElement *elem)
{
    size_t len = MIN(elem->out_size, elem->in_size);
    g_autofree char *bytes = g_malloc(len);

    g_assert_cmpuint(iov_size(elem->out_sg, elem->out_num), ==, elem->out_size);
    g_assert_cmpuint(iov_size(elem->in_sg, elem->in_num), ==, elem->in_size);
    iov_to_buf(elem->out_sg, elem->out_num, 0, bytes, len);
    return iov_from_buf(elem->in_sg, elem->in_num, 0, bytes, len);
}

static void echo_finish_held(EchoDevice *s)
{
    while (!g_queue_is_empty(&s->held)) {
        g_autofree VirtQueueElement *elem = g_queue_pop_head(&s->held);

        virtqueue_push(s->vq, elem, echo(elem));
    }
    virtio_notify(&s->parent_obj, s->vq);
}

static void echo_handle_output(VirtIODevice *vdev, VirtQueue *vq)
{
    EchoDevice *s = ECHO_DEVICE(vdev);
    unsigned filled = 0;
    VirtQueueElement *elem;

    s->turns++;
    virtio_queue_set_notification(vq, false);
    while ((elem = virtqueue_pop(vq, sizeof(*elem)))) {
        s->handled++;
        if (s->hold) {
            g_queue_push_tail(&s->held, elem);
            continue;
        }
        virtqueue_fill(vq, elem, echo(elem), filled++);
        virtqueue_element_free(elem);
        if (filled == s->batch) {
            virtqueue_flush(vq, filled);
            virtio_notify(vdev, vq);
            filled = 0;
        }
    }
    virtqueue_flush(vq, filled);
    virtio_notify(vdev, vq);
    if (!s->is_quiet) {
        virtio_queue_set_notification(vq, true);
        if (!virtio_queue_empty(vq)) {
            virtio_queue_schedule(vq);
        }
    }
}

static bool echo_realize(VirtIODevice *vdev, GError **error)
{
    virtio_init(vdev, 42, 0);
    ECHO_DEVICE(vdev)->vq = virtio_add_queue(vdev, QUEUE_SIZE, echo_handle_output);
    return true;
}

static void echo_queue_reset(VirtIODevice *vdev, VirtQueue *vq)
{
    EchoDevice *s = ECHO_DEVICE(vdev);

    while (!g_queue_is_empty(&s->held)) {
        g_autofree VirtQueueElement *elem = g_queue_pop_head(&s->held);

        virtqueue_detach_element(vq, elem);
    }
}

static void echo_reset(VirtIODevice *vdev)
{
    echo_queue_reset(vdev, ECHO_DEVICE(vdev)->vq);
}

static void echo_class_init(ObjectClass *klass, const void *data)
{
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);

    vdc->realize = echo_realize;
    vdc->unrealize = virtio_cleanup;
    vdc->reset = echo_reset;
    vdc->queue_reset = echo_queue_reset;
}

static const TypeInfo echo_types[] = {
    {
        .name = TYPE_ECHO_DEVICE,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance_size = sizeof(EchoDevice),
        .class_init = echo_class_init,
    },
};
DEFINE_TYPES(echo_types)

typedef struct Fixture {
    VtDevice d;
    VtQueue q;
    EchoDevice *echo;
    hwaddr out, in; /* a page each */
} Fixture;

#define ALL_RING_FEATURES (BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) | BIT_ULL(VIRTIO_RING_F_EVENT_IDX))

static void start(Fixture *f, uint64_t features, unsigned num)
{
    f->d.free = VT_RAM_BASE;
    vt_negotiate(&f->d, features);
    vt_queue_init(&f->d, &f->q, 0, num);
    vt_driver_ok(&f->d);
    hw_test_run_main_loop();
    f->out = vt_alloc(&f->d, 4096);
    f->in = vt_alloc(&f->d, 4096);
    for (unsigned i = 0; i < 4096; i++) {
        ((uint8_t *)vt_host(f->out))[i] = i * 7 + 1;
    }
}

static void set_up(Fixture *f, const void *legacy)
{
    vt_plug(&f->d, qdev_new(TYPE_ECHO_DEVICE), GPOINTER_TO_INT(legacy));
    f->echo = ECHO_DEVICE(f->d.vdev);
}

static void tear_down(Fixture *f, const void *legacy)
{
    vt_unplug(&f->d);
}

/* One chain out and back, of @n_out and @n_in pieces of @piece bytes. */
static void round_trip(Fixture *f, unsigned n_out, unsigned n_in, uint32_t piece, bool is_indirect)
{
    g_autofree VtBuffer *buffers = g_new(VtBuffer, n_out + n_in);
    uint32_t len, id, expected = MIN(n_out, n_in) * piece;
    unsigned head;

    memset(vt_host(f->in), 0, 4096);
    for (unsigned i = 0; i < n_out; i++) {
        buffers[i] = (VtBuffer){f->out + i * piece, piece, false};
    }
    for (unsigned i = 0; i < n_in; i++) {
        buffers[n_out + i] = (VtBuffer){f->in + i * piece, piece, true};
    }
    head = is_indirect ? vt_add_indirect(&f->q, buffers, n_out + n_in) :
                         vt_add(&f->q, buffers, n_out + n_in);
    vt_kick(&f->q);
    len = vt_get_used(&f->q, &id);
    g_assert_cmpuint(len, ==, expected);
    g_assert_cmpuint(id, ==, head);
    g_assert_cmpmem(vt_host(f->in), expected, vt_host(f->out), expected);
}

static void test_chains(Fixture *f, const void *legacy)
{
    start(f, ALL_RING_FEATURES, 0);
    round_trip(f, 1, 1, 100, false);
    round_trip(f, 3, 2, 33, false);
    round_trip(f, 0, 1, 10, false);
    round_trip(f, 1, 0, 10, false);
    round_trip(f, 100, 100, 1, false);
    round_trip(f, 1, 1, 4096, true);
    round_trip(f, 100, 156, 16, true);
    round_trip(f, 1, 200, 16, true);
    /* As long as the queue. */
    round_trip(f, QUEUE_SIZE / 2, QUEUE_SIZE / 2, 8, false);
}

/* Some descriptors of the queue's, then one that refers to a table. */
static void test_direct_then_indirect(Fixture *f, const void *legacy)
{
    VtDesc *table;
    hwaddr gpa;

    start(f, ALL_RING_FEATURES, 0);
    gpa = vt_alloc(&f->d, 4096);
    table = vt_host(gpa);
    f->q.desc[5] = (VtDesc){f->out, 10, VT_DESC_NEXT, 9};
    /* The write flag of a table means nothing. */
    f->q.desc[9] = (VtDesc){gpa, 4 * sizeof(VtDesc), VT_DESC_INDIRECT | VT_DESC_WRITE, 77};
    table[0] = (VtDesc){f->out + 10, 5, VT_DESC_NEXT, 3};
    table[3] = (VtDesc){f->in, 100, VT_DESC_WRITE, 1};
    vt_offer(&f->q, 5);
    vt_kick(&f->q);
    g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 15);
    g_assert_cmpmem(vt_host(f->in), 15, vt_host(f->out), 15);
}

/* Buffers without bytes are no buffers. */
static void test_zero_length(Fixture *f, const void *legacy)
{
    VtBuffer buffers[] = {{f->out, 0, false}, {0, 0, false}, {0, 0, true}};

    start(f, ALL_RING_FEATURES, 0);
    g_assert_cmpuint(vt_do(&f->q, buffers, 3), ==, 0);
    buffers[1] = (VtBuffer){f->out, 4, false};
    buffers[2] = (VtBuffer){f->in, 4, true};
    g_assert_cmpuint(vt_do(&f->q, buffers, 3), ==, 4);
}

/* Both indices pass 2^16, in batches of odd sizes. */
static void test_wrap(Fixture *f, const void *legacy)
{
    VtBuffer buffers[] = {{0, 4, false}, {0, 4, true}};
    unsigned done = 0, interrupts;

    start(f, ALL_RING_FEATURES, 16);
    buffers[0].gpa = f->out;
    buffers[1].gpa = f->in;
    vt_set_used_event(&f->q, 0);
    interrupts = f->d.irq.rises;
    while (done < 70000) {
        unsigned n = done % 7 + 1;

        for (unsigned i = 0; i < n; i++) {
            vt_add(&f->q, buffers, 2);
        }
        vt_notify(&f->q);
        for (unsigned i = 0; i < n; i++) {
            g_assert_cmpuint(vt_get_used(&f->q, NULL), ==, 4);
        }
        done += n;
        if (vt_read(&f->d, VT_INTERRUPT_STATUS)) {
            vt_write(&f->d, VT_INTERRUPT_ACK, 1);
            vt_set_used_event(&f->q, f->q.seen_used);
        }
    }
    /* Asking at every end for the next one, the driver is told each time. */
    g_assert_cmpuint(f->d.irq.rises - interrupts, >, 70000 / 7 / 2);
    g_assert_cmpuint(f->echo->handled, ==, done);
}

/* ---- Notifications ---- */

static void add_one(Fixture *f)
{
    vt_add(&f->q, (VtBuffer[]){{f->out, 4, false}, {f->in, 4, true}}, 2);
}

static void take_used(Fixture *f, unsigned n)
{
    while (n-- > 0) {
        vt_get_used(&f->q, NULL);
    }
    g_assert_cmpuint(vt_num_used(&f->q), ==, 0);
}

static void test_interrupt_flag(Fixture *f, const void *legacy)
{
    start(f, 0, 0);
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpint(f->d.irq.level, ==, 1);
    vt_write(&f->d, VT_INTERRUPT_ACK, 1);
    g_assert_cmpint(f->d.irq.level, ==, 0);
    f->q.avail[0] = 1; /* no interrupt */
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpint(f->d.irq.level, ==, 0);
    take_used(f, 2);
    f->q.avail[0] = 0;
    /* A turn without anything used is no news. */
    vt_kick(&f->q);
    g_assert_cmpint(f->d.irq.level, ==, 0);
}

static void test_notify_on_empty(Fixture *f, const void *legacy)
{
    start(f, BIT_ULL(VIRTIO_F_NOTIFY_ON_EMPTY), 0);
    f->q.avail[0] = 1;
    f->echo->batch = 1;
    add_one(f);
    add_one(f);
    vt_kick(&f->q);
    take_used(f, 2);
    g_assert_cmpint(f->d.irq.level, ==, 1);
    g_assert_cmpuint(f->d.irq.rises, ==, 1);
}

static void test_interrupt_event(Fixture *f, const void *legacy)
{
    start(f, ALL_RING_FEATURES, 0);
    add_one(f);
    vt_kick(&f->q); /* the first is told of in any case */
    take_used(f, 1);
    vt_write(&f->d, VT_INTERRUPT_ACK, 1);

    /* Not before three more. */
    vt_set_used_event(&f->q, f->q.seen_used + 2);
    for (unsigned i = 0; i < 2; i++) {
        add_one(f);
        vt_kick(&f->q);
        g_assert_cmpint(f->d.irq.level, ==, 0);
    }
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpint(f->d.irq.level, ==, 1);
    vt_write(&f->d, VT_INTERRUPT_ACK, 1);
    /* It has been passed. */
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpint(f->d.irq.level, ==, 0);
    take_used(f, 4);
}

/* One interrupt for what is used in one turn. */
static void test_batch(Fixture *f, const void *legacy)
{
    start(f, ALL_RING_FEATURES, 0);
    f->echo->turns = 0;
    for (unsigned i = 0; i < 50; i++) {
        add_one(f);
        vt_notify(&f->q);
    }
    hw_test_run_main_loop();
    g_assert_cmpuint(f->echo->turns, ==, 1);
    g_assert_cmpuint(f->d.irq.rises, ==, 1);
    take_used(f, 50);
}

static void test_driver_notifications(Fixture *f, const void *legacy)
{
    start(f, 0, 0);
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmphex(f->q.used[0], ==, 0);
    f->echo->is_quiet = true;
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmphex(f->q.used[0], ==, 1);
    f->echo->is_quiet = false;
    vt_kick(&f->q);
    g_assert_cmphex(f->q.used[0], ==, 0);

    start(f, ALL_RING_FEATURES, 0);
    for (unsigned i = 0; i < 3; i++) {
        add_one(f);
    }
    vt_kick(&f->q);
    g_assert_cmpuint(vt_avail_event(&f->q), ==, 3);
    f->echo->is_quiet = true;
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpuint(vt_avail_event(&f->q), ==, 3);
    g_assert_cmphex(f->q.used[0], ==, 0);
}

/* ---- Buffers that the device keeps ---- */

static void test_held(Fixture *f, const void *legacy)
{
    start(f, ALL_RING_FEATURES, 0);
    f->echo->hold = true;
    add_one(f);
    add_one(f);
    vt_kick(&f->q);
    g_assert_cmpuint(f->echo->held.length, ==, 2);
    g_assert_cmpuint(vt_num_used(&f->q), ==, 0);
    /* The machine stops: what was taken can still be given back. */
    hw_test_set_run_state(RUN_STATE_PAUSED);
    echo_finish_held(f->echo);
    hw_test_set_run_state(RUN_STATE_RUNNING);
    take_used(f, 2);

    add_one(f);
    vt_kick(&f->q);
    vt_write(&f->d, VT_STATUS, 0);
    g_assert_cmpuint(f->echo->held.length, ==, 0);
    g_assert_cmpuint(vt_num_used(&f->q), ==, 0);
}

static void test_unpop(Fixture *f, const void *legacy)
{
    VirtQueueElement *elem;

    start(f, ALL_RING_FEATURES, 0);
    for (unsigned i = 0; i < 2; i++) {
        vt_add(&f->q, (VtBuffer[]){{f->out + i, 1, false}}, 1);
    }
    for (unsigned i = 0; i < 3; i++) {
        elem = virtqueue_pop(f->echo->vq, sizeof(*elem));
        g_assert_cmpuint(elem->index, ==, 0);
        virtqueue_unpop(f->echo->vq, elem);
        virtqueue_element_free(elem);
    }
    vt_kick(&f->q);
    take_used(f, 2);
}

/* The map changes under a queue at work. */
static void test_memory_map_changes(Fixture *f, const void *legacy)
{
    /* They end with their owner, when no reader can see them any more. */
    Object *owner = object_new(TYPE_CONTAINER);
    MemoryRegion *other = g_new0(MemoryRegion, 2);

    object_property_add_child(object_get_root(), "test-owner", owner);
    start(f, ALL_RING_FEATURES, 0);
    f->echo->hold = true;
    add_one(f);
    vt_kick(&f->q);
    memory_region_init(&other[0], owner, "other", 4096);
    memory_region_add_subregion(get_system_memory(), 0x1000, &other[0]);
    echo_finish_held(f->echo);
    take_used(f, 1);
    /* Something covers the rings. */
    memory_region_del_subregion(get_system_memory(), &other[0]);
    memory_region_init_io(&other[1], owner, &unassigned_io_ops, NULL, "cover", 4096);
    memory_region_add_subregion_overlap(get_system_memory(), f->q.desc_gpa, &other[1], 1);
    g_assert_true(f->d.vdev->broken);
    vt_kick(&f->q);
    memory_region_del_subregion(get_system_memory(), &other[1]);
    rcu_drain();
    hw_test_run_main_loop();
    object_unparent(owner);
    object_unref(owner);
    g_free(other);
}

/* ---- Rings that break the rules ---- */

/* The device stops, and works again after a reset. */
static void check_broken(Fixture *f)
{
    unsigned handled = f->echo->handled;

    vt_kick(&f->q);
    g_assert_true(f->d.vdev->broken);
    g_assert_cmpuint(f->echo->handled, ==, handled);
    g_assert_cmpuint(vt_num_used(&f->q), ==, 0);
    if (!f->d.is_legacy) {
        g_assert_cmphex(vt_read(&f->d, VT_STATUS) & VIRTIO_CONFIG_S_NEEDS_RESET, !=, 0);
    }
    vt_kick(&f->q);
    start(f, ALL_RING_FEATURES, 0);
    round_trip(f, 1, 1, 10, false);
    start(f, ALL_RING_FEATURES, 0);
}

static void offer_desc(Fixture *f, VtDesc desc)
{
    f->q.desc[0] = desc;
    vt_offer(&f->q, 0);
}

static void test_hostile_chains(Fixture *f, const void *legacy)
{
    start(f, ALL_RING_FEATURES, 0);
    /* Head out of the table; next out of the table. */
    vt_offer(&f->q, QUEUE_SIZE);
    check_broken(f);
    vt_offer(&f->q, UINT16_MAX);
    check_broken(f);
    offer_desc(f, (VtDesc){f->out, 4, VT_DESC_NEXT, QUEUE_SIZE});
    check_broken(f);
    /* Cycles of one and of two. */
    offer_desc(f, (VtDesc){f->out, 4, VT_DESC_NEXT, 0});
    check_broken(f);
    f->q.desc[1] = (VtDesc){f->out, 0, VT_DESC_NEXT, 0};
    offer_desc(f, (VtDesc){f->out, 0, VT_DESC_NEXT, 1});
    check_broken(f);
    /* To be read after to be written. */
    f->q.desc[1] = (VtDesc){f->out, 4, 0, 0};
    offer_desc(f, (VtDesc){f->in, 4, VT_DESC_WRITE | VT_DESC_NEXT, 1});
    check_broken(f);
    /* Not in RAM: nowhere, in our own registers, beyond the end of RAM, around the end of space. */
    offer_desc(f, (VtDesc){0, 4, 0, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){VT_MMIO_BASE + VT_STATUS, 4, VT_DESC_WRITE, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){VT_RAM_BASE + VT_RAM_SIZE - 4, 8, VT_DESC_WRITE, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){UINT64_MAX - 3, UINT32_MAX, 0, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){VT_RAM_BASE, UINT32_MAX, VT_DESC_WRITE, 0});
    check_broken(f);
}

static void test_hostile_indirect(Fixture *f, const void *legacy)
{
    VtDesc *table;
    hwaddr gpa;

    start(f, ALL_RING_FEATURES, 0);
    gpa = vt_alloc(&f->d, 8192);
    table = vt_host(gpa);
    offer_desc(f, (VtDesc){gpa, 0, VT_DESC_INDIRECT, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){gpa, 24, VT_DESC_INDIRECT, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){gpa, 32, VT_DESC_INDIRECT | VT_DESC_NEXT, 1});
    check_broken(f);
    offer_desc(f, (VtDesc){VT_MMIO_BASE, 32, VT_DESC_INDIRECT, 0});
    check_broken(f);
    offer_desc(f, (VtDesc){VT_RAM_BASE + VT_RAM_SIZE - 16, 32, VT_DESC_INDIRECT, 0});
    check_broken(f);
    /* A table in a table; beyond the table; a cycle in it. */
    table[0] = (VtDesc){gpa, 32, VT_DESC_INDIRECT, 0};
    offer_desc(f, (VtDesc){gpa, 32, VT_DESC_INDIRECT, 0});
    check_broken(f);
    table[0] = (VtDesc){f->out, 4, VT_DESC_NEXT, 2};
    offer_desc(f, (VtDesc){gpa, 32, VT_DESC_INDIRECT, 0});
    check_broken(f);
    table[0] = (VtDesc){f->out, 0, VT_DESC_NEXT, 0};
    offer_desc(f, (VtDesc){gpa, 65536 * 16, VT_DESC_INDIRECT, 0});
    check_broken(f);
}

/* A chain of more descriptors than there may be, each of them right. */
static void test_too_long(Fixture *f, const void *legacy)
{
    unsigned num = VIRTQUEUE_MAX_SIZE + 1;
    g_autofree VtBuffer *buffers = g_new(VtBuffer, num);

    start(f, ALL_RING_FEATURES, 0);
    for (unsigned i = 0; i < num; i++) {
        buffers[i] = (VtBuffer){f->out, 1, false};
    }
    vt_add_indirect(&f->q, buffers, num - 1);
    vt_kick(&f->q);
    take_used(f, 1);
    vt_add_indirect(&f->q, buffers, num);
    check_broken(f);
}

static void test_hostile_indices(Fixture *f, const void *legacy)
{
    static const uint16_t jumps[] = {QUEUE_SIZE + 1, 0x8000, UINT16_MAX};

    start(f, ALL_RING_FEATURES, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(jumps); i++) {
        f->q.avail[1] += jumps[i];
        check_broken(f);
    }
    /* The same descriptor over and over, beyond what the queue has: the device keeps all. */
    f->echo->hold = true;
    f->q.desc[0] = (VtDesc){f->out, 4, 0, 0};
    for (unsigned i = 0; i < QUEUE_SIZE; i++) {
        vt_offer(&f->q, 0);
    }
    vt_kick(&f->q);
    g_assert_cmpuint(f->echo->held.length, ==, QUEUE_SIZE);
    g_assert_false(f->d.vdev->broken);
    vt_offer(&f->q, 0);
    f->echo->hold = false;
    check_broken(f);
}

/* The rings in each other, in the buffers, and the buffers in the rings. */
static void test_overlap(Fixture *f, const void *legacy)
{
    VtBuffer buffers[2];

    start(f, ALL_RING_FEATURES, 0);
    buffers[0] = (VtBuffer){f->out, 4096, false};
    buffers[1] = (VtBuffer){f->q.desc_gpa, 4096, true};
    vt_add(&f->q, buffers, 2);
    vt_kick(&f->q);
    start(f, ALL_RING_FEATURES, 0);
    buffers[1].gpa = f->q.used_gpa;
    buffers[1].len = 2048;
    vt_add(&f->q, buffers, 2);
    vt_kick(&f->q);
    start(f, ALL_RING_FEATURES, 0);
    round_trip(f, 1, 1, 10, false);
}

/*
 * Rings and registers full of random bytes, some of them made to look sensible. Nothing is expected
 * but that each turn ends soon, and that the device works after a reset.
 */
static void scramble(Fixture *f)
{
    for (unsigned i = 0; i < f->q.num; i++) {
        VtDesc *desc = &f->q.desc[i];

        desc->addr = g_test_rand_bit() ? VT_RAM_BASE + g_test_rand_int_range(0, VT_RAM_SIZE) :
                                         (uint64_t)g_test_rand_int() << g_test_rand_int_range(0, 9);
        desc->len = (uint32_t)g_test_rand_int() >> g_test_rand_int_range(0, 32);
        desc->flags = g_test_rand_int_range(0, g_test_rand_bit() ? 8 : 65536);
        desc->next = g_test_rand_bit() ? g_test_rand_int_range(0, f->q.num) : g_test_rand_int();
        f->q.avail[2 + i] = g_test_rand_int_range(0, 8) ? g_test_rand_int_range(0, f->q.num) :
                                                          g_test_rand_int();
    }
    f->q.avail[0] = g_test_rand_int_range(0, 2);
    f->q.avail[1] += g_test_rand_int_range(0, 4) ? g_test_rand_int_range(0, f->q.num + 1) :
                                                   g_test_rand_int();
    vt_set_used_event(&f->q, g_test_rand_int());
}

static void test_fuzz(Fixture *f, const void *legacy)
{
    for (unsigned round = 0; round < 300; round++) {
        start(f, g_test_rand_bit() ? ALL_RING_FEATURES : 0, 1 << g_test_rand_int_range(0, 9));
        f->echo->batch = g_test_rand_int_range(0, 3);
        f->echo->hold = g_test_rand_int_range(0, 4) == 0;
        for (unsigned i = 0; i < 10; i++) {
            int64_t begin = get_clock();

            scramble(f);
            vt_kick(&f->q);
            g_assert_cmpint(get_clock() - begin, <, 10 * NANOSECONDS_PER_SECOND);
        }
        if (f->echo->hold) {
            echo_finish_held(f->echo);
        }
    }
    f->echo->hold = false;
    start(f, ALL_RING_FEATURES, 0);
    round_trip(f, 1, 1, 10, false);
}

int main(int argc, char **argv)
{
    vt_init(&argc, &argv);
#define ADD_ONE(name, func, legacy)                                                                \
    g_test_add("/virtqueue/" name, Fixture, GINT_TO_POINTER(legacy), set_up, func, tear_down)
#define ADD(name, func)                                                                            \
    ADD_ONE("legacy/" name, func, 1);                                                              \
    ADD_ONE("modern/" name, func, 0)
    ADD("chains", test_chains);
    ADD("direct-then-indirect", test_direct_then_indirect);
    ADD("zero-length", test_zero_length);
    ADD("wrap", test_wrap);
    ADD("interrupt-flag", test_interrupt_flag);
    ADD_ONE("legacy/notify-on-empty", test_notify_on_empty, 1);
    ADD("interrupt-event", test_interrupt_event);
    ADD("batch", test_batch);
    ADD("driver-notifications", test_driver_notifications);
    ADD("held", test_held);
    ADD("unpop", test_unpop);
    ADD("memory-map-changes", test_memory_map_changes);
    ADD("hostile-chains", test_hostile_chains);
    ADD("hostile-indirect", test_hostile_indirect);
    ADD("too-long", test_too_long);
    ADD("hostile-indices", test_hostile_indices);
    ADD("overlap", test_overlap);
    ADD("fuzz", test_fuzz);
    return g_test_run();
}
