"""Every function by its definition, over dual numbers of any kind, and where it may be evaluated.

The domains are the generator's: `Generator.inside` wraps operands so that they stay there. Functions
with kinks or jumps report how near they come to one; `k.kink` rejects what is too near.
"""

from typing import Callable, NamedTuple


class Function(NamedTuple):
    domains: tuple
    value: Callable
    keyword: str | None = None  # the last operand may be left out, or given by this name
    default: float | None = None
    is_flat: bool = False


# Value and derivative of what the mathematics library has; m is `math` or mpmath's context.
PRIMITIVES = {
    "exp": (lambda m, x: m.exp(x), lambda m, x, out: out),
    "expm1": (lambda m, x: m.expm1(x), lambda m, x, out: m.exp(x)),
    "log": (lambda m, x: m.log(x), lambda m, x, out: 1 / x),
    "log10": (lambda m, x: m.log10(x), lambda m, x, out: 1 / (x * m.log(10))),
    "log1p": (lambda m, x: m.log1p(x), lambda m, x, out: 1 / (1 + x)),
    "sqrt": (lambda m, x: m.sqrt(x), lambda m, x, out: 1 / (2 * out)),
    "cbrt": (
        lambda m, x: (1 if x > 0 else -1) * m.exp(m.log(abs(x)) / 3),
        lambda m, x, out: 1 / (3 * out**2)),
    "sin": (lambda m, x: m.sin(x), lambda m, x, out: m.cos(x)),
    "cos": (lambda m, x: m.cos(x), lambda m, x, out: -m.sin(x)),
    "tan": (lambda m, x: m.tan(x), lambda m, x, out: 1 / m.cos(x) ** 2),
    "asin": (lambda m, x: m.asin(x), lambda m, x, out: 1 / m.sqrt((1 - x) * (1 + x))),
    "acos": (lambda m, x: m.acos(x), lambda m, x, out: -1 / m.sqrt((1 - x) * (1 + x))),
    "atan": (lambda m, x: m.atan(x), lambda m, x, out: 1 / (1 + x**2)),
    "sinh": (lambda m, x: m.sinh(x), lambda m, x, out: m.cosh(x)),
    "cosh": (lambda m, x: m.cosh(x), lambda m, x, out: m.sinh(x)),
    "tanh": (lambda m, x: m.tanh(x), lambda m, x, out: 1 / m.cosh(x) ** 2),
    "asinh": (lambda m, x: m.asinh(x), lambda m, x, out: 1 / m.sqrt(1 + x**2)),
    "acosh": (lambda m, x: m.acosh(x), lambda m, x, out: 1 / m.sqrt((x - 1) * (x + 1))),
    "atanh": (lambda m, x: m.atanh(x), lambda m, x, out: 1 / ((1 - x) * (1 + x))),
    "erf": (lambda m, x: m.erf(x), lambda m, x, out: 2 / m.sqrt(m.pi) * m.exp(-(x**2))),
    "erfc": (lambda m, x: m.erfc(x), lambda m, x, out: -2 / m.sqrt(m.pi) * m.exp(-(x**2))),
}


def primitive(name):
    return lambda k, x: k.primitive(name, x)


def absolute(k, x):
    k.kink(x)
    return -x if x.plain < 0 else x


def positive_part(k, x, slope=0):
    k.kink(x)
    return x if x.plain > 0 else slope * x


def elu(k, x, alpha):
    k.kink(x)
    return x if x.plain > 0 else alpha * k.primitive("expm1", x)


def larger(k, x, y):
    k.kink(x - y)
    return x if x.plain > y.plain else y


def smaller(k, x, y):
    return -larger(k, -x, -y)


def sigmoid(k, x):
    if x.plain < 0:
        e = k.primitive("exp", x)
        return e / (1 + e)
    return 1 / (1 + k.primitive("exp", -x))


def softplus(k, x):
    return k.primitive("log1p", k.primitive("exp", x))


def gelu(k, x):
    return x * k.primitive("erfc", -x / k.m.sqrt(k.number(2))) / 2


def bce(k, a, y):
    return -(y * k.primitive("log", a) + (1 - y) * k.primitive("log1p", -a))


def bce_logits(k, z, y):
    # One of two equal forms, so that no large terms cancel.
    return softplus(k, -z) + (1 - y) * z if z.plain > 0 else softplus(k, z) - y * z


def huber(k, a, y, delta):
    rest = a - y
    size = -rest if rest.plain < 0 else rest
    return rest * rest / 2 if size.plain <= delta.plain else delta * (size - delta / 2)


def sign(k, x):
    k.kink(x)
    return k.constant(1 if x.plain > 0 else -1)


def rounded(function):
    """A rounding; its jumps lie where `function` does not give the same on both sides."""

    def value(k, x):
        result = function(k, x.plain)
        for side in (x.plain - k.NEAR, x.plain + k.NEAR):
            k.require(function(k, side) == result)
        return k.constant(result)

    return value


ANY, SMALL, POSITIVE, UNIT, INSIDE, ABOVE_ONE, NONZERO, LABEL, SLOPE = (
    "any", "small", "positive", "unit", "inside", "above one", "nonzero", "label", "slope")

FUNCTIONS = {
    "abs": Function((ANY,), absolute),
    "sign": Function((ANY,), sign, is_flat=True),
    "sqrt": Function((POSITIVE,), primitive("sqrt")),
    "cbrt": Function((NONZERO,), primitive("cbrt")),
    "exp": Function((SMALL,), primitive("exp")),
    "expm1": Function((SMALL,), primitive("expm1")),
    "log": Function((POSITIVE,), primitive("log")),
    "ln": Function((POSITIVE,), primitive("log")),
    "log2": Function((POSITIVE,), lambda k, x: k.primitive("log", x) / k.m.log(k.number(2))),
    "log10": Function((POSITIVE,), primitive("log10")),
    "log1p": Function((INSIDE,), primitive("log1p")),
    "xlogy": Function((ANY, POSITIVE), lambda k, x, y: x * k.primitive("log", y)),
    "sin": Function((ANY,), primitive("sin")),
    "cos": Function((ANY,), primitive("cos")),
    "tan": Function((INSIDE,), primitive("tan")),
    "asin": Function((INSIDE,), primitive("asin")),
    "acos": Function((INSIDE,), primitive("acos")),
    "atan": Function((ANY,), primitive("atan")),
    "atan2": Function((ANY, NONZERO), lambda k, y, x: k.atan2(y, x)),
    "sinh": Function((SMALL,), primitive("sinh")),
    "cosh": Function((SMALL,), primitive("cosh")),
    "tanh": Function((ANY,), primitive("tanh")),
    "asinh": Function((ANY,), primitive("asinh")),
    "acosh": Function((ABOVE_ONE,), primitive("acosh")),
    "atanh": Function((INSIDE,), primitive("atanh")),
    "sigmoid": Function((ANY,), sigmoid),
    "σ": Function((ANY,), sigmoid),
    "logsigmoid": Function((ANY,), lambda k, x: -softplus(k, -x)),
    "softplus": Function((ANY,), softplus),
    "relu": Function((ANY,), positive_part),
    "leaky_relu": Function((ANY, SLOPE), positive_part, "slope", 0.01),
    "elu": Function((SMALL, SLOPE), elu, "alpha", 1),
    "gelu": Function((ANY,), gelu),
    "silu": Function((ANY,), lambda k, x: x * sigmoid(k, x)),
    "erf": Function((ANY,), primitive("erf")),
    "erfc": Function((ANY,), primitive("erfc")),
    "pow": Function((POSITIVE, SMALL), lambda k, x, y: k.power(x, y)),
    "min": Function((ANY, ANY), smaller),
    "max": Function((ANY, ANY), larger),
    "clamp": Function(
        (ANY, ANY, ANY), lambda k, x, low, high: smaller(k, larger(k, x, low), high)),
    "hypot": Function((ANY, NONZERO), lambda k, x, y: k.primitive("sqrt", x * x + y * y)),
    "floor": Function((ANY,), rounded(lambda k, x: k.base.floor(x)), is_flat=True),
    "ceil": Function((ANY,), rounded(lambda k, x: k.base.ceil(x)), is_flat=True),
    "round": Function((ANY,), rounded(lambda k, x: k.base.floor(x + 0.5)), is_flat=True),
    "where": Function((ANY, ANY, ANY), lambda k, c, a, b: a if c.plain != 0 else b),
    "bce": Function((UNIT, LABEL), bce),
    "bce_logits": Function((ANY, LABEL), bce_logits),
    "mse": Function((ANY, ANY), lambda k, a, y: (a - y) * (a - y)),
    "mae": Function((ANY, ANY), lambda k, a, y: absolute(k, a - y)),
    "huber": Function((ANY, ANY, POSITIVE), huber, "delta", 1),
    "hinge": Function((ANY, ANY), lambda k, a, y: positive_part(k, 1 - a * y)),
}
