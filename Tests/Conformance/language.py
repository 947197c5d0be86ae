"""The language as trees: expressions, statements, and how they are written down."""

from dataclasses import dataclass

# The spellings of each operator, and how tightly it binds.
SPELLINGS = {
    "+": ["+"], "-": ["-", "−"], "*": ["*", "·", "×", "⋅"], "/": ["/", "÷"], "^": ["^", "**"],
    "@": ["@"], "<": ["<"], "<=": ["<=", "≤"], ">": [">"], ">=": [">=", "≥"], "==": ["=="], "!=": ["!=", "≠"],
}
MEANING = {spelling: operator for operator, list_ in SPELLINGS.items() for spelling in list_}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 7)
BINDING = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "@": PRODUCT, "^": POWER}


@dataclass(frozen=True)
class Node:
    """A part of an expression: its kind, its text as spelled (blanks included), its operands.

    Kinds: number, name, sign, infix, call, keyword (an argument by name), group (parentheses that
    nothing asks for), derivative (of what by which name; its text is d, ∂ or, of any expression, grad), list,
    transpose (its text is ' or .T), index (a value, then what stands in the brackets), slice (two
    bounds, which may be of the kind open).
    """

    kind: str
    text: str
    parts: tuple = ()

    @property
    def operator(self):
        return MEANING[self.text.strip()]

    @property
    def binding(self):
        if self.kind == "infix":
            return BINDING.get(self.operator, COMPARISON)
        return SIGN if self.kind == "sign" else ATOM

    def everything(self):
        yield self
        for part in self.parts:
            yield from part.everything()


@dataclass(frozen=True)
class Statement:
    """One statement, by its kind.

    It changes definitions (define, const, function, assign, undo, reset) or is a question (value,
    trace, grad, backward).
    """

    kind: str
    name: str = ""
    parameters: tuple = ()
    tree: Node | None = None
    wrt: tuple | None = None
    seed: Node | None = None
    end: str = "\n"

    @property
    def is_question(self):
        return self.kind in ("value", "trace", "grad", "backward")


def number(text):
    return Node("number", text)


def name(text):
    return Node("name", text)


def infix(left, text, right):
    return Node("infix", text, (left, right))


def call(function, *arguments):
    return Node("call", function, arguments)


def list_of(*entries):
    return Node("list", "", entries)


def written(node):
    """The text of an expression, with no parentheses but those it needs and its groups."""

    def operand(part, least):
        return written(part) if part.binding >= least else f"({written(part)})"

    match node.kind:
        case "number" | "name":
            return node.text
        case "group":
            return f"({written(node.parts[0])})"
        case "open":
            return ""
        case "list":
            return f"[{', '.join(map(written, node.parts))}]"
        case "slice":
            return ":".join(map(written, node.parts))
        case "index" | "transpose":
            value = operand(node.parts[0], ATOM)
            if node.parts[0].kind == "number":
                value = f"({value})"
            if node.kind == "transpose":
                return value + node.text
            return f"{value}[{', '.join(map(written, node.parts[1:]))}]"
        case "sign":
            return node.text + operand(node.parts[0], SIGN)
        case "keyword":
            return f"{node.text}={written(node.parts[0])}"
        case "call":
            return f"{node.text}({', '.join(map(written, node.parts))})"
        case "derivative":
            top, bottom = map(written, node.parts)
            if node.text == "grad":
                return f"grad({top}, {bottom})"
            return f"{node.text}{top}/{node.text}{bottom}"
    left, right = node.parts
    binding = node.binding
    if binding == POWER:  # from the right; a sign may follow: 2^-1
        return operand(left, ATOM) + node.text + operand(right, SIGN)
    from_left = binding != COMPARISON  # comparisons do not chain
    return operand(left, binding + (not from_left)) + node.text + operand(right, binding + 1)


def stated(statement):
    """The text of a statement, with what ends it."""
    text = written(statement.tree) if statement.tree else ""
    match statement.kind:
        case "define":
            text = f"{statement.name} = {text}"
        case "const":
            text = f"const {statement.name} = {text}"
        case "assign":
            text = f"{statement.name} := {text}"
        case "undo" | "reset":
            text = statement.kind
        case "function":
            text = f"{statement.name}({', '.join(statement.parameters)}) = {text}"
        case "trace" | "grad" | "backward":
            # What a command is about cannot begin with a parenthesis.
            text = f"{statement.kind} {'1*' if text.startswith('(') else ''}{text}".rstrip()
            if statement.wrt:
                text += f" wrt {', '.join(statement.wrt)}"
            if statement.seed:
                text += f" seed {written(statement.seed)}"
    return text + statement.end
