"""Dual numbers: a value and its derivatives, over doubles or over mpmath's numbers."""

import math
import random

from functions import FUNCTIONS, PRIMITIVES


class Rejected(Exception):
    """A program says nothing here: too near a kink or a pole, too large, or without a value."""


class Dual:
    """A value and its derivative along each direction that it depends on.

    Where a derivative is taken inside of another one, its duals have a higher level: their values and
    slopes are duals of lower levels in turn. Level 0 is a number that no direction moves.
    """

    def __init__(self, value, slopes=None, level=0):
        self.value, self.slopes, self.level = value, slopes or {}, level

    # By what factor the next number is moved, while there is noise.
    factor = None
    # How many operations there may still be: derivatives within derivatives of tensors multiply.
    patience = math.inf

    @staticmethod
    def of(x):
        return x if isinstance(x, Dual) else Dual(x)

    def at(self, level):
        """The value and the slopes as seen from a level: what is lower does not move there."""
        if self.level == level:
            return self.value, self.slopes
        return (self.value if self.level == 0 else self), {}

    @staticmethod
    def moved(x):
        """A number moved by the noise; what a dual consists of has been."""
        return x if isinstance(x, Dual) else x * Dual.factor()

    @property
    def plain(self):
        """The number itself."""
        return self.value.plain if isinstance(self.value, Dual) else self.value

    @property
    def moves(self):
        """Whether any direction of any level moves it."""
        return bool(self.slopes) or isinstance(self.value, Dual) and self.value.moves

    @staticmethod
    def chained(operands, function):
        """The chain rule: `function` gives the value and each operand's local derivative."""
        Dual.patience -= 1
        if Dual.patience < 0:
            raise Rejected
        level = max(operand.level for operand in operands)
        parts = [operand.at(level) for operand in operands]
        value, *locals_ = function(*(part[0] for part in parts))
        slopes = {}
        for (_, own), local in zip(parts, locals_):
            for direction, slope in own.items():
                slopes[direction] = slopes.get(direction, 0) + local * slope
        if Dual.factor:
            value = Dual.moved(value)
            slopes = {direction: Dual.moved(slope) for direction, slope in slopes.items()}
        if level == 0:
            return Dual.of(value)
        return Dual(value, slopes, level)

    def __neg__(self):
        return Dual.chained([self], lambda x: (-x, -1))

    def __add__(self, other):
        return Dual.chained([self, Dual.of(other)], lambda x, y: (x + y, 1, 1))

    def __sub__(self, other):
        return Dual.chained([self, Dual.of(other)], lambda x, y: (x - y, 1, -1))

    def __mul__(self, other):
        return Dual.chained([self, Dual.of(other)], lambda x, y: (x * y, y, x))

    def __truediv__(self, other):
        return Dual.chained([self, Dual.of(other)], lambda x, y: (x / y, 1 / y, -(x / y) / y))

    def __pow__(self, exponent):
        return Dual.chained([self], lambda x: (x**exponent, exponent * x ** (exponent - 1)))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return Dual.of(other) - self

    def __rtruediv__(self, other):
        return Dual.of(other) / self


class Lifted:
    """The functions of a mathematics library for duals of every level."""

    def __init__(self, duals):
        self.duals, self.pi = duals, duals.base.pi

    def __getattr__(self, name):
        def function(x):
            if isinstance(x, Dual):
                return self.duals.primitive(name, x)
            return getattr(self.duals.base, name)(x)

        return function


class Duals:
    """Evaluates with dual numbers: plain doubles here, other numbers where `m` and `number` say so.

    With noise, every input and every result is moved by up to that part of it, each by its own; with
    `Dual.factor` also what is computed on the way to a derivative.
    """

    # How near a kink or jump may come, and how large values and derivatives may become.
    NEAR, LARGEST = 1e-3, 1e6

    def __init__(self, m=math, number=float, noise=None, seed=0):
        self.base, self.number = m, number
        self.m = Lifted(self)
        self.level = 0  # of the derivative that is being taken
        self.noise, self.random = noise, random.Random(seed)

    def constant(self, value):
        return Dual(self.number(value))

    def call(self, function, arguments):
        return FUNCTIONS[function].value(self, *arguments)

    def compare(self, operator, x, y):
        one, other = x.plain, y.plain
        if operator not in ("==", "!=") or one != other:
            self.kink(x - y)
        holds = {
            "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other,
            "==": one == other, "!=": one != other}
        return self.constant(holds[operator])

    def settled(self, x):
        """What an operation gives: moved a little where there is noise."""
        if isinstance(x, Dual):
            slopes = {direction: self.settled(slope) for direction, slope in x.slopes.items()}
            return Dual(self.settled(x.value), slopes, x.level)
        self.require(abs(x) <= self.LARGEST)
        return x * self.factor() if self.noise else x

    def factor(self):
        """A random number that noise is multiplied with."""
        return 1 + self.noise * self.random.uniform(-1, 1)

    def primitive(self, name, x):
        value, slope = PRIMITIVES[name]

        def chain(x):
            out = self.primitive(name, x) if isinstance(x, Dual) else value(self.base, x)
            return out, slope(self.m, x, out)

        return Dual.chained([x], chain)

    def power(self, x, y):
        exponent = y.plain
        self.require(x.plain > 0 or x.plain != 0 and exponent == int(exponent) and not y.moves)

        def chain(x, y):
            if isinstance(x, Dual) or isinstance(y, Dual):
                out = self.power(Dual.of(x), Dual.of(y))
            else:
                out = x**y
            log = self.m.log(x) if Dual.of(x).plain > 0 else 0
            return out, y * out / x, out * log

        return Dual.chained([x, y], chain)

    def atan2(self, y, x):
        if x.plain < 0:
            self.kink(y)

        def chain(y, x):
            square = x * x + y * y
            if isinstance(x, Dual) or isinstance(y, Dual):
                value = self.atan2(Dual.of(y), Dual.of(x))
            else:
                value = self.base.atan2(y, x)
            return value, x / square, -y / square

        return Dual.chained([y, x], chain)

    def kink(self, distance):
        self.require(abs(distance.plain) >= self.NEAR)

    def require(self, condition):
        if not condition:
            raise Rejected
