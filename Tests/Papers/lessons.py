"""Exported lessons, done: what a lesson takes as right is what it was made with.

    BACKSTEP=.build/release/backstep python3 Tests/Papers/lessons.py [N] [SEED]

Exports a lesson of every program of `corners.py` and of N random programs, half of them over vectors and
matrices, then goes through it with `lesson` and gives the answers that stand in the file.
"""

import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Conformance")]

import corners

# By its path: Python has a module of that name itself.
_spec = importlib.util.spec_from_file_location("pages", HERE.parent / "Page" / "numbers.py")
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)


def run(script, folder):
    return subprocess.run(
        [os.environ["BACKSTEP"], "--no-init", "-"], input=script, cwd=folder, capture_output=True,
        encoding="utf-8", timeout=120)


def flaw(definitions, words, folder):
    """What goes wrong with the lesson of a trace, and how many questions it has; None without a lesson."""
    exported = run(f"{definitions}\nexport lesson.txt {words} as lesson !\n", folder)
    if exported.returncode:
        return None
    text = (folder / "lesson.txt").read_text(encoding="utf-8")
    answers = re.findall(r"^#= (.*)$", text, re.MULTILINE)
    done = run("\n".join(["lesson lesson.txt", *answers]) + "\n", folder)
    end = f"{len(answers)} of {len(answers)} tasks done"
    problem = done.stderr or (done.stdout[-400:] if answers and end not in done.stdout else "")
    return problem, len(answers)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    started = time.monotonic()
    rng = random.Random(seed)
    cases = [(text, target) for text, targets in corners.PROGRAMS for target in targets]
    cases += [pages.drawn(rng, index) for index in range(count)]
    lessons = questions = failures = 0
    with tempfile.TemporaryDirectory() as name:
        for definitions, words in cases:
            result = flaw(definitions, words, Path(name))
            if result is None:
                continue
            problem, asked = result
            lessons += 1
            questions += asked
            if problem:
                failures += 1
                print(f"{definitions}\nexport … {words}\n{problem}\n")
    print(f"exported lessons: {lessons} of {len(cases)} done, {questions} questions, "
          f"{failures} failures; {time.monotonic() - started:.1f} s")
    sys.exit(1 if failures or lessons < len(cases)*0.9 else 0)


if __name__ == "__main__":
    main()
