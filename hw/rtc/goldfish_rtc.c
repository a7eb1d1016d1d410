/* SPDX-License-Identifier: MIT */
/*
 * Goldfish real-time clock: nanoseconds since 1970 in two 32-bit halves, and one alarm.
 *
 * TIME_LOW moves all 64 bits: reading it latches the upper half for TIME_HIGH, writing it sets the
 * clock to it and to what was written to TIME_HIGH before. Likewise ALARM_LOW arms the alarm.
 * The guest's clock is a host clock ("clock") plus an offset, chosen at start ("base", what -rtc
 * says) and changed when the guest sets the time. A reset of the machine keeps the time.
 *
 * Source: Android's "Goldfish virtual hardware" document, "Goldfish real-time clock", and Linux'
 * "google,goldfish-rtc" binding. Runs under the BQL. Tests: tests/unit/hw/rtc/test-goldfish-rtc.c.
 */
#include "qemu/osdep.h"

#include "hw/core/fdt-context.h"
#include "hw/core/irq.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/reset.h"
#include "hw/core/sysbus.h"
#include "qemu/error.h"
#include "qemu/log.h"
#include "qemu/timer.h"
#include "system/memory.h"

#define TYPE_GOLDFISH_RTC "goldfish_rtc"
OBJECT_DECLARE_SIMPLE_TYPE(GoldfishRTCState, GOLDFISH_RTC)

enum {
    RTC_TIME_LOW = 0x00,
    RTC_TIME_HIGH = 0x04,
    RTC_ALARM_LOW = 0x08,
    RTC_ALARM_HIGH = 0x0c,
    RTC_IRQ_ENABLED = 0x10,
    RTC_CLEAR_ALARM = 0x14,
    RTC_ALARM_STATUS = 0x18,
    RTC_CLEAR_INTERRUPT = 0x1c,
    RTC_SIZE = 0x24,
};

/* What makes the time go on: -rtc clock=. */
typedef enum RTCClock {
    RTC_CLOCK_HOST, /* the host's wall clock, and its jumps */
    RTC_CLOCK_RT,   /* the host's monotonic clock */
    RTC_CLOCK_VM,   /* guest time: stands while the machine is stopped */
} RTCClock;

struct GoldfishRTCState {
    SysBusDevice parent_obj;

    /* [const] */
    MemoryRegion mmio;
    qemu_irq irq;
    int clock; /* an RTCClock */
    char *base;
    QEMUClockType clock_type;
    QEMUTimer *timer;

    /* [bql] */
    uint64_t offset_ns; /* guest time minus the clock's, modulo 2^64 */
    uint32_t time_high; /* latch between the two halves of the time */
    uint64_t alarm_ns;  /* guest time */
    bool alarm_armed;
    bool irq_pending;
    bool irq_enabled;
};

static uint64_t rtc_now_ns(const GoldfishRTCState *s)
{
    return qemu_clock_get_ns(s->clock_type) + s->offset_ns;
}

static void rtc_update_irq(GoldfishRTCState *s)
{
    qemu_set_irq(s->irq, s->irq_pending && s->irq_enabled);
}

/* The alarm or the time has changed, or the timer has fired: fire now, or set the timer. */
static void rtc_update_alarm(void *opaque)
{
    GoldfishRTCState *s = opaque;
    uint64_t now = rtc_now_ns(s);

    timer_del(s->timer);
    if (s->alarm_armed && s->alarm_ns <= now) {
        s->alarm_armed = false;
        s->irq_pending = true;
        rtc_update_irq(s);
    } else if (s->alarm_armed && s->alarm_ns - now < INT64_MAX) {
        int64_t deadline;

        if (!__builtin_add_overflow(qemu_clock_get_ns(s->clock_type), (int64_t)(s->alarm_ns - now),
                                    &deadline)) {
            timer_mod(s->timer, deadline);
        }
    }
}

static uint64_t rtc_read(void *opaque, hwaddr addr, unsigned size)
{
    GoldfishRTCState *s = opaque;
    uint64_t now;

    switch (addr) {
    case RTC_TIME_LOW:
        now = rtc_now_ns(s);
        s->time_high = now >> 32;
        return (uint32_t)now;
    case RTC_TIME_HIGH:
        return s->time_high;
    case RTC_ALARM_LOW:
        return (uint32_t)s->alarm_ns;
    case RTC_ALARM_HIGH:
        return s->alarm_ns >> 32;
    case RTC_IRQ_ENABLED:
        return s->irq_enabled;
    case RTC_ALARM_STATUS:
        return s->alarm_armed;
    default:
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: read of write-only or reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_GOLDFISH_RTC, addr);
        return 0;
    }
}

static void rtc_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
    GoldfishRTCState *s = opaque;

    switch (addr) {
    case RTC_TIME_LOW:
        s->offset_ns = ((uint64_t)s->time_high << 32 | value) - qemu_clock_get_ns(s->clock_type);
        rtc_update_alarm(s);
        break;
    case RTC_TIME_HIGH:
        s->time_high = value;
        break;
    case RTC_ALARM_LOW:
        s->alarm_ns = (s->alarm_ns >> 32 << 32) | value;
        s->alarm_armed = true;
        rtc_update_alarm(s);
        break;
    case RTC_ALARM_HIGH:
        s->alarm_ns = value << 32 | (uint32_t)s->alarm_ns;
        break;
    case RTC_IRQ_ENABLED:
        s->irq_enabled = value & 1;
        rtc_update_irq(s);
        break;
    case RTC_CLEAR_ALARM:
        s->alarm_armed = false;
        rtc_update_alarm(s);
        break;
    case RTC_CLEAR_INTERRUPT:
        s->irq_pending = false;
        rtc_update_irq(s);
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: write of read-only or reserved offset 0x%" HWADDR_PRIx "\n",
                      TYPE_GOLDFISH_RTC, addr);
        break;
    }
}

static const MemoryRegionOps rtc_ops = {
    .read = rtc_read,
    .write = rtc_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {.min_access_size = 4, .max_access_size = 4},
    .impl = {.min_access_size = 4, .max_access_size = 4},
};

static void rtc_reset_enter(Object *obj, ResetType type)
{
    GoldfishRTCState *s = GOLDFISH_RTC(obj);

    s->alarm_ns = 0;
    s->alarm_armed = false;
    s->irq_pending = false;
    s->irq_enabled = false;
    timer_del(s->timer);
}

static void rtc_reset_hold(Object *obj, ResetType type)
{
    rtc_update_irq(GOLDFISH_RTC(obj));
}

/* The moment "base" names, in ns since 1970. */
static bool rtc_parse_base(const char *base, uint64_t *start_ns, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) date = NULL;
    g_autoptr(GDateTime) now = NULL;

    *start_ns = qemu_clock_get_ns(QEMU_CLOCK_HOST);
    if (g_str_equal(base, "utc")) {
        return true;
    }
    if (g_str_equal(base, "localtime")) {
        now = g_date_time_new_now_local();
        *start_ns += (uint64_t)g_date_time_get_utc_offset(now) * 1000;
        return true;
    }
    if (strchr(base, 'T')) {
        date = g_date_time_new_from_iso8601(base, utc);
    } else {
        g_autofree char *midnight = g_strdup_printf("%sT00:00:00", base);

        date = g_date_time_new_from_iso8601(midnight, utc);
    }
    if (!date) {
        error_setg(error, "invalid datetime format");
        error_append_hint(error, "valid formats: '2006-06-17T16:01:21' or '2006-06-17'\n");
        return false;
    }
    *start_ns = (uint64_t)g_date_time_to_unix(date) * NANOSECONDS_PER_SECOND;
    return true;
}

static bool rtc_realize(DeviceState *dev, GError **error)
{
    static const QEMUClockType types[] = {
        [RTC_CLOCK_HOST] = QEMU_CLOCK_HOST,
        [RTC_CLOCK_RT] = QEMU_CLOCK_REALTIME,
        [RTC_CLOCK_VM] = QEMU_CLOCK_VIRTUAL,
    };
    GoldfishRTCState *s = GOLDFISH_RTC(dev);
    uint64_t start_ns;

    if (!rtc_parse_base(s->base ?: "utc", &start_ns, error)) {
        return false;
    }
    s->clock_type = types[s->clock];
    s->offset_ns = start_ns - qemu_clock_get_ns(s->clock_type);
    s->timer = timer_new_ns(s->clock_type, rtc_update_alarm, s);
    memory_region_init_io(&s->mmio, OBJECT(dev), &rtc_ops, s, TYPE_GOLDFISH_RTC, RTC_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->irq);
    return true;
}

static void rtc_unrealize(DeviceState *dev)
{
    timer_del(GOLDFISH_RTC(dev)->timer);
}

static void rtc_finalize(Object *obj)
{
    timer_free(GOLDFISH_RTC(obj)->timer);
}

static void rtc_fdt(DeviceState *dev, FDTContext *ctx)
{
    FDTNode *node = fdt_context_add_node(ctx, "rtc");

    fdt_context_set_interrupts(ctx, node);
    fdt_context_set_reg(ctx, node);
    fdt_node_set_string(node, "compatible", "google,goldfish-rtc");
}

static const QEnumLookup rtc_clock_lookup = {
    .array = (const char *const[]){"host", "rt", "vm"},
    .size = 3,
};

static const PropertyInfo rtc_prop_clock = {
    .type = "RTCClock",
    .description = "host/rt/vm",
    .enum_table = &rtc_clock_lookup,
    .get = qdev_propinfo_get_enum,
    .set = qdev_propinfo_set_enum,
    .set_default = qdev_propinfo_set_default_enum,
    .default_value = qdev_propinfo_default_enum,
};

static const Property rtc_properties[] = {
    DEFINE_PROP_ENUM("clock", GoldfishRTCState, clock, RTC_CLOCK_HOST, rtc_prop_clock, int),
    DEFINE_PROP_STRING("base", GoldfishRTCState, base),
};

static void rtc_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->desc = "Goldfish real-time clock";
    dc->realize = rtc_realize;
    dc->unrealize = rtc_unrealize;
    dc->fdt = rtc_fdt;
    rc->phases.enter = rtc_reset_enter;
    rc->phases.hold = rtc_reset_hold;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, rtc_properties);
}

static const TypeInfo rtc_types[] = {
    {
        .name = TYPE_GOLDFISH_RTC,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(GoldfishRTCState),
        .instance_finalize = rtc_finalize,
        .class_init = rtc_class_init,
    },
};
DEFINE_TYPES(rtc_types)
