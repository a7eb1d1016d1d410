# SPDX-License-Identifier: MIT
"""Objects, dictionaries, recursion, a sort."""


class Point:
    def __init__(self, x):
        self.x = x

    def plus(self, other):
        return Point(self.x + other.x)


def table(n):
    d = {}
    for i in range(n):
        d[i * 7919 % 10007] = d.get(i % 977, 0) + i
    return sum(d.values())


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


point, step = Point(0), Point(3)
for _ in range(40000):
    point = point.plus(step)
numbers = sorted(i * 7919 % 100003 for i in range(40000))
print(table(120000), point.x, fib(20), numbers[777], len(" ".join(map(str, numbers))))
