#!/usr/bin/env python3
"""Runs every input that fuzzing has found worth keeping through the ordinary program.

BACKSTEP=PATH Tests/Fuzz/corpus.py [FOLDER]: each input as text and as JSON, in a sandbox. It fails where
the program crashes, takes too long, or writes JSON that is none.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time

PROGRAM = os.environ["BACKSTEP"]
HERE = pathlib.Path(__file__).parent
# Generous, because other tests may run beside this: what hangs, hangs for longer.
SECONDS = 20


def run(path):
    """What is wrong with an input, if anything, and how long it took."""
    worst = 0.0
    for options in ([], ["--json"]):
        command = [PROGRAM, "--sandbox", "--keep-going", *options, str(path)]
        started = time.monotonic()
        try:
            result = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, cwd="/",
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        except subprocess.TimeoutExpired:
            return f"takes longer than {SECONDS} s: {' '.join(command)}", SECONDS
        worst = max(worst, time.monotonic() - started)
        if result.returncode not in (0, 1):
            return f"ends with {result.returncode}: {' '.join(command)}", worst
        if options and b"export" not in path.read_bytes():
            for line in result.stdout.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    return f"writes a line that is not JSON: {' '.join(command)}", worst
    return None, worst


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "Corpus"
    paths = sorted(path.resolve() for path in folder.iterdir() if path.is_file())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(run, paths))
    failures = [problem for problem, _ in results if problem]
    for problem in failures:
        print(problem)
    worst = max(range(len(paths)), key=lambda index: results[index][1])
    print(f"{len(paths)} inputs, {len(failures)} failures; "
          f"the slowest takes {results[worst][1]:.2f} s: {paths[worst].name}")
    sys.exit(1 if failures or not paths else 0)


main()
