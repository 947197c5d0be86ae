"""Random programs that use every part of the language which has a value and a derivative."""

from dataclasses import replace

import functions as domain
from functions import FUNCTIONS
from language import COMPARISONS, SPELLINGS, Node, Statement, call, infix, name, number
from oracle import Session

NAMES = ["x", "y", "w", "w1", "w₁", "w₂", "θ", "ŷ", "y\u0302x", "β_1", "имя", "变量", "Δt", "_k",
         "a", "b", "L", "z", "loss", "dL", "dx", "x2", "h1", "λ", "bias", "Σ", "T"]
FUNCTION_NAMES = ["f", "g", "h", "φ", "twice", "silu", "step2"]
PARAMETERS = ["u", "v", "t", "x", "w", "a", "p₁", "α"]


class Generator:
    """Draws one program. Every choice comes from `rng`, so a seed gives the program again."""

    def __init__(self, rng):
        self.rng = rng
        self.names = rng.sample(NAMES, len(NAMES))
        self.arity = {}  # of the functions that may be called
        self.values = []  # the names that may be used
        self.session = Session(None)  # what depends on what
        self.program = []

    # Spelling

    def spelled(self, operator):
        text = self.rng.choice(SPELLINGS[operator])
        is_spaced = self.rng.random() < (0.1 if operator in "^*/" else 0.8)
        return f" {text} " if is_spaced else text

    def join(self, left, operator, right):
        return infix(left, self.spelled(operator), right)

    def sign(self, operand, text=None):
        return Node("sign", text or self.rng.choice(["-", "-", "−", "+"]), (operand,))

    def literal(self):
        return number(self.rng.choice(
            ["1", "2", "3", "0.5", ".25", "1.", "2e-1", "1.5E0", f"{self.rng.uniform(0.1, 2)!r}"]))

    # Expressions

    def leaf(self):
        if self.values and self.rng.random() < 0.8:
            recent = self.values[-4:] if self.rng.random() < 0.6 else self.values
            return name(self.rng.choice(recent))
        if self.rng.random() < 0.1:
            return name(self.rng.choice(["pi", "π", "e"]))
        return self.signed_literal()

    def signed_literal(self):
        literal = self.literal()
        return self.sign(literal) if self.rng.random() < 0.3 else literal

    def expression(self, depth):
        if depth <= 0 or self.rng.random() < 0.1:
            return self.leaf()
        makers = [self.arithmetic, self.builtin, self.signed, self.power, self.choice, self.group,
                  self.plain]
        weights = [30, 30, 8, 9, 4, 3, 5]
        if self.arity:
            makers.append(self.own)
            weights.append(20)
        return self.rng.choices(makers, weights)[0](depth - 1)

    def parts(self, depth, *makers):
        """The operands of an operation entry by entry."""
        return [make(depth) for make in makers]

    def arithmetic(self, depth):
        operator = self.rng.choice("++--***/")
        left, right = self.parts(depth, self.expression, self.expression)
        if operator == "/":
            right = self.inside("nonzero", right)
        return self.join(left, operator, right)

    def signed(self, depth):
        return self.sign(self.expression(depth))

    def plain(self, depth):
        """Sums, differences, products and signs alone: what each sign belongs to, and how often."""
        if depth <= 0:
            return self.leaf()
        if self.rng.random() < 0.35:
            return self.sign(self.plain(depth - 1))
        left, right = self.parts(depth - 1, self.plain, self.plain)
        return self.join(left, self.rng.choice("+-*"), right)

    def group(self, depth):
        inner = Node("group", "", (self.expression(depth),))
        return Node("group", "", (inner,)) if self.rng.random() < 0.3 else inner

    def power(self, depth):
        kind = self.rng.randrange(4)
        if kind == 3 and self.rng.random() < 0.7:
            base, exponent = self.parts(depth, self.expression, self.expression)
            return self.join(self.inside("positive", base), "^", self.inside("small", exponent))
        base = self.expression(depth)
        match kind:
            case 0:
                return self.join(base, "^", number(self.rng.choice(["2", "3", "2.", "1", "0"])))
            case 1:
                exponent = number(self.rng.choice(["1", "2", "0.5", "1.5", ".25", "3"]))
                return self.join(self.inside("positive", base), "^", self.sign(exponent, "-"))
            case 2:
                exponent = number(self.rng.choice(["0.5", "1.5", "2.25"]))
                if self.rng.random() < 0.3:  # from the right: x^0.5^2
                    exponent = self.join(exponent, "^", number("2"))
                return self.join(self.inside("positive", base), "^", exponent)
            case _:
                return self.join(self.literal(), "^", self.inside("small", base))

    def choice(self, depth):
        if self.rng.random() < 0.2:  # a comparison is a number
            condition, factor = self.parts(depth, self.condition, self.expression)
            return self.join(condition, "*", factor)
        return call("where", *self.parts(depth, self.condition, self.expression, self.expression))

    def condition(self, depth):
        if self.rng.random() < 0.3:  # whole numbers, so that they may be equal
            rounding = call(self.rng.choice(["round", "floor", "ceil", "sign"]), self.leaf())
            operator = self.rng.choice(["==", "!="])
            return self.join(rounding, operator, number(self.rng.choice(["0", "1"])))
        left, right = self.parts(depth - 1, self.expression, self.expression)
        return self.join(left, self.rng.choice(COMPARISONS), right)

    def builtin(self, depth):
        text = self.rng.choice([n for n in FUNCTIONS if n != "where" and n not in self.arity])
        return self.called(text, depth)

    def called(self, text, depth):
        """A call of a function that goes entry by entry."""
        function = FUNCTIONS[text]
        makers = [self.expression] * len(function.domains)
        operands = list(map(self.inside, function.domains, self.parts(depth, *makers)))
        if function.keyword:
            last = operands.pop()
            match self.rng.randrange(3):
                case 0:
                    operands.append(last)
                case 1:
                    operands.append(Node("keyword", function.keyword, (last,)))
        return call(text, *operands)

    def own(self, depth):
        text = self.rng.choice(list(self.arity))
        arguments = [
            self.signed_literal() if self.rng.random() < 0.4 else self.expression(depth)
            for _ in range(self.arity[text])]
        return call(text, *arguments)

    def inside(self, where, x):
        """An expression in x whose value lies where it has to, whatever x is."""
        square = self.join(x, "^", number("2"))
        match where:
            case domain.SMALL:
                options = [call("tanh", x), call("sin", x),
                           self.join(call("atan", x), "/", number("2"))]
                if x.kind in ("name", "number"):
                    options += [x, x]
            case domain.POSITIVE:
                options = [
                    self.join(number("1.5"), "+", square),
                    self.join(number("0.1"), "+", call("softplus", x)),
                    call("exp", call("sin", x)), self.join(number("2"), "+", call("cos", x))]
            case domain.UNIT:
                options = [call("σ", call("tanh", x)),
                           self.join(self.join(number("2"), "+", call("sin", x)), "/", number("4"))]
            case domain.INSIDE:
                options = [self.join(number("0.9"), "*", call("sin", x)),
                           self.join(x, "/", self.join(number("2"), "+", square))]
            case domain.ABOVE_ONE:
                options = [self.join(number("1.5"), "+", square),
                           self.join(number("0.5"), "+", call("cosh", call("sin", x)))]
            case domain.NONZERO:
                positive = self.inside("positive", x)
                options = [positive, self.sign(positive, "-")]
            case domain.LABEL:
                options = [number("0"), number("1"), number("0.3"), self.inside("unit", x)]
            case domain.SLOPE:
                options = [number("0.2"), number(".5"), self.inside("unit", x)]
            case _:
                return x
        return self.rng.choice(options)

    # Statements

    def add(self, statement):
        if not statement.is_question:
            self.session.define(statement)
        self.program.append(statement)

    def input(self):
        """The right side of an input: a literal, or something computed from literals."""
        literal = number(f"{self.rng.uniform(0.05, 2)!r}")
        match self.rng.randrange(6):
            case 0:
                return self.join(call("sqrt", number("2")), "*", self.sign(literal, "-"))
            case 1:
                return self.join(name("π"), "/", number("4"))
            case 2 | 3:
                return self.sign(literal, "-")
        return literal

    def function(self, text):
        """A function, or another body for it; it calls functions made before it."""
        known = list(self.arity)
        count = self.arity.get(text) or self.rng.randint(1, 3)
        parameters = tuple(self.rng.sample(PARAMETERS, count))
        callable_ = known[:known.index(text)] if text in known else known
        saved = self.values, self.arity
        outer = self.rng.sample(self.inputs, min(len(self.inputs), self.rng.randint(0, 1)))
        self.values = outer + list(parameters)
        self.arity = {k: self.arity[k] for k in callable_}
        if text == "silu":  # from here on it is not the built-in one
            body = self.join(name(parameters[0]), "*", number("3"))
        else:
            body = self.rng.choice([self.plain, self.expression])(self.rng.randint(1, 3))
        self.values, self.arity = saved
        self.arity[text] = count
        return Statement("function", text, parameters, body)

    def definitions(self):
        """The first definitions, in any order; gives back those with a derivative in them."""
        rng = self.rng
        block = []
        self.inputs = [self.names.pop() for _ in range(rng.randint(1, 4))]
        block += [Statement("define", n, (), self.input()) for n in self.inputs]
        data = [self.names.pop() for _ in range(rng.randint(0, 2))]
        for index, text in enumerate(data):
            tree = self.literal()
            if index:
                tree = self.join(name(data[0]), "-", tree)
            block.append(Statement("const", text, (), tree))
        own = rng.sample(FUNCTION_NAMES, rng.randint(0, 3))
        if "silu" in own:
            own.insert(0, own.pop(own.index("silu")))
        block += [self.function(text) for text in own]
        self.values = self.inputs + data
        self.formulas = []
        for _ in range(rng.randint(1, 8)):
            text = self.names.pop()
            tree = self.expression(rng.randint(1, 4))
            if not any(Session.mentions(node) for node in tree.everything()):
                tree = self.join(name(self.inputs[0]), "*", tree)
            block.append(Statement("define", text, (), tree))
            self.values.append(text)
            self.formulas.append(text)
        for statement in block:
            self.session.define(statement)
        derived = self.derivative_formula() if rng.random() < 0.4 else []
        block += derived
        rng.shuffle(block)
        ends = ["\n"] * 12 + ["; ", "  # a comment, x = 1\n", "\n\n"]
        for statement in block:
            self.add(replace(statement, end=rng.choice(ends)))
        return derived

    def change(self):
        """Redefines something, or updates it from itself."""
        rng = self.rng
        text = rng.choice(self.inputs)
        formula = rng.choice(self.formulas)
        match rng.randrange(6):
            case 0:
                self.add(Statement("define", text, (), self.input()))
            case 1 | 2 if self.below(formula):
                self.descend(formula)
            case 3:
                value = self.join(name(text), "*", number("0.75"))
                self.add(Statement("assign", text, (), self.join(value, "-", number("0.1"))))
            case 4:
                self.add(Statement("assign", formula, (), call("tanh", name(formula))))
            case _ if self.arity and rng.random() < 0.5:
                self.add(self.function(list(self.arity)[-1]))
            case _:
                saved = self.values
                self.values = saved[: saved.index(formula)]
                tree = self.join(name(text), "*", self.expression(2))
                self.values = saved
                self.add(Statement("define", formula, (), tree))

    def below(self, formula):
        """The inputs that a formula depends on."""
        return self.session.inputs(name(formula))

    def derivative(self, top, bottom):
        return Node("derivative", self.rng.choice(["d", "∂", "grad"]), (name(top), name(bottom)))

    def descend(self, formula):
        """A step of gradient descent."""
        text = self.rng.choice(self.below(formula))
        if text == formula:
            return
        step = self.join(number("0.01"), "*", self.derivative(formula, text))
        self.add(Statement("assign", text, (), self.join(name(text), "-", step)))

    def derivative_formula(self):
        """Formulas with derivatives in them, each perhaps a derivative of the one before."""
        rng, statements = self.rng, []
        top = name(rng.choice([f for f in self.formulas if self.is_formula(f)]))
        for _ in range(rng.randint(1, 3)):
            below = self.movable(top)
            if not below:
                break
            if rng.random() < 0.3:
                top = self.join(top, "*", self.leaf())
            tree = self.derivative_of(top, rng.choice(below))
            tree = rng.choice([
                tree, self.join(tree, "^", number("2")), self.join(self.leaf(), "*", tree)])
            statements.append(Statement("define", self.names.pop(), (), tree))
            self.session.define(statements[-1])
            top = name(statements[-1].name)
        return statements

    def movable(self, tree):
        """The names that an expression depends on and that can move."""
        return [n for n in self.session.reach(tree)
                if self.session.definitions[n].kind in ("input", "formula")]

    def derivative_of(self, tree, bottom):
        """The derivative of any expression."""
        if tree.kind == "name":
            return self.derivative(tree.text, bottom)
        return Node("derivative", "grad", (tree, name(bottom)))

    def ask_derivatives(self, statements):
        """Asks for the values of formulas with derivatives, and traces them."""
        for statement in statements:
            self.add(Statement("value", tree=name(statement.name)))
            movable = self.movable(name(statement.name))
            wrt = None
            if movable and self.rng.random() < 0.5:
                wrt = tuple(self.rng.sample(movable, min(len(movable), self.rng.randint(1, 2))))
            kind = self.rng.choice(["trace", "trace", "grad", "backward"])
            self.add(Statement(kind, tree=name(statement.name), wrt=wrt))

    def question(self):
        rng = self.rng
        target = name(rng.choice(self.formulas[-3:]))
        if rng.random() < 0.3:
            target = self.expression(2)
        kind = rng.choice(["value", "trace", "trace", "trace", "grad", "backward", "backward"])
        if kind == "value":
            self.add(Statement("value", tree=target))
            return
        movable = [n for n in self.values if self.session.definitions[n].kind != "const"]
        wrt = None
        if rng.random() < 0.4:
            wrt = tuple(rng.sample(movable, min(len(movable), rng.randint(1, 3))))
        if rng.random() < 0.15 and not wrt and self.ends_with_formula():
            target = None
        seed = None
        if kind == "backward" and rng.random() < 0.6:
            seed = self.sign(self.literal()) if rng.random() < 0.5 else number("2.5")
        self.add(Statement(kind, tree=target, wrt=wrt, seed=seed))
        if kind == "trace" and rng.random() < 0.5:  # the same once more, by another command
            self.add(Statement(rng.choice(["grad", "backward"]), tree=target, wrt=wrt))

    def ends_with_formula(self):
        """Whether the last definition is a formula, which is what a bare command is about."""
        last = [s for s in self.program if not s.is_question][-1]
        return last.name in self.formulas and self.is_formula(last.name)

    def is_formula(self, text):
        return self.session.definitions[text].kind == "formula"

    def draw(self):
        """A program: definitions, questions, and changes with questions after them."""
        self.ask_derivatives(self.definitions())
        for round_ in range(self.rng.randint(1, 3)):
            if round_:
                self.change()
            if round_ and self.rng.random() < 0.2 and not self.program[-1].is_question:
                self.question()
                self.add(Statement("undo"))
            for _ in range(self.rng.randint(1, 2)):
                self.question()
        if self.rng.random() < 0.3 and any(map(self.is_formula, self.formulas)):
            derived = self.derivative_formula()
            for statement in derived:
                self.add(statement)
            self.ask_derivatives(derived)
        return self.program


def draw(rng):
    """A program, or two with a reset between them."""
    program = Generator(rng).draw()
    if rng.random() < 0.1:
        program += [Statement("reset")] + Generator(rng).draw()
    return program
