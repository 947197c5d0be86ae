"""Dual numbers: a value and its derivatives, over doubles or over mpmath's numbers."""

import math
import random

from functions import FUNCTIONS, PRIMITIVES


class Rejected(Exception):
    """A program says nothing here: too near a kink or a pole, too large, or without a value."""


class Dual:
    """A value and its derivative along each direction that it depends on."""

    def __init__(self, value, slopes=None):
        self.value, self.slopes = value, slopes or {}

    @staticmethod
    def of(x):
        return x if isinstance(x, Dual) else Dual(x)

    @staticmethod
    def combined(value, *terms):
        """The chain rule: the terms are operands with their local derivatives."""
        slopes = {}
        for operand, local in terms:
            for direction, slope in operand.slopes.items():
                slopes[direction] = slopes.get(direction, 0) + local * slope
        return Dual(value, slopes)

    def __neg__(self):
        return Dual.combined(-self.value, (self, -1))

    def __add__(self, other):
        other = Dual.of(other)
        return Dual.combined(self.value + other.value, (self, 1), (other, 1))

    def __sub__(self, other):
        other = Dual.of(other)
        return Dual.combined(self.value - other.value, (self, 1), (other, -1))

    def __mul__(self, other):
        other = Dual.of(other)
        return Dual.combined(self.value * other.value, (self, other.value), (other, self.value))

    def __truediv__(self, other):
        other = Dual.of(other)
        value = self.value / other.value
        return Dual.combined(value, (self, 1 / other.value), (other, -value / other.value))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return Dual.of(other) - self

    def __rtruediv__(self, other):
        return Dual.of(other) / self


class Duals:
    """Evaluates with dual numbers: plain doubles here, other numbers where `m` and `number` say so.

    With noise, every input and every result is moved by up to that part of it, each by its own.
    """

    # How near a kink or jump may come, and how large values and derivatives may become.
    NEAR, LARGEST = 1e-3, 1e6

    def __init__(self, m=math, number=float, noise=None, seed=0):
        self.m, self.number = m, number
        self.noise, self.random = noise, random.Random(seed)

    def constant(self, value):
        return Dual(self.number(value))

    def call(self, function, arguments):
        return FUNCTIONS[function].value(self, *arguments)

    def compare(self, operator, x, y):
        if operator not in ("==", "!=") or x.value != y.value:
            self.kink(x - y)
        holds = {
            "<": x.value < y.value, "<=": x.value <= y.value, ">": x.value > y.value,
            ">=": x.value >= y.value, "==": x.value == y.value, "!=": x.value != y.value}
        return self.constant(holds[operator])

    def settled(self, x):
        """What an operation gives: moved a little where there is noise."""
        numbers = [x.value, *x.slopes.values()]
        self.require(all(abs(n) <= self.LARGEST for n in numbers))
        if not self.noise:
            return x
        moved = [n * (1 + self.noise * self.random.uniform(-1, 1)) for n in numbers]
        return Dual(moved[0], dict(zip(x.slopes, moved[1:])))

    def primitive(self, name, x):
        value, slope = PRIMITIVES[name]
        out = value(self.m, x.value)
        return Dual.combined(out, (x, slope(self.m, x.value, out)))

    def power(self, x, y):
        self.require(x.value > 0 or x.value != 0 and y.value == int(y.value) and not y.slopes)
        out = x.value**y.value
        along_exponent = out * self.m.log(x.value) if x.value > 0 else 0
        return Dual.combined(out, (x, y.value * out / x.value), (y, along_exponent))

    def atan2(self, y, x):
        if x.value < 0:
            self.kink(y)
        square = x.value**2 + y.value**2
        value = self.m.atan2(y.value, x.value)
        return Dual.combined(value, (y, x.value / square), (x, -y.value / square))

    def kink(self, distance):
        self.require(abs(distance.value) >= self.NEAR)

    def require(self, condition):
        if not condition:
            raise Rejected
