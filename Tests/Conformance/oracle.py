"""What a program means: a session of definitions, evaluated by the arithmetic it is given."""

import math
from typing import NamedTuple

from duals import Dual, Rejected
from functions import FUNCTIONS
from language import COMPARISONS, MATRICES
from tensors import ARRANGEMENTS, NAMES

PREDEFINED = {"pi": math.pi, "π": math.pi, "e": math.e}

# What there may be a derivative with respect to.
MOVABLE = ("input", "formula")
# How many operations on duals a program may take: some seconds.
PATIENCE = 1_000_000


class Definition(NamedTuple):
    kind: str  # input, const, formula or function
    tree: object = None
    parameters: tuple = ()
    value: object = None  # of what := stored


class Answer(NamedTuple):
    """The value of a question's expression, and its derivatives by name."""

    value: object
    slopes: dict


class Run:
    """One evaluation: the values of names so far, and what is added to those differentiated."""

    def __init__(self, shifts):
        self.shifts, self.values = shifts, {}


class Session:
    """The definitions so far. An arithmetic is `Tensors`, or another class with its methods."""

    def __init__(self, arithmetic):
        self.arithmetic = arithmetic
        self.definitions = {}
        self.last_formula = None
        self.history = []  # what undo goes back to

    def run(self, statement):
        """Carries out a statement; the answer where it is a question."""
        if statement.kind == "value":
            return self.answer(statement.tree, [])
        if statement.is_question:
            return self.question(statement)
        value = None
        if statement.kind == "assign":
            value = self.answer(statement.tree, []).value
        self.define(statement, value)
        return None

    def define(self, statement, value=None):
        """Carries out what changes definitions; `value` is what := stores."""
        name, tree, kind = statement.name, statement.tree, statement.kind
        if kind == "undo":
            self.definitions, self.last_formula = self.history.pop()
            return
        self.history.append((dict(self.definitions), self.last_formula))
        if kind == "reset":
            self.definitions, self.last_formula = {}, None
            return
        if kind == "define":
            kind = "formula" if any(map(self.mentions, tree.everything())) else "input"
        if kind == "assign":
            old, tree = self.definitions.get(name), None
            kind = "const" if old and old.kind == "const" else "input"
        if kind == "formula":
            self.last_formula = name
        self.definitions[name] = Definition(kind, tree, statement.parameters, value)

    def question(self, statement):
        tree = statement.tree or self.definitions[self.last_formula].tree
        if statement.kind in MATRICES:
            return self.matrices(statement.kind, tree, statement.wrt)
        seed = self.answer(statement.seed, []).value if statement.seed else None
        return self.answer(tree, statement.wrt or self.inputs(tree), seed)

    def answer(self, tree, names, seed=None):
        self.require_movable(names)

        def function(shifts):
            return self.walk(tree, {}, Run(dict(zip(names, shifts))))

        shapes = [self.arithmetic.shape(self.value(name, Run({}))) for name in names]
        value, slopes = self.arithmetic.derive(function, shapes, seed)
        return Answer(value, dict(zip(names, slopes)))

    def matrices(self, kind, tree, names):
        """The value, and the Jacobian by each name or the Hessian by all of them."""
        self.require_movable(names)

        def function(shifts):
            return self.walk(tree, {}, Run(dict(zip(names, shifts))))

        shapes = [self.arithmetic.shape(self.value(name, Run({}))) for name in names]
        value, found = getattr(self.arithmetic, kind)(function, shapes)
        return Answer(value, dict(zip([", ".join(names)] if kind == "hessian" else names, found)))

    def require_movable(self, names):
        for name in names:
            if name not in self.definitions or self.definitions[name].kind not in MOVABLE:
                raise Rejected

    def derivative(self, tree, name, run):
        """A derivative as a value, which moves with the shifts of the run that it is a part of."""
        self.require_movable([name])

        def function(shift):
            shifts = dict(run.shifts)
            shifts[name] = shifts[name] + shift if name in shifts else shift
            return self.walk(tree, {}, Run(shifts))

        shape = self.arithmetic.shape(self.value(name, Run({})))
        return self.arithmetic.slope(function, shape)

    # What an expression depends on

    @staticmethod
    def mentions(node):
        if node.kind == "name":
            return node.text not in PREDEFINED
        return node.kind == "call" and node.text not in NAMES

    def reach(self, tree):
        """Every name that the expression depends on, nearest first."""
        reached, waiting = [], [tree]
        while waiting:
            for node in waiting.pop().everything():
                definition = self.definitions.get(node.text)
                if node.kind not in ("name", "call") or not definition or node.text in reached:
                    continue
                reached.append(node.text)
                if definition.tree:
                    waiting.append(definition.tree)
        return reached

    def inputs(self, tree):
        return [name for name in self.reach(tree) if self.definitions[name].kind == "input"]

    # Evaluation

    def walk(self, node, scope, run):
        arithmetic = self.arithmetic
        match node.kind:
            case "number":
                return arithmetic.constant(float(node.text))
            case "name":
                return scope[node.text] if node.text in scope else self.value(node.text, run)
            case "derivative":
                top, bottom = node.parts
                if node.text == "d" and {f"d{top.text}", f"d{bottom.text}"} & set(self.definitions):
                    raise Rejected  # a quotient
                return self.derivative(top, bottom.text, run)
            case "call":
                return self.call(node, scope, run)
            case "index":
                places = [self.place(part, scope, run) for part in node.parts[1:]]
                return arithmetic.part(self.walk(node.parts[0], scope, run), places)
        operands = [self.walk(part, scope, run) for part in node.parts]
        if node.kind in ("group", "keyword"):
            return operands[0]
        if node.kind == "sign":
            return operands[0] if node.text.strip() == "+" else -operands[0]
        if node.kind == "list":
            return arithmetic.list(operands)
        if node.kind == "transpose":
            return arithmetic.transpose(operands[0])
        x, y = operands
        match node.operator:
            case "@":
                result = arithmetic.matmul(x, y)
            case "+":
                result = x + y
            case "-":
                result = x - y
            case "*":
                result = x * y
            case "/":
                result = x / y
            case "^":
                result = arithmetic.power(x, y)
            case operator if operator in COMPARISONS:
                return arithmetic.compare(operator, x, y)
        return arithmetic.settled(result)

    def place(self, node, scope, run):
        """A whole number, or the two ends of a slice, None where one is open."""
        if node.kind == "slice":
            return tuple(self.place(part, scope, run) for part in node.parts)
        return None if node.kind == "open" else self.whole(self.walk(node, scope, run))

    def whole(self, x):
        """The whole number that a scalar is."""
        shape, (number,) = self.arithmetic.plain(x)
        if shape or number != int(number):
            raise Rejected
        return int(number)

    def call(self, node, scope, run):
        arguments, axis = [], None
        for part in node.parts:
            argument = self.walk(part, scope, run)
            if part.kind == "keyword" and part.text == "axis":
                axis = self.whole(argument)
            else:
                arguments.append(argument)
        definition = self.definitions.get(node.text)
        if definition:
            if definition.kind != "function" or len(definition.parameters) != len(arguments):
                raise Rejected
            return self.walk(definition.tree, dict(zip(definition.parameters, arguments)), run)
        function = FUNCTIONS.get(node.text)
        if function and function.keyword and len(arguments) < len(function.domains):
            arguments.append(self.arithmetic.constant(function.default))
        result = self.arithmetic.call(node.text, arguments, axis)
        is_exact = node.text in ARRANGEMENTS or node.text == "argmax"
        is_exact = is_exact or function is not None and function.is_flat
        return result if is_exact else self.arithmetic.settled(result)

    def value(self, name, run):
        if name not in run.values:
            definition = self.definitions.get(name)
            if definition is None and name in PREDEFINED:
                return self.arithmetic.constant(PREDEFINED[name])
            if definition is None or definition.kind == "function":
                raise Rejected
            if definition.tree is None:
                value = self.arithmetic.constant(definition.value)
            else:
                value = self.walk(definition.tree, {}, run)
            if definition.kind != "formula":
                value = self.arithmetic.settled(value)
            run.values[name] = value + run.shifts[name] if name in run.shifts else value
        return run.values[name]


def answers(program, arithmetic):
    """The answer to each question of a program; one that takes too long is rejected."""
    Dual.patience = PATIENCE
    session = Session(arithmetic)
    try:
        found = [session.run(statement) for statement in program]
    except (ArithmeticError, ValueError, TypeError, LookupError, RecursionError):
        raise Rejected from None
    return [answer for answer in found if answer]
