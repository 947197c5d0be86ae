"""The programs whose pages are opened in a browser."""

import random
from typing import NamedTuple


class Program(NamedTuple):
    """Definitions, what is traced, what is typed over and what that means, the step in pictures."""

    text: str
    target: str
    # Labels of fields, and what is typed into them.
    edits: tuple
    # The definitions that the edits amount to.
    edited: str
    step: int


def large(count, seed=3):
    """A graph of about so many nodes, deep and with many values that are used more than once."""
    rng = random.Random(seed)
    names, lines = ["x", "w"], ["x = 0.3; w = 0.9"]
    forms = ("tanh({}*{} + 0.1)", "sin({}) + {}", "0.5*{} + 0.3*{}", "sigmoid({} - {})")
    while count > 60:
        form = rng.choice(forms)
        count -= form.count("(") + form.count("*") + form.count("+") + 2
        lines.append(f"h{len(names)} = " + form.format(rng.choice(names[-6:]), rng.choice(names[-40:])))
        names.append(f"h{len(names)}")
    return "\n".join([*lines, "L = " + " + ".join(names[-30:])])


PROGRAMS = {
    "neuron": Program(
        "w1 = 0.5; w2 = -0.25; b = 0.1\nconst x1 = 2; const x2 = 3; const y = 1\n"
        "z = w1*x1 + w2*x2 + b\na = sigmoid(z)\nL = bce(a, y)",
        "L", (("w₁", "-1.5"), ("y", "0.25")), "w1 = -1.5; const y = 0.25", 10),
    "layers": Program(
        "const x = [0.5, -1, 2]; const y = 2\n"
        "W1 = [[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]]; b1 = [0.01, -0.02]\n"
        "W2 = [[0.7, -0.8], [0.9, 0.3], [-0.5, 0.2]]; b2 = [0, 0.1, -0.1]\n"
        "h = tanh(W1 @ x + b1)\nz = W2 @ h + b2\nL = cross_entropy(z, y)",
        "L", (("W₁[2,3]", "1.25"), ("x[1]", "-3e-1"), ("y", "3")),
        "W1 = [[0.1, -0.2, 0.3], [0.4, 0.5, 1.25]]; const x = [-0.3, -1, 2]; const y = 3", 12),
    "fan-out": Program(
        "x = 1.5; w = -0.4\na = w*x\nb = a + x\nf = a*b + x^2 - sin(x)/b",
        "f", (("x", "2.5"),), "x = 2.5", 16),
    "survey": Program(
        "x1 = 2; x2 = 5\ny = ln(x1) + x1*x2 - sin(x2)",
        "y", (("x₂", "0.75"),), "x2 = 0.75", 15),
    "operations": Program(
        "x = 0.7; c = -1.2; k = 2\nA = [[1, 2, 0.5], [-1, 0.3, 4]]\n"
        "p = where(x > 0, x^2, exp(x))*max(x, c) + abs(c)/(1 + sqrt(x))\n"
        "q = leaky_relu(c) + clamp(x*3, -1, 1) + x^-2.5 + gelu(c) + erf(x)\n"
        "s = sum(softmax(A, axis=1)*log_softmax(A)) + norm(A[:, 2:3])\n"
        "m = mean(reshape(A, 3, 2)' @ A[1]) + std(A) + dot(A[1], A[2]) + prod(outer(A[1], [x, c]))\n"
        "r = huber(x, c, 0.5) + logsumexp(concat(A[1], [x, c])) + cross_entropy(A, [1, 3])\n"
        "L = p*q + s/r - k*m",
        "L", (("A[2,1]", "0.5"), ("c", "0.3")), "A = [[1, 2, 0.5], [0.5, 0.3, 4]]; c = 0.3", 30),
    "not-finite": Program(
        "x = 0; y = -1\nL = x*log(x) + max(x, 0) + relu(x) + y^2",
        "L", (("x", "0.5"),), "x = 0.5", 5),
    "names": Program(
        "θ = 0.5; ŷ = 1; _ = 2; x_hat = 3; Σ12 = 0.1; script = 1; 重み = -1; constructor = 2\n"
        "__proto__ = 3; toString = 1; שלום = 4\n"
        "L = θ*ŷ + _^2 - x_hat*Σ12 + script*重み*constructor*__proto__ - toString*שלום",
        "L < 7 + 0*θ*script", (("θ", "2"),), "θ = 2", 6),
    "large": Program(large(3050), "L", (("x", "0.31"),), "x = 0.31", 900),
}
