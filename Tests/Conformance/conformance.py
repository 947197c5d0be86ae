"""Random programs: Backstep's values and gradients against dual numbers in plain Python.

Usage: conformance.py PROGRAM [COUNT] [SEED]. Each program is a graph with fan-out, its statements in
random order; the value of its last formula and every derivative must agree to 1e-12.
"""

import json
import math
import random
import subprocess
import sys


class Dual:
    """A value and its derivatives along all inputs at once."""

    def __init__(self, value, slopes):
        self.value, self.slopes = value, slopes

    def map(self, value, slope):
        return Dual(value, [slope * s for s in self.slopes])


def combine(x, y, value, dx, dy):
    return Dual(value, [dx * a + dy * b for a, b in zip(x.slopes, y.slopes)])


def sigmoid(x):
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


UNARY = {
    "sin({})": lambda x: x.map(math.sin(x.value), math.cos(x.value)),
    "cos({})": lambda x: x.map(math.cos(x.value), -math.sin(x.value)),
    "tanh({})": lambda x: x.map(math.tanh(x.value), 1 / math.cosh(x.value) ** 2),
    "σ({})": lambda x: x.map(sigmoid(x.value), sigmoid(x.value) * sigmoid(-x.value)),
    "exp(-({})^2)": lambda x: x.map(math.exp(-x.value**2), -2 * x.value * math.exp(-x.value**2)),
    "log(2 + ({})^2)": lambda x: x.map(math.log(2 + x.value**2), 2 * x.value / (2 + x.value**2)),
    "sqrt(1 + ({})**2)": lambda x: x.map(math.hypot(1, x.value), x.value / math.hypot(1, x.value)),
    "-{}": lambda x: x.map(-x.value, -1),
    "relu({})": lambda x: x.map(max(x.value, 0), 1 if x.value > 0 else 0),
    "leaky_relu({}, slope=0.2)": lambda x: x.map(
        x.value if x.value > 0 else 0.2 * x.value, 1 if x.value > 0 else 0.2),
    "softplus({})": lambda x: x.map(
        max(x.value, 0) + math.log1p(math.exp(-abs(x.value))), sigmoid(x.value)),
    "atan({})": lambda x: x.map(math.atan(x.value), 1 / (1 + x.value**2)),
    "bce_logits({}, 1)": lambda x: x.map(
        max(x.value, 0) - x.value + math.log1p(math.exp(-abs(x.value))), -sigmoid(-x.value)),
    "twice({})": lambda x: x.map(2 * x.value, 2),
    "({})^3/4": lambda x: x.map(x.value**3 / 4, 3 * x.value**2 / 4),
}
BINARY = {
    "{} + {}": lambda x, y: combine(x, y, x.value + y.value, 1, 1),
    "{} − {}": lambda x, y: combine(x, y, x.value - y.value, 1, -1),
    "{}·{}": lambda x, y: combine(x, y, x.value * y.value, y.value, x.value),
    "{}/(3 + cos({}))": lambda x, y: combine(
        x, y, x.value / (3 + math.cos(y.value)), 1 / (3 + math.cos(y.value)),
        x.value * math.sin(y.value) / (3 + math.cos(y.value)) ** 2),
    "hypot({}, 1 + ({})^2)": lambda x, y: combine(
        x, y, math.hypot(x.value, 1 + y.value**2),
        x.value / math.hypot(x.value, 1 + y.value**2),
        2 * y.value * (1 + y.value**2) / math.hypot(x.value, 1 + y.value**2)),
    "mse({}, {})": lambda x, y: combine(
        x, y, (x.value - y.value) ** 2, 2 * (x.value - y.value), -2 * (x.value - y.value)),
    "where({0} > {1}, {0}, {1}*2)": lambda x, y: combine(
        x, y, x.value if x.value > y.value else 2 * y.value,
        1 if x.value > y.value else 0, 0 if x.value > y.value else 2),
}


def draw(rng):
    count = rng.randint(1, 5)
    inputs = [(f"w{i}", rng.uniform(-2, 2)) for i in range(count)]
    nodes = {
        name: Dual(value, [float(i == j) for j in range(count)])
        for i, (name, value) in enumerate(inputs)
    }
    lines = [f"{name} = {value!r}" for name, value in inputs] + ["twice(u) = u + u"]
    for step in range(rng.randint(2, 25)):
        name = f"n{step}"
        recent = list(nodes)[-6:]
        if rng.random() < 0.45:
            text = rng.choice(list(UNARY))
            x = rng.choice(recent)
            formula, node = text.format(x), UNARY[text](nodes[x])
        else:
            text = rng.choice(list(BINARY))
            x, y = rng.choice(recent), rng.choice(list(nodes))
            formula, node = text.format(x, y), BINARY[text](nodes[x], nodes[y])
        if abs(node.value) > 50:
            continue
        nodes[name] = node
        lines.append(f"{name} = {formula}")
    last = list(nodes)[-1]
    rng.shuffle(lines)
    return inputs, lines + [f"trace {last}", last], last, nodes[last]


def close(a, b, scale):
    return a == b or abs(a - b) <= 1e-12 * max(1, abs(b), scale)


def check_trace(events):
    """Sums, products and order of a backward pass, to the last bit."""
    adjoints, order = {}, []
    for event in events:
        if event["event"] == "seed":
            adjoints[event["node"]] = event["adjoint"]
        elif event["event"] == "fanout":
            total = 0.0
            for term in event["terms"]:
                total += term["contribution"]
            assert total == event["adjoint"] == adjoints[event["node"]], event
        elif event["event"] == "backward":
            order.append(event["node"])
            assert event["adjoint"] == adjoints[event["node"]], event
            for part in event["contributions"]:
                assert part["contribution"] == event["adjoint"] * part["local"], event
                adjoints[part["node"]] = adjoints.get(part["node"], 0.0) + part["contribution"]
                assert part["accumulated"] == adjoints[part["node"]], event
    assert order == sorted(order, reverse=True), order


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    compared = 0
    for number in range(count):
        inputs, lines, last, truth = draw(rng)
        script = "\n".join(lines) + "\n"
        run = subprocess.run([program, "--json", "-"], input=script, capture_output=True, text=True)
        try:
            assert run.returncode == 0, run.stderr
            events = [json.loads(line) for line in run.stdout.splitlines()]
            check_trace(events)
            scale = max([abs(s) for s in truth.slopes] + [abs(truth.value)])
            value = [e for e in events if e["event"] == "value"][0]["value"]
            assert close(value, truth.value, scale), (value, truth.value)
            gradient = {e["wrt"]: e["value"] for e in events if e["event"] == "gradient"}
            for (name, _), slope in zip(inputs, truth.slopes):
                assert close(gradient.get(name, 0.0), slope, scale), (name, gradient, slope)
                compared += 1
        except AssertionError as error:
            print(f"program {number} disagrees: {error}\n{script}", file=sys.stderr)
            return 1
    print(f"conformance: {count} programs agree, {compared} derivatives")
    return 0


if __name__ == "__main__":
    sys.exit(main())
