"""Exported scripts, run: each must find what Backstep found.

    BACKSTEP=.build/release/backstep python3 Tests/Papers/scripts.py [--numpy] [N] [SEED]

Draws N random programs from `Tests/Conformance`, half of them over vectors and matrices, and exports
each of their traces for PyTorch, JAX and NumPy; with --numpy for NumPy only, which needs nothing else.
Then come the programs of `corners.py`: kinks, seeds, names and texts. A script fails by its own
assertions.
"""

import contextlib
import io
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Conformance"))

import corners
import generator
import tensor_generator
from duals import Duals, Rejected
from language import stated
from oracle import answers
from tensors import Tensors

FRAMEWORKS = ("numpy", "torch", "jax")


class Failure(Exception):
    """A script or an export that failed."""


def exports(program, frameworks):
    """A program whose traces are exported instead of shown, and the files that come of it."""
    text, files = "", []
    for statement in program:
        if not statement.is_question:
            text += stated(statement)
        elif statement.kind != "value":
            if text and not text.endswith("\n"):
                text += "\n"
            command = stated(statement).split(" ", 1)
            rest = command[1].strip() if len(command) > 1 else ""
            for framework in frameworks:
                name = f"script{len(files)}.py"
                files.append((framework, name))
                text += f"export {name} {rest} with {framework}\n"
    return text, files


def run(executable, text, files, counts, folder):
    """Exports, and runs what was exported; how many scripts there were."""
    for _, name in files:
        (folder / name).unlink(missing_ok=True)
    result = subprocess.run(
        [executable, "-"], input=text, capture_output=True, timeout=120, encoding="utf-8",
        cwd=folder)
    if result.returncode != 0:
        raise Failure(f"exit status {result.returncode}: {result.stderr.strip()}\n{text}")
    for framework, name in files:
        source = (folder / name).read_text(encoding="utf-8")
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(source, name, "exec"), {"__name__": "__main__"})
        except Exception:
            raise Failure(f"{framework}:\n{traceback.format_exc(limit=-2)}\n{text}\n{source}") from None
        counts[framework] = counts.get(framework, 0) + 1
        counts["numbers"] = counts.get("numbers", 0) + printed.getvalue().count(" = ")


def main():
    options = [a for a in sys.argv[1:] if a.startswith("--")]
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    count = int(arguments[0]) if arguments else 50
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    frameworks = FRAMEWORKS[:1] if "--numpy" in options else FRAMEWORKS
    executable = os.path.abspath(os.environ["BACKSTEP"])
    start = time.monotonic()
    counts, failures, drawn, done = {}, 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while done < count:
            rng = random.Random(f"{seed} {drawn}")
            drawn += 1
            program = (generator, tensor_generator)[done % 2].draw(rng)
            try:
                answers(program, Tensors(Duals()))
            except Rejected:
                continue
            text, files = exports(program, frameworks)
            if not files:
                continue
            done += 1
            try:
                run(executable, text, files, counts, folder)
            except Failure as failure:
                failures += 1
                print(f"program {drawn - 1} of seed {seed}: {failure}", file=sys.stderr)
        for definitions, questions in corners.PROGRAMS:
            for question in questions:
                names = [(f, f"script{i}.py") for i, f in enumerate(frameworks)]
                text = definitions + "\n" + "".join(
                    f"export {file} {question} with {framework}\n" for framework, file in names)
                try:
                    run(executable, text, names, counts, folder)
                except Failure as failure:
                    failures += 1
                    print(f"corner: {failure}", file=sys.stderr)
    told = ", ".join(f"{counts.get(f, 0)} for {f}" for f in frameworks)
    print(
        f"exported scripts: {done} random programs and {len(corners.PROGRAMS)} corners; scripts run: "
        f"{told}; {counts.get('numbers', 0)} numbers agree, {failures} failures; "
        f"{time.monotonic() - start:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
