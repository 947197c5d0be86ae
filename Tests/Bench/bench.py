"""Measures Backstep beside its peers and beside hand-written loops, and prints tables in Markdown.

    bench.py --program P --bench B [--rounds 5] [--sizes 1000,10000,…] [--peers micrograd,…]

Everything that is compared runs in turns, round after round, so that a machine that slows down slows
all of them. What is printed is the median over the rounds; ratios are medians of the rounds' ratios.
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


def median(numbers):
    return statistics.median(numbers)


def run(command):
    """Runs a process; its output, seconds and peak memory in bytes."""
    figures = os.path.join(FOLDER, "figures")
    done = subprocess.run([os.path.join(FOLDER, "measure"), figures, *command], check=False,
                          capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[:4]}: {done.stderr.decode(errors='replace')[-2000:]}")
    with open(figures) as file:
        seconds, memory = json.load(file)
    return done.stdout.decode(errors="replace"), seconds, memory


def compile_limits(folder):
    """The C loop, the C++ printer, and what measures processes."""
    loop, printer = os.path.join(folder, "loop"), os.path.join(folder, "printer")
    subprocess.run(["cc", "-O2", "-o", f"{folder}/measure", f"{HERE}/measure.c"], check=True)
    subprocess.run(["cc", "-O3", "-march=native", "-o", loop, f"{HERE}/loop.c", "-lm"], check=True)
    subprocess.run(["c++", "-O3", "-std=c++20", "-o", printer, f"{HERE}/printer.cpp"], check=True)
    return loop, printer


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
        output, _, _ = run([sys.executable, f"{HERE}/peers.py", name, str(count), str(SEED)])
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
                _, seconds, memory[name] = run(command)
                times[name].append(seconds)
    own = median(times["Backstep"])
    table(["from start to the gradient of a neuron", "ms", "times Backstep", "memory, MB"],
          [[name, shown(1e3 * median(times[name])), shown(median(times[name]) / own),
            shown(memory[name] / 1e6)] for name in commands])


def scalar(options, folder, loop):
    """A scalar program of many statements: every stage, the peers and the C loop."""
    flat = []
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
        whole = []
        for _ in range(options.rounds):
            _, seconds, memory = run([options.program, "--no-init", path, "-e", "grad L"])
            whole.append((seconds, memory))
        flat.append((count, median([s for s, _ in whole]), median([m for _, m in whole])))
    table(["statements", "whole process, s", "ns a statement", "bytes a statement"],
          [[f"{count:,}", shown(seconds), shown(1e9 * seconds / count), shown(memory / count)]
           for count, seconds, memory in flat])


def check(options, path, limit, others):
    """Everyone computes the same value and gradient, or the table means nothing."""
    output, _, _ = run([options.program, "--no-init", "--json", path, "-e", "L", "-e", "grad L"])
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
        ratios, speeds, peaks = [], [], []
        for _ in range(options.rounds):
            base = [options.program, "--no-init", *flags, path, "-e"]
            _, quiet, _ = run(["/bin/sh", "-c", '"$@" > /dev/null', "sh", *base, "grad L"])
            _, loud, peak = run(["/bin/sh", "-c", f'"$@" > {output}', "sh", *base, "trace L"])
            _, silent, _ = run(["/bin/sh", "-c", '"$@" > /dev/null', "sh", *base, "trace L"])
            limit = json.loads(run([printer, output, "3", str(digits)])[0])
            ratios.append(1e-9 * limit["time"] / (silent - quiet))
            speeds.append(limit["bytes"] / (silent - quiet) / 1e6)
            peaks.append(peak)
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--printed", type=int, default=100_000)
    parser.add_argument("--peers", default=",".join(peers.PEERS))
    options = parser.parse_args()
    options.sizes = [int(size) for size in options.sizes.split(",")]
    options.peers = [name for name in options.peers.split(",") if name]
    folder = FOLDER
    try:
        loop, printer = compile_limits(folder)
        print(f"{datetime.date.today()}, {machine()}, {options.rounds} rounds, "
              f"Python {platform.python_version()}.\n")
        start_up(options)
        scalar(options, folder, loop)
        print(run([options.bench])[0])
        printing(options, folder, printer)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
