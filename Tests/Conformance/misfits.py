"""Random statements whose shapes, indices and sizes need not fit: each has its answer or one error.

    BACKSTEP=.build/release/backstep python3 Tests/Conformance/misfits.py [N] [SEED]

A statement must be answered if the definitions of `tensors` give it a value, and must be an error
otherwise: one, with a place on the statement's line, that names a shape, a size or the like where
these are the problem. No statement may end the program, as JSON or as text.
"""

import json
import os
import random
import re
import subprocess
import sys
from dataclasses import replace

from conformance import MARK, with_numbers
from duals import Duals, Rejected
from language import Node, Statement, call, infix, list_of, name, number, stated
from oracle import Session
from shrink import smaller_trees
from tensor_grid import define, literal
from tensors import LANE_MAPS, REDUCTIONS, Tensors

INPUTS = {"a": (), "u": (1,), "v": (2,), "w": (3,), "A": (1, 1), "R": (1, 3), "C": (3, 1),
          "M": (2, 3), "N": (3, 2), "S": (3, 3)}
ENTRYWISE = {"tanh": 1, "sin": 1, "abs": 1, "relu": 1, "sigmoid": 1, "max": 2, "min": 2,
             "where": 3, "clamp": 3, "leaky_relu": 2, "mse": 2, "mae": 2, "hinge": 2, "huber": 3}
# Not those that have no derivative at 0.
LANES = [text for text in (*REDUCTIONS, *LANE_MAPS) if text not in ("std", "norm")]
WHOLE = ["1", "1", "2", "2", "3", "0", "-1", "4", "1.5", "1e18", "1e300"]
SIZES = WHOLE + ["6", "20000", "1e9", "2e8", "9223372036854775807"]
# What a message about shapes, sizes and the like has.
TELLING = re.compile(
    r"\[\d*(, \d+)?\]|size|axis|axes|class|index|indices|shape|empty|whole number|limit|argument|number from")
BATCH = 100


class Loose(Duals):
    """Dual numbers that take no offence at kinks."""

    NEAR, LARGEST = 0, float("inf")


class Misfits:
    """Draws statements."""

    def __init__(self, rng):
        self.rng = rng

    def whole(self, choices=None):
        text = self.rng.choice(choices or WHOLE)
        if self.rng.random() < 0.05:
            return self.expression(1)
        if text.startswith("-"):
            return Node("sign", "-", (number(text[1:]),))
        return number(text)

    def expression(self, depth):
        rng = self.rng
        if depth <= 0:
            return name(rng.choice(list(INPUTS)))
        operands = [self.expression(depth - rng.randint(1, 2)) for _ in range(3)]
        x, y, z = operands
        match rng.randrange(13):
            case 0 | 1:
                return infix(x, rng.choice([" + ", " - ", "*", " < ", " == "]), y)
            case 2 | 3:
                return infix(x, " @ ", y)
            case 4:
                return Node("transpose", "'", (x,))
            case 5:
                text = rng.choice(list(ENTRYWISE))
                return call(text, *operands[:ENTRYWISE[text]])
            case 6 | 7:
                text = rng.choice(LANES)
                axis = (Node("keyword", "axis", (self.whole(),)),) if rng.random() < 0.6 else ()
                return call(text, x, *axis)
            case 8:
                parts = [self.bounds() for _ in range(rng.choice([1, 1, 2, 2, 3]))]
                return Node("index", "", (x, *parts))
            case 9:
                parts = operands[:rng.randint(1, 3)]
                if rng.random() < 0.5:
                    return list_of(*parts)
                axis = (Node("keyword", "axis", (self.whole(),)),) if rng.random() < 0.6 else ()
                return call(rng.choice(["stack", "concat"]), *parts, *axis)
            case 10:
                return call("reshape", x, *(self.whole(SIZES) for _ in range(rng.randint(1, 2))))
            case 11:
                text = rng.choice(["zeros", "ones", "eye", "range"])
                sizes = 1 if text == "eye" else 2 if text == "range" else rng.randint(1, 2)
                return call(text, *(self.whole(SIZES) for _ in range(sizes)))
        match rng.randrange(5):
            case 0:
                return call("onehot", self.whole(), self.whole())
            case 1:
                return call("cross_entropy", x, self.whole() if rng.random() < 0.5 else y)
            case 2:
                return call(rng.choice(["dot", "outer"]), x, y)
            case 3:
                return call(rng.choice(["flatten", "transpose"]), x)
        return call("f", x, y)

    def bounds(self):
        if self.rng.random() < 0.4:
            return self.whole()
        ends = [self.whole() if self.rng.random() < 0.6 else Node("open", "") for _ in range(2)]
        return Node("slice", "", tuple(ends))

    def statement(self):
        rng = self.rng
        tree = self.expression(rng.randint(1, 3))
        kind = rng.choice(["value", "value", "trace", "grad", "backward", "backward"])
        if kind == "value":
            return Statement(kind, tree=tree)
        wrt = tuple(rng.sample(list(INPUTS), 2)) if rng.random() < 0.3 else None
        seed = None
        if kind == "backward":
            shape = tuple(rng.choice([1, 2, 3]) for _ in range(rng.randint(0, 2)))
            seed = literal(rng, shape) if rng.random() < 0.7 else self.expression(1)
        return Statement(kind, tree=tree, wrt=wrt, seed=seed)


def definitions():
    rng = random.Random(1)
    found = [define(text, literal(rng, shape)) for text, shape in INPUTS.items()]
    body = infix(infix(name("p"), " @ ", name("q")), " + ", name("a"))
    return [*found, Statement("function", "f", ("p", "q"), body)]


def has_value(statement):
    """Whether the definitions give the statement an answer."""
    session = Session(Tensors(Loose()))
    if statement.kind != "value" and not statement.wrt:  # a seed must fit anyway
        statement = replace(statement, wrt=("a",))
    for definition in definitions():
        session.run(definition)
    try:
        session.run(statement)
    except (Rejected, ArithmeticError, ValueError, TypeError, LookupError, RecursionError):
        return False
    return True


def run(executable, statements, *options):
    """What comes out, every statement between marks; an error of its own where the program ends."""
    text = "".join(map(stated, definitions()))
    for index, statement in enumerate(statements):
        text += f"{MARK + index}\n{stated(statement)}"
    try:
        return subprocess.run(
            [executable, "-k", "--sandbox", *options, "-"], input=text, capture_output=True,
            timeout=60, encoding="utf-8")
    except subprocess.TimeoutExpired:
        return None


def ends(result):
    """Why a run did not end as it should, if so."""
    if result is None:
        return "no answer within a minute"
    if result.returncode not in (0, 1) or "Fatal error" in result.stderr:
        return f"exit status {result.returncode}: {result.stderr[-300:].strip()}"
    return None


def groups(output):
    """The events of each statement."""
    found = []
    for line in output.splitlines():
        event = json.loads(line, object_hook=with_numbers)
        if event["event"] == "value" and event["text"] == str(MARK + len(found)):
            found.append([])
        elif found:
            found[-1].append(event)
    return found


def wrong(executable, statement):
    """What is wrong with the answer to a statement on its own."""
    for options in ((), ("--json",)):
        result = run(executable, [statement], *options)
        if problem := ends(result):
            return problem
    events, = groups(result.stdout)
    errors = [event for event in events if event["event"] == "error"]
    if not has_value(statement):
        if len(errors) != 1 or len(events) != 1:
            return f"{len(errors)} errors instead of one, {len(events)} events"
        if result.returncode != 1:
            return f"exit status {result.returncode}"
        if errors[0].get("line") != len(definitions()) + 2 and "f(" not in stated(statement):
            return f"no place: {errors[0]}"
        if not TELLING.search(errors[0]["message"]):
            return f"says nothing about shapes: {errors[0]['message']}"
    elif errors:
        return f"an error where there is a value: {errors[0]['message']}"
    return None


def shrunk(executable, statement, problem):
    """The statement made smaller for as long as something of the kind is wrong."""
    def kind(text):
        return text and text[:12]

    tries = 300
    while True:
        for tree in smaller_trees(statement.tree):
            tries -= 1
            candidate = Statement(statement.kind, tree=tree, wrt=statement.wrt, seed=statement.seed)
            if tries < 0 or len(stated(candidate)) >= len(stated(statement)):
                continue
            try:
                other = wrong(executable, candidate)
            except (ValueError, TypeError):
                continue
            if kind(other) == kind(problem):
                statement, problem = candidate, other
                break
        else:
            return statement, problem


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = sys.argv[2] if len(sys.argv) > 2 else "1"
    executable = os.environ["BACKSTEP"]
    answered = 0
    for first in range(0, count, BATCH):
        statements = [
            Misfits(random.Random(f"{seed} {index}")).statement()
            for index in range(first, min(first + BATCH, count))]
        text = run(executable, statements)
        events = run(executable, statements, "--json")
        suspects = statements
        if not ends(text) and not ends(events):
            answers = groups(events.stdout)
            suspects = []
            for statement, answer in zip(statements, answers):
                errors = [event for event in answer if event["event"] == "error"]
                answered += not errors
                if has_value(statement) == bool(errors) or errors and (
                        len(answer) != 1 or not TELLING.search(errors[0]["message"])):
                    suspects.append(statement)
        for statement in suspects:
            if problem := wrong(executable, statement):
                statement, problem = shrunk(executable, statement, problem)
                print(f"{problem}\n\n{stated(statement)}", file=sys.stderr)
                return 1
    print(f"misfits: {count} statements (seed {seed}), {answered} answered, the others an error")
    return 0


if __name__ == "__main__":
    sys.exit(main())
