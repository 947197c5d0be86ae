"""Systematic programs with second and third derivatives of every operation."""

from functools import partial

from functions import FUNCTIONS
from generator import Generator
from language import Node, Statement, call, infix, list_of, name, number
from tensor_grid import INDICES, LOSSES, REDUCTIONS, define, literal
from tensors import count


def derivative(text, bottom):
    return Node("derivative", "grad", (name(text), name(bottom)))


def asked(tree, inputs):
    """The first derivatives of an expression as formulas, and their derivatives twice."""
    program = [define("f", tree)]
    for top in inputs:
        for inner in inputs:
            statements = [
                define("g", derivative("f", top)),
                Statement("trace", tree=name("g")),
                define("h", infix(call("sin", derivative("g", inner)), "*", name(top))),
                Statement("grad", tree=name("h"))]
            program += statements
    return program


def of_numbers(rng, function):
    """One function of numbers, its operands computed from inputs so that they lie in its domain."""
    generator = Generator(rng)
    inputs = ["x", "y", "z"][:len(FUNCTIONS[function].domains)]
    operands = [
        generator.inside(domain, name(text))
        for domain, text in zip(FUNCTIONS[function].domains, inputs)]
    program = [define(text, literal(rng, (), -1.5, 1.5)) for text in inputs]
    tree = call(function, *operands)
    return program + asked(infix(tree, "*", call("cosh", name("x"))), inputs)


def powers(rng, exponent):
    """Powers with a number as exponent."""
    program = [define("x", literal(rng, (), 0.3, 1.5))]
    return program + asked(infix(name("x"), "^", exponent), ["x"])


def axis(n):
    return Node("keyword", "axis", (number(str(n)),))


def index(text, *places):
    return Node("index", "", (name(text), *places))


def place(text):
    low, *high = text.split(":")
    ends = [number(end) if end else Node("open", "") for end in (low, *high)]
    return Node("slice", "", tuple(ends)) if high else ends[0]


def tensor_trees(rng):
    """Expressions with every operation on whole tensors: shapes of x and y, and the expression."""
    x, y = name("x"), name("y")
    for function in REDUCTIONS:
        for shape in [(), (3,), (2, 3), (1, 3)]:
            if function == "std" and count(shape) == 1:
                continue
            yield shape, (), call(function, infix(x, "*", y))
        for n in (1, 2):
            yield (2, 3), (3,), call(function, infix(x, "*", y), axis(n))
    for left, right in [((2,), (2,)), ((2, 3), (3,)), ((2,), (2, 3)), ((2, 3), (3, 2)),
                        ((2,), (1, 3)), ((1, 3), (3,)), ((1,), (1, 3))]:
        yield left, right, infix(x, " @ ", y)
    yield (2,), (3,), call("outer", x, y)
    yield (2, 3), (2, 3), call("dot", x, y)
    for left, right in [((2, 3), (3,)), ((2, 3), (2, 1)), ((3,), ()), ((1, 3), (2, 1)),
                        ((1,), (2, 2)), ((1, 1), (2, 3)), ((3,), (1,))]:
        for operator in "+-*/^":
            yield left, right, infix(x, operator, y)
        yield left, right, call("where", infix(x, "<", y), infix(x, "*", y), infix(y, "^", x))
        yield left, right, call("clamp", x, number("0.2"), y)
    for loss in LOSSES:
        yield (3,), (3,), call(loss, x, y)
        yield (2, 3), (3,), call(loss, x, y)
    yield (3,), (3,), call("cross_entropy", x, number("2"))
    yield (3,), (3,), call("cross_entropy", x, call("softmax", y))
    rows = list_of(number("3"), number("1"))
    yield (2, 3), (2, 3), call("cross_entropy", x, rows)
    yield (2, 3), (2, 3), call("cross_entropy", x, call("softmax", y))
    yield (2, 3), (2, 3), call("cross_entropy", x, call("onehot", rows, number("3")))
    for shape in [(3,), (2, 3)]:
        yield shape, (), Node("transpose", "'", (x,))
        yield shape, (), call("flatten", x)
        yield shape, (), call("reshape", x, number(str(count(shape))), number("1"))
        yield shape, shape, call("stack", *[call("flatten", x), call("flatten", y)], axis(2))
        yield shape, shape, call("concat", x, y)
        yield shape, shape, list_of(*(call(f, call("flatten", x)) for f in ("sin", "cos", "exp")))
    yield (), (3,), call("concat", x, y)
    yield (2, 3), (2, 1), call("concat", x, y, axis(2))
    for text in INDICES:
        yield (3,), (), index("x", place(text))
        yield (3, 3), (), index("x", place(text))
        for other in INDICES[:3]:
            yield (3, 3), (), index("x", place(text), place(other))


def of_tensors(rng, x, y, tree):
    """One operation on whole tensors."""
    program = [define("x", literal(rng, x)), define("y", literal(rng, y))]
    program.append(define("f", infix(call("mean", call("sin", tree)), "*", call("mean", name("y")))))
    for top in ("x", "y"):
        squares = infix(derivative("f", top), "*", derivative("f", top))
        program.append(define("g", infix(call("sum", squares), "*", call("mean", name("x")))))
        program.append(Statement("trace", tree=name("g"), wrt=("x", "y")))
        program.append(define("h", call("sum", call("sin", derivative("g", "x")))))
        program.append(Statement("grad", tree=name("h"), wrt=("x", "y")))
    return program


def programs():
    """Functions that draw each of them."""
    exponents = [number(text) for text in ("0", "1", "2", "3", "0.5", "2.2")]
    exponents += [Node("sign", "-", (number(text),)) for text in ("1", "2", "0.5")]
    trees = list(tensor_trees(None))
    return [
        *(partial(of_numbers, function=function) for function in FUNCTIONS),
        *(partial(powers, exponent=exponent) for exponent in exponents),
        *(partial(of_tensors, x=x, y=y, tree=tree) for x, y, tree in trees)]
