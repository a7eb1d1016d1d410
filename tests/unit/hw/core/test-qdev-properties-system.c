/* SPDX-License-Identifier: MIT */
/* hw/core/qdev-properties-system.c: naming backends, and refusing what is missing or in use. */
#include "qemu/osdep.h"
#include "hw/core/qdev-properties.h"
#include "system/block.h"
#include "system/chardev.h"
#include "system/net.h"

typedef struct Part {
    DeviceState parent_obj;
    CharBackend chr;
    BlockBackend *blk;
    uint32_t block_size;
    NICConf conf;
} Part;

static const Property part_properties[] = {
    DEFINE_PROP_CHR("chardev", Part, chr),
    DEFINE_PROP_DRIVE("drive", Part, blk),
    DEFINE_PROP_BLOCKSIZE("logical_block_size", Part, block_size),
    DEFINE_PROP_NETDEV("netdev", Part, conf.peers),
    DEFINE_PROP_MACADDR("mac", Part, conf.macaddr),
};

static void part_class_init(ObjectClass *klass, const void *data)
{
    device_class_set_props(DEVICE_CLASS(klass), part_properties);
}

static const TypeInfo types[] = {
    {
        .name = "test-part",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Part),
        .class_init = part_class_init,
    },
};

DEFINE_TYPES(types)

static void assert_error(GError **error, const char *message)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr((*error)->message, ==, message);
    g_clear_error(error);
}

static void test_chardev(void)
{
    Chardev *chr = qemu_chr_new("a", "null", NULL, NULL);
    Chardev *other = qemu_chr_new("b", "null", NULL, NULL);
    DeviceState *first = qdev_new("test-part");
    g_autoptr(DeviceState) second = qdev_new("test-part");
    g_autofree char *name = NULL;
    GError *error = NULL;

    g_assert_nonnull(chr);
    g_assert_false(object_property_parse(OBJECT(first), "chardev", "zz", &error));
    assert_error(&error, "Property 'test-part.chardev' can't find value 'zz'");
    g_assert_true(object_property_parse(OBJECT(first), "chardev", "a", &error));
    name = object_property_get_str(OBJECT(first), "chardev", &error);
    g_assert_cmpstr(name, ==, "a");
    g_assert_true(qemu_chr_fe_get_driver(&((Part *)first)->chr) == chr);

    g_assert_false(object_property_parse(OBJECT(second), "chardev", "a", &error));
    assert_error(&error, "Property 'test-part.chardev' can't take value 'a': chardev 'a' is "
                         "already in use");
    /* Who is refused keeps what it had. */
    g_assert_true(object_property_parse(OBJECT(second), "chardev", "b", &error));
    g_assert_false(object_property_parse(OBJECT(second), "chardev", "a", &error));
    g_clear_error(&error);
    g_assert_true(qemu_chr_fe_get_driver(&((Part *)second)->chr) == other);
    g_assert_true(object_property_parse(OBJECT(second), "chardev", "b", &error));
    /* Given back by the end of the device that had it. */
    object_unref(first);
    g_assert_true(qdev_prop_set_chr(second, "chardev", chr, &error));
    g_assert_true(qdev_prop_set_chr(second, "chardev", NULL, &error));
    g_assert_null(qemu_chr_fe_get_driver(&((Part *)second)->chr));
}

static void test_drive(void)
{
    g_autoptr(QemuOpts)
        opts = qemu_opts_parse("driver=null-co,if=none,id=d", NULL, QEMU_OPTS_NONE, NULL);
    DriveInfo *info = drive_new(opts, "-drive", IF_NONE, NULL);
    DeviceState *first = qdev_new("test-part");
    g_autoptr(DeviceState) second = qdev_new("test-part");
    g_autofree char *name = NULL;
    GError *error = NULL;

    g_assert_nonnull(info);
    g_assert_false(object_property_parse(OBJECT(first), "drive", "zz", &error));
    assert_error(&error, "Property 'test-part.drive' can't find value 'zz'");
    g_assert_true(object_property_parse(OBJECT(first), "drive", "d", &error));
    g_assert_true(((Part *)first)->blk == info->blk);
    name = object_property_get_str(OBJECT(first), "drive", &error);
    g_assert_cmpstr(name, ==, "d");

    g_assert_false(object_property_parse(OBJECT(second), "drive", "d", &error));
    assert_error(&error, "Drive 'd' is already in use by another device");
    g_assert_null(((Part *)second)->blk);
    object_unref(first);
    g_assert_true(object_property_parse(OBJECT(second), "drive", "d", &error));
    /* Again is no conflict with itself. */
    g_assert_true(object_property_parse(OBJECT(second), "drive", "d", &error));
    g_assert_true(object_property_parse(OBJECT(second), "drive", "", &error));
    g_assert_null(blk_get_attached_dev(info->blk));
}

static void test_block_size(void)
{
    static const char *const refused[] = {"1", "256", "513", "4M", "18446744073709551615"};
    g_autoptr(DeviceState) dev = qdev_new("test-part");
    GError *error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_assert_false(
            object_property_parse(OBJECT(dev), "logical_block_size", refused[i], &error));
        assert_error(&error,
                     "parameter logical_block_size must be a power of 2 between 512 and 2097152");
    }
    g_assert_cmpuint(((Part *)dev)->block_size, ==, 0);
    g_assert_true(object_property_parse(OBJECT(dev), "logical_block_size", "2M", &error));
    g_assert_cmpuint(((Part *)dev)->block_size, ==, 2 << 20);
    g_assert_true(object_property_parse(OBJECT(dev), "logical_block_size", "0", &error));
}

static const NetClientInfo backend_info = {
    .type = NET_CLIENT_DRIVER_USER,
    .size = sizeof(NetClientState),
};

static const NetClientInfo nic_info = {
    .type = NET_CLIENT_DRIVER_NIC,
    .size = sizeof(NICState),
};

static void test_netdev(void)
{
    NetClientState *backend = qemu_new_net_client(&backend_info, "test", "n");
    g_autoptr(DeviceState) first = qdev_new("test-part"), second = qdev_new("test-part");
    NICConf *conf = &((Part *)first)->conf;
    g_autofree char *name = NULL, *unset = NULL;
    NICState *nic;
    GError *error = NULL;

    unset = object_property_get_str(OBJECT(first), "netdev", &error);
    g_assert_cmpstr(unset, ==, "");
    g_assert_false(object_property_parse(OBJECT(first), "netdev", "", &error));
    assert_error(&error, "Property 'test-part.netdev' can't find value ''");
    g_assert_true(object_property_parse(OBJECT(first), "netdev", "n", &error));
    g_assert_true(conf->peers.ncs[0] == backend);
    g_assert_cmpint(conf->peers.queues, ==, 1);
    name = object_property_get_str(OBJECT(first), "netdev", &error);
    g_assert_cmpstr(name, ==, "n");

    /* What realize does. */
    nic = qemu_new_nic(&nic_info, conf, "test-part", "first", first);
    g_assert_false(object_property_parse(OBJECT(second), "netdev", "n", &error));
    assert_error(&error, "Property 'test-part.netdev' can't take value 'n', it's in use");
    qemu_del_nic(nic);
    qemu_del_net_client(backend);
}

static void test_mac(void)
{
    g_autoptr(DeviceState) dev = qdev_new("test-part");
    g_autofree char *text = NULL;
    GError *error = NULL;

    g_assert_true(object_property_parse(OBJECT(dev), "mac", "52:54:00:12:34:56", &error));
    g_assert_false(object_property_parse(OBJECT(dev), "mac", "zz", &error));
    assert_error(&error, "Property 'test-part.mac' doesn't take value 'zz'");
    text = object_property_get_str(OBJECT(dev), "mac", &error);
    g_assert_cmpstr(text, ==, "52:54:00:12:34:56");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/qdev-properties-system/chardev", test_chardev);
    g_test_add_func("/hw/core/qdev-properties-system/drive", test_drive);
    g_test_add_func("/hw/core/qdev-properties-system/block-size", test_block_size);
    g_test_add_func("/hw/core/qdev-properties-system/netdev", test_netdev);
    g_test_add_func("/hw/core/qdev-properties-system/mac", test_mac);
    return g_test_run();
}
