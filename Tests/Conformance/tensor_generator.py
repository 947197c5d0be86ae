"""Random programs over vectors and matrices, made so that all shapes fit.

An expression is drawn for a shape: `self.shape` is the one aimed at, and each operation chooses
shapes for its operands that lead to it.
"""

from contextlib import contextmanager
from dataclasses import replace

from functions import FUNCTIONS
from generator import FUNCTION_NAMES, PARAMETERS, Generator
from language import Node, Statement, call, list_of, name, number
from tensors import LANE_MAPS, LOSSES, REDUCTIONS, count

ENTRYWISE = [text for text in FUNCTIONS if text not in (*LOSSES, "where")]
# Functions whose first operand must have the result's shape: others may become a plain number.
FIRST_LEADS = (*LOSSES, "leaky_relu", "elu")


def axis_argument(axis):
    return Node("keyword", "axis", (number(str(axis)),))


class TensorGenerator(Generator):
    """Draws one program."""

    def __init__(self, rng):
        super().__init__(rng)
        self.shape = ()
        self.is_led = False  # whether the first operand must have the result's shape
        self.shapes = {}  # of the names that may be used
        self.signatures = {}  # of the functions: the parameters' shapes and the result's
        # Few sizes, so that many shapes fit.
        self.sizes = rng.sample([1, 2, 2, 3, 3, 4], 2)

    # Shapes

    def any_size(self):
        return self.rng.choice(self.sizes)

    def any_shape(self, *weights):
        """A shape; the weights are those of the ranks."""
        rank, = self.rng.choices((0, 1, 2), weights or (2, 3, 4))
        return tuple(self.any_size() for _ in range(rank))

    @contextmanager
    def aiming(self, shape):
        saved, self.shape = self.shape, shape
        yield
        self.shape = saved

    def of(self, shape, depth):
        with self.aiming(shape):
            return self.expression(depth)

    def stretchable(self, shape):
        """A shape that is stretched to this one."""
        smaller = tuple(1 if self.rng.random() < 0.3 else size for size in shape)
        while smaller and self.rng.random() < 0.2:
            smaller = smaller[1:]
        return smaller

    def parts(self, depth, *makers):
        """One operand leads to the shape alone; of two, each may do so along its own axis."""
        leader = 0 if self.is_led else self.rng.randrange(len(makers))
        shapes = [self.stretchable(self.shape) for _ in makers]
        shapes[leader] = self.shape
        if len(makers) == 2 == len(self.shape) and not self.is_led and self.rng.random() < 0.1:
            shapes = [(self.shape[0], 1), (1, self.shape[1])]
        operands = []
        self.is_led, saved = False, self.is_led
        for make, shape in zip(makers, shapes):
            with self.aiming(shape):
                operands.append(make(depth))
        self.is_led = saved
        return operands

    # Expressions

    def leaf(self):
        names = [n for n in self.values if self.shapes[n] == self.shape]
        if names and self.rng.random() < 0.85:
            return name(self.rng.choice(names[-4:] if self.rng.random() < 0.6 else names))
        if self.values and self.rng.random() < 0.5:  # another one, so that the derivative goes on
            text = self.rng.choice(self.values)
            if not self.shape:
                return call("mean", name(text))
            return self.join(self.literal_of(self.shape), "*", call("sum", name(text)))
        return self.literal_of(self.shape)

    def literal_of(self, shape):
        if shape:
            return list_of(*(self.literal_of(shape[1:]) for _ in range(shape[0])))
        literal = number(f"{self.rng.uniform(0.05, 1.5):.6g}")
        return self.sign(literal, "-") if self.rng.random() < 0.4 else literal

    def expression(self, depth):
        if depth <= 0 or self.rng.random() < 0.5:
            return super().expression(depth)
        makers = [self.index, self.lanes, self.transposed, self.reduced]
        makers += [[self.loss, self.cross_entropy, self.dotted, self.dotted],
                   [self.matvec, self.matvec, self.listed, self.concat, self.reshaped],
                   [self.matmul, self.matmul, self.listed, self.concat, self.reshaped, self.outer],
                   ][len(self.shape)]
        return self.rng.choice(makers)(depth - 1) or self.leaf()

    def builtin(self, depth):
        text = self.rng.choice([n for n in ENTRYWISE if n not in self.arity])
        self.is_led = text in FIRST_LEADS
        called = self.called(text, depth)
        self.is_led = False
        return called

    def own(self, depth):
        fitting = [f for f in self.arity if self.signatures[f][1] in (self.shape, None)]
        if not fitting:
            return self.leaf()
        text = self.rng.choice(fitting)
        return call(text, *(
            self.of(self.shape if shape is None else shape, depth)
            for shape in self.signatures[text][0]))

    def loss(self, depth):
        text = self.rng.choice([n for n in LOSSES if n not in self.arity])
        self.is_led = True
        with self.aiming(self.any_shape()):
            called = self.called(text, depth)
        self.is_led = False
        return called

    def reduced(self, depth):
        text = self.rng.choice(list(REDUCTIONS))
        operands = []
        if len(self.shape) == 2:
            return None
        if self.shape:
            axis = self.rng.choice([1, 2])
            source = list(self.shape)
            source.insert(axis - 1, self.any_size())
            operands.append(self.of(tuple(source), depth))
        else:
            source = self.any_shape()
            axis = self.rng.choice([None, 1]) if len(source) == 1 else None
            operands.append(self.of(source, depth))
        if axis:
            operands.append(axis_argument(axis))
        return call(text, *operands)

    def lanes(self, depth):
        axis = self.rng.choice([None, *range(1, len(self.shape) + 1)])
        keyword = [axis_argument(axis)] if axis else []
        return call(self.rng.choice(list(LANE_MAPS)), self.expression(depth), *keyword)

    def transposed(self, depth):
        if len(self.shape) == 1:
            return None
        source = self.shape[::-1]
        if self.shape[:1] == (1,) and self.rng.random() < 0.5:
            source = self.shape[1:]
        return self.transpose(self.of(source, depth))

    def transpose(self, x):
        if self.rng.random() < 0.2:
            return call("transpose", x)
        return Node("transpose", self.rng.choice(["'", ".T"]), (x,))

    def index(self, depth):
        """A part of something larger."""
        selected = list(self.shape)
        while len(selected) < 2 and (not selected or self.rng.random() < 0.6):
            selected.insert(self.rng.randint(0, len(selected)), None)
        if not any(size is None for size in selected) and self.rng.random() < 0.5:
            return None
        source, places = [], []
        for size in selected:
            before, behind = self.rng.randint(0, 1), self.rng.randint(0, 1)
            if size is None:
                places.append(self.place(before + 1))
            else:
                low, high = self.place(before + 1), self.place(before + size)
                low = Node("open", "") if not before and self.rng.random() < 0.5 else low
                high = Node("open", "") if not behind and self.rng.random() < 0.5 else high
                places.append(Node("slice", "", (low, high)))
            source.append(before + (size or 1) + behind)
        if len(source) == 2 and selected[1] is not None and self.rng.random() < 0.3:
            source[1] = selected[1]
            places.pop()  # whole rows
        return Node("index", "", (self.of(tuple(source), depth), *places))

    def place(self, n):
        if self.rng.random() < 0.1:
            return self.join(number(str(n + 1)), "-", number("1"))
        return number(str(n))

    def listed(self, depth):
        shape, axis = self.shape[1:], None
        slots = self.shape[0]
        if len(self.shape) == 2 and self.rng.random() < 0.4:
            slots, shape, axis = self.shape[1], self.shape[:1], 2
        entries = [self.of(shape, depth - 1) for _ in range(slots)]
        if axis:
            return call("stack", *entries, axis_argument(axis))
        return call("stack", *entries) if self.rng.random() < 0.2 else list_of(*entries)

    def concat(self, depth):
        axis = self.rng.choice([1, 2]) if len(self.shape) == 2 else 1
        left = self.shape[axis - 1]
        sizes = []
        while left:
            sizes.append(self.rng.randint(1, left))
            left -= sizes[-1]
        parts = []
        for size in sizes:
            shape = list(self.shape)
            shape[axis - 1] = size
            is_number = size == 1 == len(shape) and self.rng.random() < 0.5
            parts.append(self.of(() if is_number else tuple(shape), depth - 1))
        if axis == 2 or self.rng.random() < 0.2:
            parts.append(axis_argument(axis))
        return call("concat", *parts)

    def reshaped(self, depth):
        whole = count(self.shape)
        rows = self.rng.choice([n for n in range(1, whole + 1) if whole % n == 0])
        source = self.rng.choice([(whole,), (rows, whole // rows)])
        x = self.of(source, depth)
        if len(self.shape) == 1 and self.rng.random() < 0.5:
            return call("flatten", x)
        return call("reshape", x, *(number(str(size)) for size in self.shape))

    def product(self, left, right, depth):
        return self.join(self.of(left, depth), "@", self.of(right, depth))

    def matvec(self, depth):
        inner = self.any_size()
        if self.rng.random() < 0.7:
            return self.product((*self.shape, inner), (inner,), depth)
        inner = inner if inner > 1 or self.rng.random() < 0.3 else 3
        return self.product((inner,), (inner, *self.shape), depth)

    def matmul(self, depth):
        rows, columns = self.shape
        if rows > 1 and self.rng.random() < 0.3:
            return self.product((rows,), (1, columns), depth)
        inner = self.any_size()
        return self.product((rows, inner), (inner, columns), depth)

    def outer(self, depth):
        return call("outer", *(self.of((size,), depth) for size in self.shape))

    def dotted(self, depth):
        shape = self.any_shape(0, 1, 0) if self.rng.random() < 0.7 else self.any_shape()
        operands = self.of(shape, depth), self.of(shape, depth)
        if len(shape) == 1 and self.rng.random() < 0.5:
            return self.join(operands[0], "@", operands[1])
        return call("dot", *operands)

    def cross_entropy(self, depth):
        shape = self.any_shape(0, 1, 1)
        scores = self.of(shape, depth)
        *rows, classes = shape
        targets = list_of(*(number(str(self.rng.randint(1, classes))) for _ in range(*rows or [1])))
        targets = targets if rows else targets.parts[0]
        match self.rng.randrange(4):
            case 0:
                targets = call("onehot", targets, number(str(classes)))
            case 1:
                targets = call("softmax", self.of(shape, depth))
            case 2 if rows:
                targets = call("argmax", self.of(shape, depth), axis_argument(2))
        return call("cross_entropy", scores, targets)

    # Statements

    def input(self, shape):
        """The right side of an input of this shape."""
        sizes = [number(str(size)) for size in shape]
        match self.rng.randrange(8):
            case 0 if shape:
                return self.join(number("0.4"), "*", call("ones", *sizes))
            case 1 if shape:
                return self.join(call("zeros", *sizes), "+", number("0.3"))
            case 2 if len(shape) == 2 and shape[0] == shape[1]:
                return self.join(call("eye", sizes[0]), "-", number("0.2"))
            case 3 if shape:
                numbers = call("range", number("1"), number(str(count(shape))))
                numbers = self.join(numbers, "/", number("7.3"))
                return call("reshape", numbers, *sizes)
        return self.literal_of(shape)

    def function(self, text):
        """A function of parameters of certain shapes, or of equal shapes of any kind (None)."""
        parameters = tuple(self.rng.sample(PARAMETERS, self.rng.randint(1, 3)))
        saved = self.values, self.shapes
        if self.rng.random() < 0.3 or text == "silu":
            shapes, result = [None] * len(parameters), None
        else:
            shapes, result = [self.any_shape() for _ in parameters], self.any_shape()
        self.values = list(parameters)
        self.shapes = {p: shape or () for p, shape in zip(parameters, shapes)}
        if result is None:
            body = self.join(call("tanh", name(parameters[0])), "*", number("3"))
            for parameter in parameters[1:]:
                body = self.join(body, self.rng.choice("+*-"), call("sin", name(parameter)))
        else:
            body = self.of(result, 2)
        self.values, self.shapes = saved
        self.arity[text], self.signatures[text] = len(parameters), (shapes, result)
        return Statement("function", text, parameters, body)

    def name_of(self, shape):
        text = self.names.pop()
        self.shapes[text] = shape
        self.values.append(text)
        return text

    def formula(self, shape):
        tree = self.of(shape, self.rng.randint(1, 4))
        return self.anchored(tree)

    def anchored(self, tree):
        """An expression of names, where it might be one of numbers only."""
        if any(self.session.mentions(node) for node in tree.everything()):
            return tree
        return self.join(call("mean", name(self.inputs[0])), "*", tree)

    def definitions(self):
        rng, block = self.rng, []
        self.inputs = [self.name_of(self.any_shape()) for _ in range(rng.randint(2, 4))]
        block += [Statement("define", n, (), self.input(self.shapes[n])) for n in self.inputs]
        for _ in range(rng.randint(0, 2)):
            shape = self.any_shape()
            block.append(Statement("const", self.name_of(shape), (), self.literal_of(shape)))
        for text in rng.sample(FUNCTION_NAMES, rng.randint(0, 2)):
            block.append(self.function(text))
        self.formulas = []
        for _ in range(rng.randint(1, 5)):
            shape = self.any_shape()
            tree = self.formula(shape)
            self.formulas.append(self.name_of(shape))
            block.append(Statement("define", self.formulas[-1], (), tree))
        last = self.rng.choice(["sum", "mean", "norm", "logsumexp"])
        tree = call(last, self.formula(self.any_shape()))
        self.formulas.append(self.name_of(()))
        block.append(Statement("define", self.formulas[-1], (), tree))
        rng.shuffle(block)
        for statement in block:
            self.add(replace(statement, end=rng.choice(["\n"] * 8 + ["; ", "  # W = 1\n"])))

    def question(self):
        rng = self.rng
        text = self.formulas[-1] if rng.random() < 0.5 else rng.choice(self.formulas)
        shape, target = self.shapes[text], name(text)
        if rng.random() < 0.2:
            shape = self.any_shape()
            target = self.anchored(self.of(shape, 2))
        if rng.random() < 0.2:
            self.add(Statement("value", tree=target))
            return
        movable = [n for n in self.values if self.session.definitions[n].kind != "const"]
        wrt = tuple(rng.sample(movable, rng.randint(1, 2))) if rng.random() < 0.4 else None
        if shape or rng.random() < 0.2:
            self.add(Statement("backward", tree=target, wrt=wrt, seed=self.literal_of(shape)))
            return
        kind = rng.choice(["trace", "trace", "grad", "backward"])
        self.add(Statement(kind, tree=target, wrt=wrt))
        if kind == "trace" and rng.random() < 0.3:  # the same once more, by another command
            self.add(Statement(rng.choice(["grad", "backward"]), tree=target, wrt=wrt))

    def change(self):
        """Redefines something, updates it from itself, or asks for a derivative as a value."""
        rng = self.rng
        text, formula = rng.choice(self.inputs), self.formulas[-1]
        shape = self.shapes[text]
        match rng.randrange(5):
            case 0:
                self.add(Statement("define", text, (), self.input(shape)))
            case 1 | 2 if self.below(formula):
                self.descend(formula)
            case 3:
                value = self.join(name(text), "*", number("0.75"))
                self.add(Statement("assign", text, (), self.join(value, "-", number("0.1"))))
            case _ if self.below(formula):
                self.derivatives(formula)

    def derivatives(self, formula):
        """A formula made of a derivative, perhaps with a derivative of it in another one."""
        for _ in range(self.rng.randint(1, 2)):
            below = self.rng.choice(self.below(formula))
            derivative = self.derivative(formula, below)
            square = self.join(derivative, "*", derivative)
            tree = self.rng.choice([square, call("sin", derivative)])
            formula = self.names.pop()
            self.add(Statement("define", formula, (), call("sum", tree)))
            self.add(Statement("value", tree=name(formula)))
            if not self.below(formula):
                break
            wrt = (self.rng.choice(self.below(formula)),)
            kind = self.rng.choice(["trace", "grad", "backward"])
            self.add(Statement(kind, tree=name(formula), wrt=wrt))

    def draw(self):
        """A program: definitions, questions, and changes with questions after them."""
        self.definitions()
        for round_ in range(self.rng.randint(1, 3)):
            if round_:
                self.change()
            for _ in range(self.rng.randint(1, 2)):
                self.question()
        return self.program


def draw(rng):
    return TensorGenerator(rng).draw()
