#!/usr/bin/env python3
"""Writes Tests/BackstepTests/Reference/operations.json: values and partials correct to a double.

Needs mpmath (pip install mpmath). Only the values are written down here, straight from their
definitions; each partial is a central difference of the value, taken with 800 digits and a step
150 orders of magnitude below the operand, so it shares no formula with Backstep.

    python3 Scripts/reference.py > Tests/BackstepTests/Reference/operations.json
"""

import random
import sys
from fractions import Fraction

import mpmath as m
from mpmath import mpf

m.mp.dps = 800
STEP = mpf(10) ** -150
generator = random.Random(1)


# Points

def uniform(low, high):
    return lambda: generator.uniform(low, high)


def spread(low, high):
    """Positive numbers of every order of magnitude from 10^low to 10^high."""
    return lambda: 10.0 ** generator.uniform(low, high)


def signed(sampler):
    return lambda: sampler() * generator.choice([-1, 1])


def around(center, sampler):
    return lambda: center + sampler()


def mix(*samplers):
    return lambda: generator.choice(samplers)()


def listed(*numbers):
    return lambda: generator.choice(numbers)


ordinary = uniform(-4, 4)
any_real = mix(ordinary, signed(spread(-300, 300)))
moderate = mix(ordinary, signed(spread(-100, 100)))
positive = mix(uniform(0, 4), spread(-300, 300), around(1, signed(spread(-12, -2))))
inside_unit = mix(uniform(-1, 1), signed(spread(-300, -1)), around(1, lambda: -spread(-15, -1)()),
                  around(-1, spread(-15, -1)))
logit = mix(ordinary, uniform(-745, 745), signed(spread(-300, 1)))
probability = mix(uniform(0, 1), spread(-300, -1), around(1, lambda: -spread(-15, -1)()),
                  around(0.5, signed(spread(-15, -2))))
label = mix(listed(0.0, 1.0), uniform(0, 1))


# Values

def cbrt(x):
    return m.sign(x) * m.root(abs(x), 3)


def sigmoid(x):
    return 1 / (1 + m.exp(-x))


def gelu(x):
    return x * m.erfc(-x / m.sqrt(2)) / 2


def huber(a, y, delta):
    rest = abs(a - y)
    return rest**2 / 2 if rest <= delta else delta * (rest - delta / 2)


def power(x, y):
    return m.mpf(1) if y == 0 else m.power(x, y)


OPERATIONS = {
    "add": (lambda x, y: x + y, any_real, any_real),
    "subtract": (lambda x, y: x - y, any_real, any_real),
    "multiply": (lambda x, y: x * y, moderate, moderate),
    "divide": (lambda x, y: x / y, moderate, moderate),
    "negate": (lambda x: -x, any_real),
    "identity": (lambda x: x, any_real),
    "power": (power, positive, mix(ordinary, signed(spread(-300, 2)))),
    "powerConstant": (lambda x, y: power(x, y), signed(mix(uniform(0, 4), spread(-100, 100))),
                      listed(-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 7.0)),
    "sqrt": (m.sqrt, positive),
    "cbrt": (cbrt, any_real),
    "hypot": (m.hypot, any_real, any_real),
    "exp": (m.exp, logit),
    "expm1": (lambda x: m.exp(x) - 1, logit),
    "log": (m.log, positive),
    "log2": (lambda x: m.log(x) / m.log(2), positive),
    "log10": (lambda x: m.log(x) / m.log(10), positive),
    "log1p": (lambda x: m.log(1 + x),
              mix(positive, lambda: -uniform(0, 1)(), lambda: -spread(-300, -1)(),
                  around(-1, spread(-15, -1)))),
    "xlogy": (lambda x, y: x * m.log(y), moderate, positive),
    "sin": (m.sin, any_real),
    "cos": (m.cos, any_real),
    "tan": (m.tan, any_real),
    "asin": (m.asin, inside_unit),
    "acos": (m.acos, inside_unit),
    "atan": (m.atan, any_real),
    "atan2": (m.atan2, any_real, any_real),
    "sinh": (m.sinh, mix(logit, uniform(-710, 710))),
    "cosh": (m.cosh, mix(logit, uniform(-710, 710))),
    "tanh": (m.tanh, mix(logit, uniform(-30, 30))),
    "asinh": (m.asinh, any_real),
    "acosh": (m.acosh, mix(around(1, spread(-15, 0)), around(1, spread(0, 300)))),
    "atanh": (m.atanh, inside_unit),
    "sigmoid": (sigmoid, logit),
    "logSigmoid": (lambda x: m.log(sigmoid(x)), mix(logit, uniform(-1e4, 700))),
    "softplus": (lambda x: m.log(1 + m.exp(x)), mix(logit, uniform(-700, 1e4))),
    "relu": (lambda x: max(x, mpf(0)), any_real),
    "leakyRelu": (lambda x, slope: x if x > 0 else slope * x, moderate, uniform(-1, 2)),
    "elu": (lambda x, alpha: x if x > 0 else alpha * (m.exp(x) - 1), logit, uniform(-1, 2)),
    "gelu": (gelu, mix(ordinary, uniform(-40, 40), signed(spread(-300, 1)))),
    "silu": (lambda x: x * sigmoid(x), logit),
    "erf": (m.erf, mix(ordinary, uniform(-27, 27), signed(spread(-300, 1)))),
    "abs": (abs, any_real),
    "sign": (lambda x: m.sign(x), any_real),
    "floor": (m.floor, uniform(-99, 99)),
    "ceil": (m.ceil, uniform(-99, 99)),
    "round": (lambda x: m.sign(x) * m.floor(abs(x) + mpf(1) / 2), uniform(-99, 99)),
    "minimum": (min, any_real, any_real),
    "maximum": (max, any_real, any_real),
    "clamp": (lambda x, lo, hi: min(max(x, lo), hi), ordinary, uniform(-3, 0), uniform(0, 3)),
    "select": (lambda c, a, b: a if c != 0 else b, listed(0.0, 1.0, -2.5), any_real, any_real),
    "less": (lambda x, y: mpf(x < y), ordinary, ordinary),
    "lessOrEqual": (lambda x, y: mpf(x <= y), ordinary, ordinary),
    "greater": (lambda x, y: mpf(x > y), ordinary, ordinary),
    "greaterOrEqual": (lambda x, y: mpf(x >= y), ordinary, ordinary),
    "equal": (lambda x, y: mpf(x == y), ordinary, ordinary),
    "notEqual": (lambda x, y: mpf(x != y), ordinary, ordinary),
    "binaryCrossEntropy": (lambda a, y: -(y * m.log(a) + (1 - y) * m.log(1 - a)),
                           probability, label),
    "binaryCrossEntropyWithLogits": (lambda z, y: m.log(1 + m.exp(z)) - z * y, logit, label),
    "squaredError": (lambda a, y: (a - y) ** 2, moderate, moderate),
    "absoluteError": (lambda a, y: abs(a - y), moderate, moderate),
    "huberLoss": (huber, ordinary, ordinary, uniform(0.1, 5)),
    "hingeLoss": (lambda a, y: max(mpf(0), 1 - a * y), ordinary, mix(listed(-1.0, 1.0), ordinary)),
    "erfc": (m.erfc, mix(ordinary, uniform(-6, 26), signed(spread(-300, 1)))),
}
# The condition of a choice has a jump at 0, and a constant exponent has no derivative.
WITHOUT_DIFFERENCE = {("select", 0), ("powerConstant", 1)}
POINTS = {1: 60, 2: 60, 3: 40}
# Points that are looked at besides: where the bell curve becomes subnormal, and around the minimum.
ALSO = {"gelu": [[-36 - 0.0631 * i] for i in range(1, 46)] + [[-2 + 0.0331 * i] for i in range(50)]}


# Rows

def nearest(number):
    """The double nearest to a real number; None where that is infinite."""
    sign, mantissa, exponent, _ = mpf(number)._mpf_
    exact = Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * (-1 if sign else 1)
    try:
        return float(exact)
    except OverflowError:
        return None


def partial(name, value, point, slot):
    if (name, slot) in WITHOUT_DIFFERENCE:
        return mpf(0)
    step = STEP * (min(abs(mpf(point[slot])), 1) or 1)
    ends = []
    for direction in (1, -1):
        shifted = [mpf(number) for number in point]
        shifted[slot] += direction * step
        ends.append(value(*shifted))
    return (ends[0] - ends[1]) / (2 * step)


def rows(name, value, samplers):
    found = []
    also = ALSO.get(name, [])
    while len(found) < POINTS[len(samplers)] + len(also):
        point = [sampler() for sampler in samplers] if len(found) >= len(also) else also[len(found)]
        numbers = [value(*[mpf(number) for number in point])]
        numbers += [partial(name, value, point, slot) for slot in range(len(point))]
        doubles = [nearest(number) for number in numbers]
        if None not in doubles:
            found.append([point, doubles[0], doubles[1:]])
    return found


def main():
    print("{")
    for index, (name, (value, *samplers)) in enumerate(OPERATIONS.items()):
        lines = [str(row).replace(" ", "") for row in rows(name, value, samplers)]
        end = "" if index == len(OPERATIONS) - 1 else ","
        print(f'"{name}": [\n  ' + ",\n  ".join(lines) + f"\n]{end}")
        print(name, file=sys.stderr)
    print("}")


if __name__ == "__main__":
    main()
