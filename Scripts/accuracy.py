#!/usr/bin/env python3
"""Measures how accurate every operation on numbers is, and writes Docs/Accuracy.md.

    BACKSTEP=.build/release/backstep python3 Scripts/accuracy.py [--points 4000] [--seed 1] [NAME ...]

Needs mpmath (pip install mpmath; with gmpy2 it is several times as fast). Each operation is asked for
its value and its gradient by the program itself, at thousands of points: all magnitudes down to the
subnormal ones, close to kinks, zeros and the ends of its domain; then again around the worst of these.
The true numbers come from the definitions in `reference.py` and central differences of them, with as
many digits as the point takes, at least 110. An error is counted in units in the last place of the
true number, or of the scale of an exception in EXCEPTIONS.

Without names it writes the table, and the worst points to Tests/BackstepTests/Reference/worst.json,
where the tests find them; with names it only prints their rows. Ends with 1 if an error exceeds 4.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import random
import subprocess
import sys
from fractions import Fraction

import mpmath as m
from mpmath import mpf

import reference

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT = 4
# Where that of the C library is not enough for it: erfc alone takes 3.7.
LIMITS = {"gelu": 6}
INF = math.inf

# How an operation is written, with x, y and z as its operands.
TEXTS = {
    "add": "x + y", "subtract": "x - y", "multiply": "x*y", "divide": "x/y", "negate": "-x",
    "power": "x^y", "powerConstant": "x^({1})", "logSigmoid": "logsigmoid(x)",
    "leakyRelu": "leaky_relu(x, y)", "select": "where(x, y, z)", "minimum": "min(x, y)",
    "maximum": "max(x, y)", "less": "x < y", "lessOrEqual": "x <= y", "greater": "x > y",
    "greaterOrEqual": "x >= y", "equal": "x == y", "notEqual": "x != y",
    "binaryCrossEntropy": "bce(x, y)", "binaryCrossEntropyWithLogits": "bce_logits(x, y)",
    "squaredError": "mse(x, y)", "absoluteError": "mae(x, y)", "huberLoss": "huber(x, y, z)",
    "hingeLoss": "hinge(x, y)",
}
NAMES = "xyz"

# Where operands lie: the ends of the domain, and what is looked at closely.
ANY = (-INF, INF, [0, 1, -1])
QUARTERS = (-INF, INF, [0] + [k * math.pi / 2 for k in (-3, -2, -1, 1, 2, 3, 4, 7, 100, 12345)])
POSITIVE = (0, INF, [0, 1, 10])
UNIT = (-1, 1, [0, -1, 1, 0.5])
PROBABILITY = (0, 1, [0, 0.25, 0.5, 0.75, 1])
LABEL = (0, 1, [0, 1, 0.5])
ROUNDED = (-1e15, 1e15, [0, 0.5, 1, -0.5, -1.5, 2.5, 7])
SMALL = (-100, 100, [0, 1, -1, 0.5, 2])
DOMAINS = {
    "divide": [ANY, ANY], "power": [POSITIVE, SMALL], "sqrt": [POSITIVE],
    "exp": [(-746, 710, [0, 1, -708.4, 709.78])], "expm1": [(-746, 710, [0, 1, -1, -37, 709.78])],
    "log": [POSITIVE], "log2": [POSITIVE], "log10": [POSITIVE], "log1p": [(-1, INF, [0, -1, -0.5, 1])],
    "xlogy": [ANY, POSITIVE], "sin": [QUARTERS], "cos": [QUARTERS], "tan": [QUARTERS],
    "asin": [UNIT], "acos": [UNIT], "atanh": [UNIT], "acosh": [(1, INF, [1, 2])],
    "atan": [(-INF, INF, [0, 1, -1, 2.0**27])], "sinh": [(-711, 711, [0, 1, 22, 709.7, 710.47])],
    "cosh": [(-711, 711, [0, 1, 22, 709.7, 710.47])], "tanh": [(-400, 400, [0, 0.5, 1, 18, -18, 355])],
    "sigmoid": [(-746, 746, [0, 36, -36, -708.4])], "logSigmoid": [(-1e4, 746, [0, 36, -36, 708.4])],
    "softplus": [(-746, 1e4, [0, 36, -36, -708.4])], "elu": [(-746, INF, [0, -1]), (-1, 2, [0, 1])],
    "leakyRelu": [ANY, (-1, 2, [0, 1, 0.01])], "silu": [(-746, 746, [0, -1.2784645427610738, -708.4])],
    "gelu": [(-38.6, 40, [0, -0.7517915246935645, -37.5, -38.4])],
    "erf": [(-28, 28, [0, 0.84375, 1.25, 6, 26.5])], "erfc": [(-28, 28, [0, 0.84375, 1.25, 6, 26.5])],
    "floor": [ROUNDED], "ceil": [ROUNDED], "round": [ROUNDED],
    "binaryCrossEntropy": [PROBABILITY, LABEL],
    "binaryCrossEntropyWithLogits": [(-746, 746, [0, 36, -36]), LABEL],
    "hingeLoss": [SMALL, SMALL], "huberLoss": [SMALL, SMALL, (0, 100, [0.1, 1])],
    "clamp": [SMALL, (-3, 0, [0]), (0, 3, [0])],
}
EXPONENTS = [
    0.5, -0.5, 1.5, 2.5, 1 / 3, 2.0, 3.0, -1.0, -2.0, -3.0, 5.0, -7.0, 10.0, 20.0, 31.1, -31.1, 99.0, -100.0]
# Operations whose definitions need digits in proportion to an exponent, by a multiple of it.
EXPONENTIAL = {
    name: lambda point: 0.9 * min(abs(point[0]), 1500)
    for name in ("sigmoid", "logSigmoid", "softplus", "silu", "elu", "expm1", "tanh", "sinh", "cosh",
                 "binaryCrossEntropyWithLogits")}
EXPONENTIAL |= dict.fromkeys(("erf", "erfc"), lambda point: 0.9 * min(point[0] ** 2, 900))
# Those whose period is the scale of a step also for large numbers.
PERIODIC = ("sin", "cos", "tan", "floor", "ceil", "round")
# Those where a small operand's square stands beside a large number.
SQUARES = ("hypot", "atan2", "cos", "cosh")


# What is allowed to be less accurate, as in Accuracy.swift: the size that the error is measured of,
# where that is larger than the number's own, and why.
EXCEPTIONS = {
    ("silu", 0): (lambda p: 0.25 if abs(p[0] + 1.2785) < 0.5 else 0,
                  "the derivative crosses 0 at x = -1.2785, where 1 + x and exp(x) cancel: in ULP of 0.25 "
                  "within 0.5 of that point"),
    ("gelu", 0): (lambda p: 0.25 if abs(p[0] + 0.7518) < 1.3 else 0,
                  "the derivative crosses 0 at x = -0.7518, where its two terms cancel: in ULP of 0.25 "
                  "within 1.3 of that point"),
    ("binaryCrossEntropyWithLogits", 0): (
        lambda p: float(min(reference.sigmoid(mpf(p[0])), reference.sigmoid(mpf(-p[0])))),
        "sigmoid(z) - y cancels close to the minimum of a soft label: the derivative along z is in "
        "ULP of the smaller of sigmoid(z) and sigmoid(-z)"),
    ("hingeLoss", None): (lambda p: 1 if abs(p[0] * p[1]) < 2 else 0,
                          "1 - a*y cancels close to the hinge: the value is in ULP of 1"),
    ("huberLoss", 2): (lambda p: abs(p[0] - p[1]),
                       "abs(a - y) - delta cancels close to delta: the derivative along delta is in ULP "
                       "of abs(a - y)"),
}


# Points

def close_to(rng, number):
    if rng.random() < 0.3:
        for _ in range(rng.randint(0, 3)):
            number = math.nextafter(number, rng.choice([-INF, INF]))
        return number
    return number + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-17, 0) * max(1, abs(number))


def drawn(rng, low, high, specials):
    """A number of the domain, of any kind and size."""
    while True:
        match rng.randrange(4):
            case 0:
                number = rng.uniform(max(low, -50), min(high, 50))
            case 1:
                number = rng.uniform(max(low, -800), min(high, 800))
            case 2:
                number = rng.choice([-1, 1]) * min(2.0 ** rng.uniform(-1074, 1023.9999), 1.7e308)
            case _:
                number = close_to(rng, rng.choice(specials))
        if low <= number <= high and number != 0:
            return float(number)


def points(rng, name, samplers, amount):
    domains = DOMAINS.get(name, [ANY] * len(samplers))
    if name in ("select", "powerConstant"):
        domains = None
    found = []
    while len(found) < amount:
        if name == "powerConstant" and rng.random() < 0.7:
            sampler = rng.choice([samplers[0], lambda: drawn(rng, *ANY)])
            found.append([float(sampler()), rng.choice(EXPONENTS)])
        elif domains is None or rng.random() < 0.4:
            found.append([float(sampler()) for sampler in samplers])
        else:
            found.append([drawn(rng, *domain) for domain in domains])
        if len(samplers) == 2 and domains and rng.random() < 0.15:  # operands close to each other
            y = close_to(rng, found[-1][0]) if rng.random() < 0.5 else found[-1][0] * (
                1 + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-17, 0))
            low, high, _ = domains[1]
            if low <= y <= high:
                found[-1][1] = y
    return found


def neighbours(rng, point, name, amount):
    domains = DOMAINS.get(name, [ANY] * len(point))
    for _ in range(amount):
        moved = []
        for number, (low, high, _) in zip(point, domains):
            match rng.randrange(4):
                case 0:
                    other = number
                case 1:
                    other = close_to(rng, number) if abs(number) < 1e3 else number
                case _:
                    other = number * (1 + rng.uniform(-1, 1) * 10.0 ** rng.uniform(-16, -1))
            moved.append(other if low <= other <= high and math.isfinite(other) else number)
        yield moved


# The true numbers

def digits(name, point):
    spread = sum(abs(math.log10(abs(number))) for number in point if number)
    spread *= 2.2 if name in SQUARES else 1
    return int(110 + spread + EXPONENTIAL.get(name, lambda _: 0)(point))


def truth(name, value, point):
    """The value and the derivatives; None where there is none, or it exceeds the doubles."""
    m.mp.dps = digits(name, point)
    try:
        exact = [mpf(number) for number in point]
        middle = mpf(value(*exact))
        found = [middle]
        for slot, number in enumerate(exact):
            if (name, slot) in reference.WITHOUT_DIFFERENCE:
                found.append(mpf(0))
                continue
            size = min(abs(number), 1) if name in PERIODIC else abs(number)
            step = mpf(10) ** -30 * (size or 1)
            ends = []
            for direction in (1, -1):
                shifted = list(exact)
                shifted[slot] = number + direction * step
                ends.append(mpf(value(*shifted)))
            right, left = ends[0] - middle, middle - ends[1]
            if abs(right - left) > mpf(10) ** -10 * (abs(right) + abs(left)) + mpf(10) ** -330 * step:
                return None  # a kink or jump, or the edge of the domain
            found.append((ends[0] - ends[1]) / (2 * step))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    largest = mpf(2) ** 1023 * (2 - mpf(2) ** -53)
    return found if all(m.isfinite(x) and abs(x) < largest for x in found) else None


def ulp(size):
    exponent = m.frexp(size)[1] - 53 if size else -1074
    return mpf(2) ** max(exponent, -1074)


def error(number, exact, scale):
    if not math.isfinite(number):
        return INF
    return float(abs(mpf(number) - exact) / ulp(max(abs(exact), mpf(scale))))


# The program's numbers

def asked(executable, name, rows):
    """For each point the value and the gradient, as the program tells them."""
    text = TEXTS.get(name, f"{name}({', '.join(NAMES[:len(rows[0])])})")
    lines = []
    for point in rows:
        expression = text.format(*(repr(number) for number in point))
        lines += [f"{letter} = {number!r}" for letter, number in zip(NAMES, point)]
        used = [n for n in NAMES[:len(point)] if n != "y" or name != "powerConstant"]
        lines += [f"1*({expression})" if expression[0] == "(" else expression,
                  f"grad 1*({expression}) wrt {', '.join(used)}"]
    result = subprocess.run(
        [executable, "--json", "-k", "-"], input="\n".join(lines) + "\n", capture_output=True,
        encoding="utf-8")
    found = []
    for line in result.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "value":
            found.append([float(event["value"])])
        elif event["event"] == "gradient":
            found[-1].append(float(event["value"]))
        elif event["event"] == "error":
            raise SystemExit(f"{name}: {event}")
    if name == "powerConstant":
        found = [[*numbers, 0.0] for numbers in found]
    if len(found) != len(rows):
        raise SystemExit(f"{name}: {len(found)} answers to {len(rows)} points")
    return found


class Measured:
    """The worst of each quantity of an operation: None is the value, a number that operand's slope."""

    def __init__(self, executable, name, value, count):
        self.executable, self.name, self.value = executable, name, value
        self.points = 0
        self.worst = {quantity: [] for quantity in (None, *range(count))}

    def look(self, rows):
        rows = [(point, exact) for point in rows if (exact := truth(self.name, self.value, point))]
        if not rows:
            return
        answers = asked(self.executable, self.name, [point for point, _ in rows])
        self.points += len(rows)
        for (point, exact), answer in zip(rows, answers):
            m.mp.dps = 60
            for quantity, number, true in zip(self.worst, answer, exact):
                scale = EXCEPTIONS.get((self.name, quantity), (lambda _: 0,))[0](point)
                self.worst[quantity].append((error(number, true, scale), point, number, exact))
        for errors in self.worst.values():
            errors.sort(key=lambda row: -row[0])
            del errors[8:]

    def search(self, rng, amount):
        """Looks around the worst points there are."""
        for _ in range(3):
            rows = [
                other for errors in self.worst.values() for row in errors if row[0] > 0.5
                for other in neighbours(rng, row[1], self.name, amount)
                if self.name != "powerConstant" or other[1] == row[1][1]]
            if self.name != "select":
                self.look(rows)


def measure(executable, names, amount, seed):
    for name, (value, *samplers) in reference.OPERATIONS.items():
        if names and name not in names or name == "identity":
            continue
        rng = reference.generator
        rng.seed(f"{seed} {name}")
        measured = Measured(executable, name, value, len(samplers))
        measured.look(points(rng, name, samplers, amount))
        measured.search(rng, amount // 200)
        yield measured


# The table

def short(number):
    return f"{number:.2f}" if number < 1000 else f"{number:.2g}"


def at(point):
    return ", ".join(repr(number).removesuffix(".0") for number in point)


def row(measured):
    cells = [f"`{spelled(measured.name)}`", str(measured.points)]
    for quantity in (None, 0, 1, 2):
        errors = measured.worst.get(quantity)
        if not errors:
            cells.append("")
        elif errors[0][0] < 0.005:
            cells.append("0")
        else:
            mark = " *" if (measured.name, quantity) in EXCEPTIONS else ""
            cells.append(f"{short(errors[0][0])}{mark} at {at(errors[0][1])}")
    return "| " + " | ".join(cells) + " |"


def spelled(name):
    operands = NAMES[:len(reference.OPERATIONS[name]) - 1]
    return TEXTS.get(name, f"{name}({', '.join(operands)})").replace("({1})", "n")


def document(rows, arguments):
    system = f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}"
    notes = [f"- `{spelled(name)}`: {reason}." for (name, _), (_, reason) in EXCEPTIONS.items()]
    total = sum(measured.points for measured in rows)
    return f"""# Accuracy

How far values and local derivatives are from the true ones, in units in the last place (ULP), at the
worst of {total} points. Each was asked of the program itself and compared with at least 110 digits of
the definition; the points are of all magnitudes, subnormal ones among them, close to kinks, zeros and
the ends of domains, and closer together where the error was large. A correctly rounded number is within
0.5 ULP. Measured on {system}, whose C library computes the elementary functions:

    BACKSTEP=$PWD/.build/release/backstep python3 Scripts/accuracy.py --points {arguments.points} --seed {arguments.seed}

The tests hold every operation to {LIMIT} ULP, but `gelu` to {LIMITS["gelu"]}, at these worst points among others; it is made of
the library's `erfc`, which has most of the {LIMIT} for itself. Where a number is marked
with `*` the result may cross 0 as a difference of two numbers: the list below says where the error is
measured in ULP of a larger number than the result, and why.

| operation | points | value | derivative along x | along y | along z |
|---|---|---|---|---|---|
""" + "\n".join(map(row, rows)) + """

x, y and z stand for the operands in their order, so x is the first one of `atan2`. `x^n` is a power with
a number as exponent.

## Where a difference is all there is

""" + "\n".join(notes) + """

In each of these the result is a difference of nearly equal numbers, whose own last digits are rounded
already; it is as accurate as the larger of them. `help` says so for each.

## What the C library leaves

`sin`, `cos` and `tan` of numbers beyond 10^20 that lie right beside a multiple of π/2 are as accurate as the
library's: glibc 2.36 reduces those arguments to too few digits. cos(1.5986289000543612e+74), which is
-4.8e-18, is off by 137,000 ULP; tan(5.319372648326541e+255) by 14. A point drawn at random is not of this kind.

## Vectors and matrices

Entry by entry they are the operations above. What is made of many entries is rounded at each of them:

- `sum`, `mean`, `dot`, `@` and the means of losses add in order. Of n terms the error is within n ULP of the sum
  of their sizes; where they cancel that is more ULP of the result. Large products are BLAS's, in its order.
- `prod` multiplies in order: within n ULP, but 0 or infinite where a product on the way is.
- `var` and `std` take off what the mean was rounded by, so equal entries have exactly 0, and `std` and `norm`
  neither overflow nor vanish before the result does.
- `softmax` takes account of what the distance from the largest entry was rounded by. It, `log_softmax` and
  `cross_entropy` have derivatives that keep their digits where one probability is close to 1.
- `logsumexp` is a sum, and as accurate as the larger of its two terms, the largest entry and the rest.
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=4000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in reference.OPERATIONS]
    if unknown:
        parser.error(f"no operation {', '.join(unknown)}")
    rows, is_good = [], True
    for measured in measure(
            os.environ["BACKSTEP"], arguments.names, arguments.points, arguments.seed):
        rows.append(measured)
        print(row(measured), flush=True)
        is_good = is_good and all(
            errors[0][0] <= LIMITS.get(measured.name, LIMIT) for errors in measured.worst.values() if errors)
    if not arguments.names and not os.environ.get("DRY"):
        (ROOT / "Docs/Accuracy.md").write_text(document(rows, arguments), encoding="utf-8")
        save(rows)
    return 0 if is_good else 1


def save(rows):
    """The worst points with the true numbers, for the tests."""
    blocks = []
    for measured in rows:
        lines = {}
        for errors in measured.worst.values():
            for _, point, _, exact in errors[:2]:
                doubles = [reference.nearest(number) for number in exact]
                lines[str(point)] = [point, doubles[0], doubles[1:]]
        text = ",\n  ".join(str(line).replace(" ", "") for line in lines.values())
        blocks.append(f'"{measured.name}": [\n  {text}\n]')
    path = ROOT / "Tests/BackstepTests/Reference/worst.json"
    path.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
