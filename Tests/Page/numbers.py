"""Exported pages of random programs: their numbers, and what they compute for other inputs.

    BACKSTEP=.build/release/backstep python3 Tests/Page/numbers.py [N] [SEED]

Each page must hold the numbers that `--json` tells, to the last digit. Its script then computes them
itself, and once more for other inputs, against the page that Backstep makes for those. The script is
run by Node.js; where that is missing, only the first comparison is made, and this says so.
"""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "Conformance"))

import generator
import tensor_generator
from language import stated, written

DERIVATIVES = ("trace", "grad", "backward")


def run(script, folder):
    """What Backstep prints for a script as JSON; None where the script fails."""
    result = subprocess.run(
        [os.environ["BACKSTEP"], "--json", "--no-init", "-"], input=script, cwd=folder,
        capture_output=True, encoding="utf-8", timeout=60)
    if result.returncode:
        return None
    return [json.loads(line) for line in result.stdout.splitlines()]


def drawn(rng, index):
    """The definitions of a random program, and the words of its last question."""
    program = (generator, tensor_generator)[index % 2].draw(rng)
    questions = [s for s in program if s.kind in DERIVATIVES and s.tree]
    if not questions:
        return drawn(rng, index)
    last = program.index(questions[-1])
    definitions = "".join(stated(s) for s in program[:last] if not s.is_question)
    if definitions and not definitions.endswith("\n"):
        definitions += "\n"
    text = written(questions[-1].tree)
    words = f"{'1*' if text.startswith('(') else ''}{text}"
    if questions[-1].wrt:
        words += f" wrt {', '.join(questions[-1].wrt)}"
    if questions[-1].seed:
        words += f" seed {written(questions[-1].seed)}"
    return definitions, words


def data_of(path):
    """What a page knows of its trace."""
    html = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json"[^>]*>([^<]*)</script>', html)[1])


def told(events, data):
    """The numbers of a trace as `--json` tells them, in the page's form."""
    root = data["root"]
    for event in events:
        kind, node = event["event"], event.get("node", 0) - 1
        if kind == "forward":
            yield kind, node, event["value"], [
                (p["arg"] - 1, p.get("value")) for p in event["partials"]]
        elif kind == "seed":
            yield kind, node, event["adjoint"]
        elif kind == "fanout":
            terms = [(t["node"] - 1, t["contribution"]) for t in event["terms"]]
            yield kind, node, event["adjoint"], terms
        elif kind == "backward":
            yield kind, node, event["adjoint"], [
                (c["arg"] - 1, c.get("local"), c["contribution"], c["accumulated"])
                for c in event["contributions"]]
        elif kind == "gradient":
            yield kind, event["wrt"], event["value"]
        elif kind in ("input", "constant"):
            yield kind, node, event["value"]
    assert root >= 0


def held(data):
    """The same numbers as the page holds them."""
    for index, node in enumerate(data["nodes"]):
        if node["kind"] != "operation":
            yield "constant" if node["kind"] == "constant" else "input", index, node["value"]
    local = lambda part: part["local"]["value"] if "local" in part else None
    for event in data["events"]:
        kind, node = event["event"], event.get("node")
        if kind == "forward":
            yield kind, node, event["value"], [(p["slot"], local(p)) for p in event["partials"]]
        elif kind == "seed":
            yield kind, node, event["adjoint"]
        elif kind == "fanout":
            terms = [(t["user"], t["contribution"]) for t in event["terms"]]
            yield kind, node, event["adjoint"], terms
        elif kind == "backward":
            yield kind, node, event["adjoint"], [
                (c["slot"], local(c), c["contribution"], c["accumulated"])
                for c in event["contributions"]]
        elif kind == "gradient":
            yield kind, event["name"], event["value"]


def moved(value, rng):
    """A number, or lists of numbers, changed a little."""
    if isinstance(value, list):
        return [moved(one, rng) for one in value]
    return value * rng.uniform(0.8, 1.2) + rng.uniform(-0.1, 0.1)


def typed(value):
    """A number, or lists of numbers, as Backstep reads them."""
    if isinstance(value, list):
        return f"[{', '.join(map(typed, value))}]"
    return repr(float(value))


def pages(rng, index, folder):
    """The pages of a random program and of the same one with other inputs, as one argument."""
    definitions, words = drawn(rng, index)
    first, second = f"{index}a.html", f"{index}b.html"
    # All parts of a trace, also with a seed.
    ask = f"forward {words.split(' seed ')[0]}\nbackward {words}\nexport {first} {words}\n"
    events = run(definitions + ask, folder)
    if events is None:
        return pages(rng, index, folder)
    data = data_of(folder / first)
    key = lambda line: json.dumps(line)
    own, expected = sorted(map(key, held(data))), sorted(map(key, told(events, data)))
    if own != expected:
        difference = sorted(set(own) ^ set(expected))[:3]
        raise SystemExit(f"{definitions}{ask}\nthe page holds other numbers: {difference}")
    values = {n["name"]: n["value"] for n in data["nodes"] if n["kind"] == "input"}
    changes = "".join(f"{name} = {typed(moved(value, rng))}\n" for name, value in values.items()
                      if all(isinstance(x, (int, float)) for x in flat(value)))
    if run(f"{definitions}{changes}export {second} {words}\n", folder) is None:
        return [first]
    same = [n["name"] for n in data["nodes"]] == [n["name"] for n in data_of(folder / second)["nodes"]]
    return [first, f"{first}={second}"] if same else [first]


def flat(value):
    return [x for one in value for x in flat(one)] if isinstance(value, list) else [value]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = sys.argv[2] if len(sys.argv) > 2 else "1"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        arguments = [argument for index in range(count)
                     for argument in pages(random.Random(f"{seed} {index}"), index, folder)]
        print(f"pages: {count} hold the numbers of --json (seed {seed})")
        node = shutil.which("node")
        if not node:
            print("pages: Node.js is missing, so what they compute is not tested")
            return 0
        result = subprocess.run([node, HERE / "evaluate.mjs", *arguments], cwd=folder)
        if result.returncode and os.environ.get("KEEP"):
            shutil.copytree(folder, os.environ["KEEP"], dirs_exist_ok=True)
        return result.returncode


if __name__ == "__main__":
    sys.exit(main())
