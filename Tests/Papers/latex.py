"""Exported LaTeX, compiled: as it is, and as part of another document.

    BACKSTEP=.build/release/backstep python3 Tests/Papers/latex.py [N] [SEED]

Compiles the derivation of every program of `corners.py`, of N random programs and of a graph of two
thousand nodes, with worksheets among them. pdflatex must not complain, nor set a line beyond the margin.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Conformance"))

import corners
import generator
import tensor_generator
from duals import Duals, Rejected
from oracle import answers
from scripts import exports
from tensors import Tensors

HOST = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
Before.
%s
After.
\end{document}
"""

# A line may stick out by so many points without anyone seeing it.
TOLERANCE = 2.0


def compiled(folder, name):
    """What pdflatex has to complain about a file, and how many pages it has."""
    result = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name], cwd=folder,
        capture_output=True, timeout=300, encoding="utf-8", errors="replace")
    log = (folder / name).with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    complaints = [line for line in log.splitlines() if line.startswith("!")]
    if result.returncode != 0 and not complaints:
        complaints = [f"exit status {result.returncode}"]
    complaints += [
        line for line in log.splitlines()
        if (m := re.match(r"Overfull \\hbox \(([\d.]+)pt", line)) and float(m[1]) > TOLERANCE]
    complaints += [line for line in log.splitlines() if "incomplete" in line]
    pages = re.search(r"Output written on .*\((\d+) page", log)
    return complaints, int(pages[1]) if pages else 0


def chain(count):
    """A graph of so many nodes: a chain of steps with a weight each."""
    lines = ["v = 0.5"]
    steps = count // 4
    for i in range(1, steps + 1):
        lines.append(f"w{i} = {0.1 + i % 7 / 10}")
        lines.append(f"h{i} = tanh(w{i}*{'v' if i == 1 else f'h{i - 1}'} + 0.1)")
    return "\n".join(lines), f"h{steps}"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    executable = os.path.abspath(os.environ["BACKSTEP"])
    start = time.monotonic()
    programs = [
        (definitions + "\n" + "".join(f"export f{i}.tex {q}\n" for i, q in enumerate(questions)),
         [f"f{i}.tex" for i in range(len(questions))])
        for definitions, questions in corners.PROGRAMS]
    drawn = 0
    while len(programs) < len(corners.PROGRAMS) + count:
        rng = random.Random(f"{seed} {drawn}")
        program = (generator, tensor_generator)[drawn % 2].draw(rng)
        drawn += 1
        try:
            answers(program, Tensors(Duals()))
        except Rejected:
            continue
        text, files = exports(program, ["numpy"])
        if files:
            text = text.replace(".py ", ".tex ").replace(" with numpy", "")
            programs.append((text, [name.replace(".py", ".tex") for _, name in files]))
    definitions, output = chain(2000)
    programs.append((definitions + f"\nexport big.tex {output}\n", ["big.tex"]))
    programs.append((
        "w = 0.5; const x = 2; a = sigmoid(w*x); L = a*a + w\nexport sheet.tex L worksheet\n"
        "export part.tex L fade 2\n",
        ["sheet.tex", "sheet-key.tex", "part.tex", "part-key.tex"]))
    failures = pages = done = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for text, files in programs:
            result = subprocess.run(
                [executable, "-"], input=text, capture_output=True, timeout=120, encoding="utf-8",
                cwd=folder)
            if result.returncode != 0:
                failures += 1
                print(f"{result.stderr}\n{text}", file=sys.stderr)
                continue
            for file in files:
                (folder / "host.tex").write_text(HOST % rf"\input{{{file}}}", encoding="utf-8")
                for main_file in [file, "host.tex"]:
                    complaints, more = compiled(folder, main_file)
                    pages += more
                    done += 1
                    if complaints:
                        failures += 1
                        print(f"{main_file}: {complaints[:4]}\n{text[:2000]}", file=sys.stderr)
            for file in folder.iterdir():
                file.unlink()
    print(f"exported LaTeX: {done} documents of {pages} pages compiled, {failures} with complaints; "
          f"{time.monotonic() - start:.1f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
