/* SPDX-License-Identifier: MIT */
/* hw/core/gpio.c: groups of lines, their names in the tree, connecting. */
#include "qemu/osdep.h"
#include "hw/core/qdev.h"

typedef struct Board {
    DeviceState parent_obj;
    qemu_irq out[2];
    qemu_irq more[2];
    int last_n, last_level;
} Board;

static void board_set(void *opaque, int n, int level)
{
    Board *board = opaque;

    board->last_n = n;
    board->last_level = level;
}

static void board_init(Object *obj)
{
    Board *board = (Board *)obj;
    DeviceState *dev = DEVICE(obj);

    qdev_init_gpio_in(dev, board_set, 2);
    qdev_init_gpio_in(dev, board_set, 1);
    qdev_init_gpio_in_named(dev, board_set, "clk", 1);
    qdev_init_gpio_out(dev, board->out, 2);
    qdev_init_gpio_out_named(dev, &board->more[0], "irq", 1);
    qdev_init_gpio_out_named(dev, &board->more[1], "irq", 1);
}

static const TypeInfo types[] = {
    {
        .name = "test-board",
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(Board),
        .instance_init = board_init,
    },
};

DEFINE_TYPES(types)

static void test_inputs(void)
{
    DeviceState *dev = qdev_new("test-board");
    Board *board = (Board *)dev;

    qemu_irq_raise(qdev_get_gpio_in(dev, 2));
    g_assert_cmpint(board->last_n, ==, 2);
    g_assert_cmpint(board->last_level, ==, 1);
    qemu_set_irq(qdev_get_gpio_in_named(dev, "clk", 0), 5);
    g_assert_cmpint(board->last_n, ==, 0);
    g_assert_cmpint(board->last_level, ==, 5);
    g_assert_true(object_resolve_path_component(OBJECT(dev), "unnamed-gpio-in[2]") ==
                  OBJECT(qdev_get_gpio_in(dev, 2)));
    g_assert_true(object_resolve_path_component(OBJECT(dev), "clk[0]") ==
                  OBJECT(qdev_get_gpio_in_named(dev, "clk", 0)));
    object_unref(dev);
}

static void test_outputs(void)
{
    DeviceState *source = qdev_new("test-board"), *sink = qdev_new("test-board");
    Board *from = (Board *)source, *to = (Board *)sink;

    g_assert_cmpint(qdev_num_gpio_out(source, NULL), ==, 2);
    g_assert_cmpint(qdev_num_gpio_out(source, "irq"), ==, 2);
    g_assert_cmpint(qdev_num_gpio_out(source, "nothing"), ==, 0);
    g_assert_null(qdev_get_gpio_out_connector(source, "irq", 1));

    qdev_connect_gpio_out_named(source, "irq", 1, qdev_get_gpio_in(sink, 1));
    qemu_irq_raise(from->more[1]);
    g_assert_cmpint(to->last_n, ==, 1);
    g_assert_true(qdev_get_gpio_out_connector(source, "irq", 1) == qdev_get_gpio_in(sink, 1));
    g_assert_true(object_resolve_path_component(OBJECT(source), "irq[1]") ==
                  OBJECT(qdev_get_gpio_in(sink, 1)));

    qdev_connect_gpio_out(source, 0, qdev_get_gpio_in(sink, 2));
    g_assert_true(from->out[0] == qdev_get_gpio_in(sink, 2));
    qdev_connect_gpio_out(source, 0, NULL);
    g_assert_null(from->out[0]);
    object_unref(source);
    object_unref(sink);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hw/core/gpio/inputs", test_inputs);
    g_test_add_func("/hw/core/gpio/outputs", test_outputs);
    return g_test_run();
}
