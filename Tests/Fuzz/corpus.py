#!/usr/bin/env python3
"""Runs every input that fuzzing has found worth keeping through the ordinary program.

BACKSTEP=PATH Tests/Fuzz/corpus.py [FOLDER]: each input twice as text and once as JSON, in a sandbox. It fails
where the program crashes, takes too long, prints a control character, writes JSON that is none, says something
else the second time, or does not know afterwards that 1 + 1 is 2.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

PROGRAM = os.environ["BACKSTEP"]
HERE = pathlib.Path(__file__).parent
# Generous, because other tests may run beside this: what hangs, hangs for longer.
SECONDS = 20

# What moves a cursor, turns text around or hides it. A line feed ends lines.
HARM = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]")
# What is run after each input, in the same session.
AFTER = "expect 1 + 1 == 2"
# These end the session, or take what follows as an answer.
TAKES_REST = re.compile(rb"\b(quit|exit|lesson|quiz)\b")
# These may write a document to standard output, or results as text in spite of --json.
OTHER_FORMS = re.compile(rb"\b(export|format)\b")


class Problem(Exception):
    pass


def run(path, *options):
    """What the program does with an input: its exit status and both of its outputs."""
    command = [PROGRAM, "--sandbox", "--keep-going", *options, path.name, "-e", AFTER]
    try:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, cwd=path.parent,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    except subprocess.TimeoutExpired:
        raise Problem(f"takes longer than {SECONDS} s") from None
    if result.returncode not in (0, 1):
        raise Problem(f"ends with {result.returncode}")
    for output in (result.stdout, result.stderr):
        found = HARM.search(output.decode())
        if found:
            raise Problem(f"prints the control character {found[0]!r}")
    return result.returncode, result.stdout, result.stderr


def check(path):
    """What is wrong with an input, if anything, and how long its slowest run took."""
    text = path.read_bytes()
    worst = 0.0
    seen = []
    for options in ([], [], ["--json"]):
        started = time.monotonic()
        try:
            seen.append(run(path, *options))
        except (Problem, UnicodeDecodeError) as problem:
            return f"{path.name} {' '.join(options)}: {problem}", worst
        worst = max(worst, time.monotonic() - started)
    if seen[0] != seen[1]:
        return f"{path.name}: not the same twice", worst
    lines = seen[2][1].splitlines()
    if OTHER_FORMS.search(text):
        return None, worst
    last = None
    for line in lines:
        try:
            last = json.loads(line)
        except ValueError:
            return f"{path.name}: a line that is not JSON: {line[:200]!r}", worst
    if last != {"event": "expect", "text": "1 + 1 == 2", "pass": True} and not TAKES_REST.search(text):
        return f"{path.name}: the session does not go on", worst
    return None, worst


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "Corpus"
    paths = sorted(path.resolve() for path in folder.iterdir() if path.is_file())
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(check, paths))
    failures = [problem for problem, _ in results if problem]
    for problem in failures:
        print(problem)
    if not paths:
        sys.exit(f"no inputs in {folder}")
    worst = max(range(len(paths)), key=lambda index: results[index][1])
    print(f"{len(paths)} inputs in {time.monotonic() - started:.1f} s, {len(failures)} failures; "
          f"the slowest takes {results[worst][1]:.2f} s: {paths[worst].name}")
    sys.exit(1 if failures else 0)


main()
