"""Random programs: the formulas of `derive`, typed back in, against backpropagation.

    BACKSTEP=.build/release/backstep python3 Tests/Conformance/derive.py [N] [SEED]

Each question of a random program about a single number is asked as `derive` with respect to each of
its inputs. The formula is then typed in as it was told, and computed beside the derivative, where the
program stands and at other points: every input moved at random, three times. The two must differ by
at most 1e-9 * max(1, |derivative|), or by what noise of 1e-9 moves them, wherever both are finite: noise
in the inputs, or in the program's constants (the sine of a large power of pi has few digits that mean
anything). Where the program stands `derive` itself has to say so too, and the chain must be there
also where a formula would be too long. Ends with 1 and the programs that fail.
"""

import json
import math
import os
import random
import subprocess
import sys
import time
from dataclasses import replace

import generator
import tensor_generator
from language import infix, number, stated, written

TOLERANCE, NOISE, POINTS = 1e-9, 1e-11, 3
MARK = 900_000_000


def run(executable, text):
    """The events by marks: a list for each number that was asked for as a mark."""
    result = subprocess.run(
        [executable, "--json", "-k", "-"], input=text, capture_output=True, timeout=120,
        encoding="utf-8")
    if result.returncode not in (0, 1):
        raise SystemExit(f"exit status {result.returncode}\n{text}\n{result.stderr}")
    groups = {}
    group = None
    for line in result.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "value" and event["text"].isdigit() and int(event["text"]) >= MARK:
            group = groups.setdefault(int(event["text"]) - MARK, [])
        elif group is not None:
            group.append(event)
    return groups


def marked(program, replacement):
    """The program with each question replaced by what is to be asked in its place."""
    text, index = "", 0
    for statement in program:
        if not statement.is_question:
            text += stated(statement)
            continue
        if text and not text.endswith("\n"):
            text += "\n"
        text += replacement(index, statement)
        index += 1
    return text


def target(program, index):
    """The text of what a question is about; None for the last formula."""
    statement = [s for s in program if s.is_question][index]
    return written(statement.tree) if statement.tree else None


def flat(value):
    if isinstance(value, list):
        return [n for part in value for n in flat(part)]
    return [float(value)]


class Counts:
    def __init__(self):
        self.formulas = self.long = self.points = self.skipped = 0
        self.failures = []


def inputs(executable, program, keeps_wrt):
    """For each question the inputs there are, or the names it is asked with respect to."""
    def ask(index, statement):
        if statement.seed or not statement.tree:
            return ""
        wrt = f" wrt {', '.join(statement.wrt)}" if statement.wrt and keeps_wrt else ""
        return f"{MARK + index}\ngrad {written(statement.tree)}{wrt}\n"

    groups = run(executable, marked(program, ask))
    return {i: list(dict.fromkeys(e["wrt"] for e in events if e["event"] == "gradient"))
            for i, events in groups.items() if not any(e["event"] == "error" for e in events)}


def derived(executable, program, names):
    """For each question and input what `derive` told."""
    slots = {}

    def ask(index, statement):
        text = ""
        for name in names.get(index, []):
            slots[len(slots)] = (index, name)
            text += f"{MARK + len(slots) - 1}\nderive {written(statement.tree)} wrt {name}\n"
        return text

    groups = run(executable, marked(program, ask))
    return {slots[i]: events for i, events in groups.items()}


def shaken(node, rng, is_exponent=False):
    """The expression with noise in its constants; whole numbers (places, sizes, powers) stay."""
    is_constant = node.kind == "name" and node.text in ("pi", "π", "e")
    if is_constant or node.kind == "number" and "." in node.text and not is_exponent:
        return infix(node, "*", number(repr(1 + NOISE * rng.uniform(-1, 1))))
    parts = tuple(
        shaken(part, rng, is_exponent or node.kind == "infix" and node.operator == "^" and i == 1)
        for i, part in enumerate(node.parts))
    return replace(node, parts=parts)


def moved(rng, names, noise=None):
    """Statements that move every input."""
    text = ""
    for name in names:
        scale, shift = (1 + noise * rng.uniform(-1, 1), 0) if noise else (
            rng.uniform(0.5, 1.5), rng.uniform(-0.3, 0.3))
        text += f"{name} := {name}*{scale!r} + ({shift!r})\n"
    return text


def computed(executable, program, formulas, moves):
    """By question, name, point and kind: what the formula, where there is one, and the derivative are."""
    slots = {}

    def ask(index, statement):
        text = ""
        for (point, kind), move in moves.get(index, {}).items():
            text += move
            for name, formula in formulas.get(index, {}).items():
                slots[len(slots)] = (index, name, point, kind)
                text += f"{MARK + len(slots) - 1}\n"
                text += f"({formula})\n" if formula else ""
                text += f"grad({written(statement.tree)}, {name})\n"
            if kind == "near":
                text += "undo\n" * (2 * move.count("\n"))
        return text

    groups = run(executable, marked(program, ask))
    return {slots[i]: events for i, events in groups.items()}


def values(events):
    return [flat(e["value"]) for e in events if e["event"] == "value"]


def check(executable, program, rng, counts):
    names = inputs(executable, program, True)
    leaves = inputs(executable, program, False)
    answers = derived(executable, program, names)
    formulas = {}
    for (index, name), events in answers.items():
        told = [e for e in events if e["event"] == "derivative"]
        errors = [e for e in events if e["event"] == "error"]
        if not told:
            counts.failures.append((program, f"{name}: {errors or events}"))
            continue
        # A derivative inside E is written out in many operations, which have no names to be linked.
        writes_out = any(node.kind == "derivative" for s in program if s.tree
                         for node in s.tree.everything())
        if not told[0]["chain"] and not writes_out:
            counts.failures.append((program, f"{name}: no chain: {told[0]}"))
        if "formula" not in told[0]:
            counts.long += 1
            continue
        if told[0]["agrees"] is not True:
            counts.skipped += 1
        formulas.setdefault(index, {})[name] = told[0]["formula"]
    moves = {}
    for index in formulas:
        moves[index] = {(0, "here"): ""}
        for point in range(1, POINTS + 1):
            moves[index][point, "here"] = moved(rng, leaves.get(index, []))
            moves[index][point, "near"] = moved(rng, leaves.get(index, []), NOISE)
    results = computed(executable, program, formulas, moves)
    unsteady = [replace(s, tree=s.tree and shaken(s.tree, rng)) for s in program]
    without = {index: dict.fromkeys(asked) for index, asked in formulas.items()}
    shakes = computed(executable, unsteady, without, moves)
    for (index, name, point, kind), events in results.items():
        pair = values(events)
        shapes = [e["shape"] for e in events if e["event"] == "value"]
        errors = [e["message"] for e in events if e["event"] == "error"]
        counts.formulas += point == 0
        if errors and point == 0 or len(shapes) == 2 and shapes[0] != shapes[1]:
            counts.failures.append(
                (program, f"wrt {name}: {formulas[index][name]}: {errors} {shapes}"))
        if kind != "here" or len(pair) != 2:
            continue
        near = values(results.get((index, name, point, "near"), []))
        shake = values(shakes.get((index, name, point, "here"), []))
        for place, (one, other) in enumerate(zip(*pair)):
            if not (math.isfinite(one) and math.isfinite(other)):
                continue
            counts.points += 1
            drifts = [abs(near[0][place] - one), abs(near[1][place] - other)] if len(near) == 2 else []
            drifts += [abs(shake[0][place] - other)] if shake else []
            drift = max(filter(math.isfinite, drifts), default=0) / NOISE * TOLERANCE
            if abs(one - other) > max(TOLERANCE * max(1, abs(other)), drift):
                counts.failures.append((program, (
                    f"question {index + 1}, {target(program, index)} wrt {name}, point {point}: "
                    f"{formulas[index][name]} is {one!r}, not {other!r}")))
                break


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    executable = os.environ["BACKSTEP"]
    counts = Counts()
    start = time.monotonic()
    for i in range(count):
        rng = random.Random(f"derive {seed} {i}")
        program = (generator, tensor_generator)[i % 2].draw(rng)
        check(executable, program, rng, counts)
    for program, message in counts.failures[:5]:
        print(f"{message}\n{''.join(map(stated, program))}", file=sys.stderr)
    print(f"derive: {count} programs (seed {seed}), {counts.formulas} formulas, {counts.long} too "
          f"long, {counts.skipped} undefined or imprecise where they stand, {counts.points} numbers "
          f"compared, {len(counts.failures)} failures; {time.monotonic() - start:.1f} s")
    return 1 if counts.failures else 0


if __name__ == "__main__":
    sys.exit(main())
