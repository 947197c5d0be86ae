"""Measures Backstep beside its peers and beside hand-written loops, and prints tables in Markdown.

    bench.py --program P --bench B [--rounds 5] [--sizes 1000,10000,…] [--peers micrograd,…]

Everything that is compared runs in turns, round after round, so that a machine that slows down slows
all of them. What is printed is the median over the rounds; ratios are medians of the rounds' ratios.
Times are the processor's, so that other processes count for little; only the start is timed by the
clock on the wall.
"""

import argparse
import datetime
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import peers
import work

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 1
FOLDER = tempfile.mkdtemp()
# Values agree up to rounding, which adds up over the statements.
TOLERANCE = 1e-9
HEADING = """# Benchmarks

How fast Backstep is beside its peers, and beside hand-written loops in C and C++ that do the same work and
nothing else. What was aimed at, and whether that is met, stands at the end. This page is what

    Scripts/bench > Docs/Benchmarks.md

prints. The script installs the peers from PyPI into `.build/bench`, and takes a quarter of an hour on a
machine that does nothing else. `Scripts/bench --sizes 1000,10000 --flat 10000,100000 --peers CasADi` takes a
minute; `Tests/Bench/bench.py` has the other options.

- Everything that is compared runs in turns, in one run. Numbers are medians, ratios medians of the rounds'
  ratios. Value and gradient of all are compared first.
- The scalar program is drawn from a seed by `Tests/Bench/work.py`: sums, products, quotients, `sin`, `tanh`
  and `sigmoid` of statements up to 100 lines above.
- *build* is from definitions to a graph; of a peer, everything before its first evaluation. *again* is value and
  gradient for other inputs: for Backstep a forward and a backward pass over the same memory, for
  micrograd, PyTorch and autograd the program run anew.
- The loop in C runs over the same operations in flat arrays; the printer in C++ writes the bytes of a
  trace with `std::to_chars` for every number in it.
- A dash stands where there is nothing to be measured by itself, a missing row where a peer would take minutes.
"""
# What was aimed at: what, how much, how much it is, whether that is met.
TARGETS = []


def target(what, wanted, measured, is_met):
    TARGETS.append([what, wanted, measured, "met" if is_met else "**not met**"])


def median(numbers):
    return statistics.median(numbers)


def run(command):
    """Runs a process; its output, seconds on the wall, peak memory in bytes, the processor's seconds."""
    figures = os.path.join(FOLDER, "figures")
    done = subprocess.run([os.path.join(FOLDER, "measure"), figures, *command], check=False,
                          capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[:4]}: {done.stderr.decode(errors='replace')[-2000:]}")
    with open(figures) as file:
        seconds, memory, processor = json.load(file)
    return done.stdout.decode(errors="replace"), seconds, memory, processor


def compile_limits(folder):
    """The C loop, the C++ printer, what measures processes, and what counts calls of malloc."""
    loop, printer = os.path.join(folder, "loop"), os.path.join(folder, "printer")
    subprocess.run(["cc", "-O2", "-o", f"{folder}/measure", f"{HERE}/measure.c"], check=True)
    subprocess.run(["cc", "-O3", "-march=native", "-o", loop, f"{HERE}/loop.c", "-lm"], check=True)
    subprocess.run(["c++", "-O3", "-std=c++20", "-o", printer, f"{HERE}/printer.cpp"], check=True)
    counter = None
    if platform.system() == "Linux":
        counter = os.path.join(folder, "count.so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", counter, f"{HERE}/count.c"], check=True)
    return loop, printer, counter


def table(heading, rows):
    lines = ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    print("\n".join(lines) + "\n", flush=True)


def shown(number, unit=""):
    if number is None:
        return "–"
    if number == 0:
        return "0" + unit
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:,.{min(digits, 6)}f}{unit}"


def peer(name, count):
    """One peer at one size, in a process of its own; None where it takes too long."""
    if count > peers.LARGEST[name]:
        return None
    try:
        output, *_ = run([sys.executable, f"{HERE}/peers.py", name, str(count), str(SEED)])
        return json.loads(output)
    except (RuntimeError, json.JSONDecodeError) as error:
        print(f"{name} at {count}: {error}", file=sys.stderr)
        return None


def agree(first, second):
    return all(abs(x - y) <= TOLERANCE * max(1, abs(y)) for x, y in zip(first, second, strict=True))


def start_up(options):
    """From starting the process to the gradient of one neuron, printed."""
    script = ("w1 = 0.5; w2 = -0.3; b = 0.1; const x1 = 1; const x2 = 2; const y = 1\n"
              "a = sigmoid(w1*x1 + w2*x2 + b); L = bce(a, y)")
    python = {
        "micrograd": "from micrograd.engine import Value as V\n"
                     "w1, w2, b = V(.5), V(-.3), V(.1)\nL = (w1 + w2*2 + b).relu()\n"
                     "L.backward(); print(w1.grad)",
        "autograd": "import autograd, autograd.numpy as np\n"
                    "f = lambda w: -np.log(1/(1 + np.exp(-(w[0] + w[1]*2 + w[2]))))\n"
                    "print(autograd.grad(f)(np.array([.5, -.3, .1])))",
        "PyTorch": "import torch\nw = torch.tensor([.5, -.3, .1], requires_grad=True)\n"
                   "L = -torch.log(torch.sigmoid(w[0] + w[1]*2 + w[2])); L.backward(); print(w.grad)",
        "JAX": "import jax, jax.numpy as np\n"
               "f = lambda w: -np.log(jax.nn.sigmoid(w[0] + w[1]*2 + w[2]))\n"
               "print(jax.grad(f)(np.array([.5, -.3, .1])))",
        "CasADi": "import casadi as c\nw = c.SX.sym('w', 3)\n"
                  "L = -c.log(1/(1 + c.exp(-(w[0] + w[1]*2 + w[2]))))\n"
                  "print(c.Function('g', [w], [c.gradient(L, w)])([.5, -.3, .1]))",
        "SymPy": "import sympy as s\na, b, c = s.symbols('a b c')\n"
                 "L = -s.log(1/(1 + s.exp(-(a + 2*b + c))))\n"
                 "print([s.diff(L, x).subs({a: .5, b: -.3, c: .1}) for x in (a, b, c)])",
    }
    commands = {"Backstep": [options.program, "--no-init", "-e", script, "-e", "grad L"]}
    commands |= {name: [sys.executable, "-c", python[name]] for name in options.peers}
    times = {name: [] for name in commands}
    memory = {}
    # A process takes milliseconds here and seconds there: what is fast is run more often.
    for round in range(options.rounds):
        for name, command in commands.items():
            for _ in range(20 if name == "Backstep" else 1):
                _, seconds, memory[name], _ = run(command)
                times[name].append(seconds)
    own = median(times["Backstep"])
    table(["from start to the gradient of a neuron", "ms", "times Backstep", "memory, MB"],
          [[name, shown(1e3 * median(times[name])), shown(median(times[name]) / own),
            shown(memory[name] / 1e6)] for name in commands])
    best = min((median(times[name]) for name in options.peers), default=math.inf)
    target("start to gradient", "3 ms, ahead of every peer", f"{1e3 * own:.1f} ms",
           own <= 3e-3 and own < best)
    size = memory["Backstep"] / 1e6
    target("memory for that", "12 MB", f"{size:.1f} MB", size <= 12)


def scalar(options, folder, loop):
    """A scalar program of many statements: every stage, the peers and the C loop."""
    found = {key: [] for key in ("parse", "both", "ratio", "bytes", "casadi")}
    for count in options.sizes:
        made = work.statements(count, SEED)
        path, binary = os.path.join(folder, f"{count}.grad"), os.path.join(folder, f"{count}.bin")
        with open(path, "w") as file:
            file.write(work.script(made))
        done = work.operations(made)
        work.write_binary(done, binary)
        rounds = str(max(5, min(101, 10**6 // count)))
        stages, limits, others = [], [], {name: [] for name in options.peers}
        for round in range(options.rounds):
            stages.append(json.loads(run([options.bench, "stages", path])[0]))
            limits.append(json.loads(run([loop, binary, rounds])[0]))
            for name in options.peers:
                if round < 1 or count <= 10**4 and name not in ("JAX", "SymPy"):
                    result = peer(name, count)
                    if result:
                        others[name].append(result)
        check(options, path, limits[0], others)
        own = {key: median([stage[key] for stage in stages]) for key in stages[0]}
        limit = {key: len(done) * 1e-9 * median([row[key] for row in limits])
                 for key in ("forward", "reverse")}
        ratio = {key: median([stage[key] / (1e-9 * len(done) * row[key])
                              for stage, row in zip(stages, limits)]) for key in limit}
        both = median([(stage["forward"] + stage["reverse"])
                       / (1e-9 * len(done) * (row["forward"] + row["reverse"]))
                       for stage, row in zip(stages, limits)])

        def per(seconds):
            return shown(None if seconds is None else 1e9 * seconds / count)

        rows = [["Backstep", per(own["parse"]), per(own["define"]), per(own["build"]),
                 per(own["forward"]), per(own["reverse"]), per(own["again"]),
                 shown(own["bytesPerNode"] * own["nodes"] / count)]]
        rows.append(["loop in C", "–", "–", "–", per(limit["forward"]), per(limit["reverse"]),
                     per(limit["forward"] + limit["reverse"]), "–"])
        for name, results in others.items():
            if not results:
                continue

            def middle(key):
                values = [row[key] for row in results if row[key] is not None]
                return median(values) if values else None

            rows.append([f"{name} {results[0]['version']}", "–", "–", per(middle("build")),
                         per(middle("forward")), per(middle("reverse")), per(middle("again")),
                         shown(middle("bytes") / count)])
        print(f"**{count:,} statements**, {own['nodes']:,.0f} nodes, ns a statement\n")
        table(["", "parse", "parse and define", "build", "forward", "backward", "again",
               "bytes a statement"], rows)
        print(f"Beside the loop in C: forward {ratio['forward']:.2f}, backward "
              f"{ratio['reverse']:.2f}, both {both:.2f}. Backward beside forward: "
              f"{median([s['reverse'] / s['forward'] for s in stages]):.2f}. Parsing: "
              f"{own['bytes'] / own['parse'] / 1e6:.0f} MB/s. A node: {own['bytesPerNode']:.1f} "
              "bytes.\n", flush=True)
        found["parse"].append(own["bytes"] / own["parse"] / 1e6)
        found["both"].append(both)
        found["ratio"].append(median([s["reverse"] / s["forward"] for s in stages]))
        found["bytes"].append(own["bytesPerNode"])
        if others.get("CasADi"):
            found["casadi"].append(own["again"] / median([r["again"] for r in others["CasADi"]]))
    target("parsing, slowest size", "50 MB/s", f"{min(found['parse']):.0f} MB/s",
           min(found["parse"]) >= 50)
    target("forward and backward beside the loop in C, worst size", "1.5",
           f"{max(found['both']):.2f}", max(found["both"]) <= 1.5)
    if found["casadi"]:
        target("forward and backward beside CasADi, worst size", "below 1",
               f"{max(found['casadi']):.2f}", max(found["casadi"]) < 1)
    target("backward beside forward, worst size", "2", f"{max(found['ratio']):.2f}",
           max(found["ratio"]) <= 2)
    target("memory for a node", "48 bytes", f"{max(found['bytes']):.0f} bytes",
           max(found["bytes"]) <= 48)


def flatness(options, folder):
    """The whole program, from its start to the gradient, on scripts of very different lengths."""
    rows = []
    for count in options.flat:
        path = os.path.join(folder, "flat.grad")
        with open(path, "w") as file:
            file.write(work.script(work.statements(count, SEED)))
        # Some milliseconds are measured more often than some seconds.
        runs = options.rounds * max(1, 10**5 // count) if count < 10**7 else 1
        whole = [run([options.program, "--no-init", path, "-e", "grad L"]) for _ in range(runs)]
        rows.append((count, median([row[3] for row in whole]), median([row[2] for row in whole])))
        os.remove(path)
    # Starting takes its time whatever the script.
    empty = median([run([options.program, "--no-init", "-e", "1"])[3] for _ in range(21)])
    each = [(seconds - empty) / count for count, seconds, _ in rows]
    table(["statements", "processor's time, s", "ns a statement", "bytes a statement"],
          [[f"{count:,}", shown(seconds), shown(1e9 * cost), shown(memory / count)]
           for (count, seconds, memory), cost in zip(rows, each)])
    spread = max(each) / min(each)
    target(f"cost of a statement from {options.flat[0]:,} to {options.flat[-1]:,}, largest by "
           "smallest", "1.3", f"{spread:.2f}", spread <= 1.3)


def kept(options, folder, counter):
    """A graph that is evaluated again: memory asked for, and the time after a change of an input."""
    path = os.path.join(folder, "kept.grad")
    with open(path, "w") as file:
        file.write(work.script(work.statements(10**5, SEED)))
    if counter:
        counts = []
        for rounds in ("10", "110"):
            output, *_ = run(["/usr/bin/env", f"LD_PRELOAD={counter}", options.bench, "again", path,
                              rounds])
            counts.append(int(output.split()[-1]))
        calls = counts[1] - counts[0]
        print(f"Evaluating a graph with other inputs 100 times more asks for memory {calls} times "
              "more.\n")
        target("memory asked for by evaluating again", "none", f"{calls} times", calls == 0)
    milliseconds = [json.loads(run([options.bench, "change", path])[0])
                    for _ in range(options.rounds)]
    print(f"In a session, a new value of an input of a graph of 100,000 statements and then the "
          f"output's: {median(milliseconds):.2f} ms.\n")
    target("a new value after a change of an input, 100,000 statements", "5 ms",
           f"{median(milliseconds):.2f} ms", median(milliseconds) <= 5)


def check(options, path, limit, others):
    """Everyone computes the same value and gradient, or the table means nothing."""
    output, *_ = run([options.program, "--no-init", "--json", path, "-e", "L", "-e", "grad L"])
    lines = [json.loads(line) for line in output.splitlines()]
    value = [line["value"] for line in lines if line["event"] == "value"]
    gradient = {line["wrt"]: line["value"] for line in lines if line["event"] == "gradient"}
    own = value + [gradient.get(f"v{i}", 0.0) for i in range(len(work.LEAVES))]
    rows = [("loop in C", limit)] + [(name, r) for name, found in others.items() for r in found]
    for name, row in rows:
        if not agree([row["value"], *row["gradient"]], own):
            sys.exit(f"{name} computes {row['value']}, {row['gradient']}; Backstep {own}")


def printing(options, folder, printer):
    """A trace as text and as JSON, beside a C++ program that writes the same bytes."""
    count = options.printed
    path = os.path.join(folder, "printed.grad")
    with open(path, "w") as file:
        file.write(work.script(work.statements(count, SEED)))
    rows = []
    for form, flags, digits in (("text", [], 6), ("JSON", ["--json"], 0)):
        output = os.path.join(folder, "trace.out")
        ratios, speeds = [], []
        for _ in range(options.rounds):
            base = [options.program, "--no-init", *flags, path, "-e"]
            *_, quiet = run(["/bin/sh", "-c", '"$@" > /dev/null', "sh", *base, "grad L"])
            run(["/bin/sh", "-c", f'"$@" > {output}', "sh", *base, "trace L"])
            *_, silent = run(["/bin/sh", "-c", '"$@" > /dev/null', "sh", *base, "trace L"])
            limit = json.loads(run([printer, output, "3", str(digits)])[0])
            ratios.append(1e-9 * limit["time"] / (silent - quiet))
            speeds.append(limit["bytes"] / (silent - quiet) / 1e6)
        wanted = 0.6 if form == "text" else 0.5
        target(f"a trace as {form} beside the printer in C++", f"{wanted}", f"{median(ratios):.2f}",
               median(ratios) >= wanted)
        rows.append([form, f"{limit['bytes'] / 1e6:,.0f}", shown(median(speeds)),
                     shown(limit["bytes"] / limit["time"] * 1e3), f"{median(ratios):.2f}"])
    table([f"trace of {count:,} statements", "MB", "MB/s", "the C++ printer's MB/s", "ratio"], rows)


def machine():
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
        name = names[0] if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def version(command):
    """The first line that a tool says of itself."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if "ersion" in line or "(" in line]
    return lines[0].strip() if lines else command[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--flat", default="10000,100000,1000000,10000000")
    parser.add_argument("--printed", type=int, default=100_000)
    parser.add_argument("--peers", default=",".join(peers.PEERS))
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.flat = [int(size) for size in options.flat.split(",")]
    options.peers = [name for name in options.peers.split(",") if name]
    folder = FOLDER
    try:
        loop, printer, counter = compile_limits(folder)
        print(HEADING)
        print(f"{datetime.date.today()}, {machine()}, {options.rounds} rounds, "
              f"Python {platform.python_version()}, {version(['swift', '--version'])}, "
              f"{version(['cc', '--version'])}. Times are the processor's, but for the start.\n")
        print("## Start\n")
        start_up(options)
        print("## A scalar program\n")
        scalar(options, folder, loop)
        print("## The whole program, from start to gradient\n")
        flatness(options, folder)
        print("## Evaluating again\n")
        kept(options, folder, counter)
        print("## Networks\n")
        print(run([options.bench])[0])
        print("## Printing\n")
        printing(options, folder, printer)
        print("## What was aimed at\n")
        table(["aimed at", "limit", "measured", ""], TARGETS)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
