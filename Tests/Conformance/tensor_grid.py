"""Systematic programs: every pair of shapes for each operator, every product, axis and index."""

from functools import partial
from itertools import product

from duals import Rejected
from language import COMPARISONS, Node, Statement, call, infix, list_of, name, number
from tensors import broadcast, count

SHAPES = [(), (1,), (3,), (1, 1), (1, 3), (3, 1), (2, 3), (2, 1), (1, 2), (2,), (3, 3)]
# Functions of two operands that go entry by entry, with a factor that keeps both in the domain.
BINARY = ["atan2", "hypot", "max", "min", "pow", "xlogy", "elu", "leaky_relu"]
LOSSES = ["bce", "mse", "mae", "huber", "hinge", "bce_logits"]
REDUCTIONS = ["sum", "mean", "prod", "max", "min", "argmax", "var", "std", "norm", "logsumexp",
              "softmax", "log_softmax"]
INDICES = ["2", "1:2", ":", "2:", ":2", "2:2"]


def literal(rng, shape, low=0.1, high=0.9):
    """A tensor of random numbers, all of them positive."""
    if not shape:
        return number(f"{rng.uniform(low, high)!r}")
    return list_of(*(literal(rng, shape[1:], low, high) for _ in range(shape[0])))


def define(text, tree):
    return Statement("define", text, (), tree)


def asked(rng, tree, shape):
    """A question about an expression in x and y: its derivatives along a random seed."""
    seed = literal(rng, shape, -2, 2) if shape else None
    return Statement("backward", tree=tree, wrt=("x", "y"), seed=seed)


def broadcasts(rng, x, y):
    """All operations entry by entry on two shapes."""
    shape = broadcast(x, y)
    trees = [infix(name("x"), operator, name("y")) for operator in "+-*/^"]
    trees += [call(function, name("x"), name("y")) for function in BINARY]
    trees += [call("where", infix(name("x"), operator, name("y")), name("y"), name("x"))
              for operator in COMPARISONS]
    trees += [call("clamp", name("x"), number("0.3"), name("y"))]
    trees += [call("where", name("c"), name("x"), name("y"))]
    program = [define("x", literal(rng, x)), define("y", literal(rng, y, 0.4)),
               Statement("const", "c", (), literal(rng, shape[-1:], 1, 2))]
    for tree in trees:
        program += [Statement("value", tree=tree), asked(rng, tree, shape)]
    if shape == x:
        program += [asked(rng, call(loss, name("x"), name("y")), ()) for loss in LOSSES]
    return program


def products():
    """The shapes of operands and result, and the expression, for products of all ranks."""
    for rows, inner, columns in product((1, 2, 3), repeat=3):
        for x, y in product([(inner,), (rows, inner)], [(inner,), (inner, columns)]):
            if x != (rows, inner) and y == (1, columns) and x[0] != 1:
                continue
            yield x, y, x[:-1] + y[1:], infix(name("x"), " @ ", name("y"))
        if rows > 1 and inner == 1:
            yield (rows,), (1, columns), (rows, columns), infix(name("x"), " @ ", name("y"))
        transposed = Node("transpose", "'", (name("y"),))
        yield (rows, inner), (columns, inner), (rows, columns), infix(name("x"), "@", transposed)
        if rows > 1:
            yield (rows,), (columns,), (rows, columns), infix(name("x"), "@", transposed)
        yield (rows,), (columns,), (rows, columns), call("outer", name("x"), name("y"))


def reductions(rng, shape):
    """Every reduction along every axis."""
    program = [define("x", literal(rng, shape, -1, 1)), define("y", number("1.5"))]
    for function, axis in product(REDUCTIONS, range(len(shape) + 1)):
        keyword = (Node("keyword", "axis", (number(str(axis)),)),) if axis else ()
        length = shape[axis - 1] if axis else count(shape)
        if function == "std" and length == 1:
            continue  # a kink where a lane has one entry
        tree = infix(name("y"), "*", call(function, name("x"), *keyword))
        kept = function in ("softmax", "log_softmax")
        left = shape if kept else shape[:axis - 1] + shape[axis:] if axis else ()
        program.append(asked(rng, tree, left))
    return program


def selections(rng):
    """Every kind of index of a vector and a matrix of three."""
    program = [define("x", literal(rng, (3,))), define("y", literal(rng, (3, 3)))]
    for value, indices in [("x", (i,)) for i in INDICES] + [("y", (i,)) for i in INDICES] + [
            ("y", pair) for pair in product(INDICES, repeat=2)]:
        shape = [] if value == "x" else [3] * (2 - len(indices))
        parts = []
        for index in reversed(indices):
            low, *high = index.split(":")
            ends = [number(end) if end else Node("open", "") for end in (low, *high)]
            parts.insert(0, Node("slice", "", tuple(ends)) if high else ends[0])
            if high:
                shape.insert(0, int(high[0] or 3) - int(low or 1) + 1)
        tree = Node("index", "", (name(value), *parts))
        program += [Statement("value", tree=tree), asked(rng, tree, tuple(shape))]
    return program


def matrix_product(rng, x, y, shape, tree):
    return [define("x", literal(rng, x, -1, 1)), define("y", literal(rng, y, -1, 1)),
            Statement("value", tree=tree), asked(rng, tree, shape)]


def fit(x, y):
    try:
        broadcast(x, y)
    except Rejected:
        return False
    return True


def programs():
    """Functions that draw each of them; what does not fit is for the tests of mistakes."""
    pairs = [(x, y) for x, y in product(SHAPES, SHAPES) if fit(x, y)]
    return [
        selections, *(partial(reductions, shape=shape) for shape in SHAPES),
        *(partial(broadcasts, x=x, y=y) for x, y in pairs),
        *(partial(matrix_product, x=x, y=y, shape=shape, tree=tree)
          for x, y, shape, tree in products())]
