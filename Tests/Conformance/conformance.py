"""Random programs: Backstep's values and derivatives against independent computations.

    BACKSTEP=.build/release/backstep python3 Tests/Conformance/conformance.py [--quick] [N] [SEED]

Every other program is one of scalars, the rest compute with vectors and matrices; the systematic
ones of `nested_grid` and `tensor_grid` come first. --quick compares with dual numbers in Python's doubles and needs
nothing but Python 3.10; otherwise with mpmath's at 50 digits and with JAX in double precision. Both
check `properties`. Ends with 1 and the smallest failing program found if anything disagrees.

Two numbers agree if they differ by at most 1e-12 * max(|exact|, condition, 1e-290). The condition is
how far the result moves if every input and every intermediate result is moved by a random part of
up to 1e-9 of itself, divided by 1e-9, the largest of three tries: a result that is a small
difference of large terms is judged by those terms. With JAX 1 is among these as well: it computes
the derivative of tanh as 1 - tanh^2 and the like, which has few digits left where it is small.
"""

import json
import os
import random
import re
import subprocess
import sys
import time

import generator
import nested_grid
import properties
import tensor_generator
import tensor_grid
from duals import Dual, Duals, Rejected
from language import MATRICES, PULLED, stated
from oracle import answers
from shrink import shrunk
from tensors import NAMES, Tensors, tensor_of

TOLERANCE, NOISE = 1e-12, 1e-9
# What is smaller than this is judged as if it were this large.
TINY = {"dual numbers": 1e-290, "mpmath": 1e-290, "JAX": 1.0}
# Before each question this number is asked for, plus the question's index, to tell answers apart.
MARK = 900_000_000
# Functions whose results are not for others to compute.
RANDOM = ("rand", "randn", "seed")


class Failure(Exception):
    """A disagreement: where it was seen, and what it is."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def numbers(tensors):
    """The numbers of named tensors, by name and place."""
    return {(name, i): n for name, x in tensors.items() for i, n in enumerate(x.entries)}


def told(answer):
    """An answer's tensors by what they are of; the value is that of None."""
    return {None: answer.value} | answer.slopes


def conditions(program, expected):
    """How far each number of each answer moves with noise, relative to the noise."""
    plain = [numbers(told(answer)) for answer in expected]
    found = [dict.fromkeys(answer, 0.0) for answer in plain]
    for seed in range(3):
        duals = Duals(noise=NOISE, seed=seed)
        Dual.factor = duals.factor
        try:
            noisy = answers(program, Tensors(duals))
        finally:
            Dual.factor = None
        for condition, still, moved in zip(found, plain, noisy):
            for key, number in numbers(told(moved)).items():
                condition[key] = max(condition[key], abs(number - still[key]) / NOISE)
    return found


def text_of(program):
    """A program as it is run, with a mark before each question."""
    text, index = "", 0
    for statement in program:
        if statement.is_question:
            if text and not text.endswith("\n"):
                text += "\n"
            text += f"{MARK + index}\n"
            index += 1
        text += stated(statement)
    return text


def with_numbers(entry):
    """An object of the answers, what is not finite read as a number as well."""
    return {k: float(v) if v in ("NaN", "Infinity", "-Infinity") else v for k, v in entry.items()}


def run(executable, program):
    """The events that answer each question."""
    try:
        result = subprocess.run(
            [executable, "--json", "-"], input=text_of(program), capture_output=True, timeout=60,
            encoding="utf-8")
    except subprocess.TimeoutExpired:
        raise Failure("error", "no answer within a minute") from None
    if result.returncode != 0:
        kind = "crash" if result.returncode < 0 else "error"
        raise Failure(kind, f"exit status {result.returncode}: {result.stderr.strip()}")
    groups = []
    for line in result.stdout.splitlines():
        event = json.loads(line, parse_int=float, object_hook=with_numbers)
        if event["event"] == "value" and event["text"] == str(MARK + len(groups)):
            groups.append([])
        elif groups:
            groups[-1].append(event)
    return groups


class Suite:
    """Compares programs, and keeps count."""

    def __init__(self, executable, is_quick):
        self.executable, self.is_quick = executable, is_quick
        self.values = self.derivatives = 0
        self.worst = {}
        if not is_quick:
            import mpmath
            from jax_oracle import Arrays

            mpmath.mp.dps = 50
            self.exact, self.arrays = Tensors(Duals(mpmath.mp, mpmath.mpf)), Arrays()

    def compare(self, program):
        """Raises a failure where Backstep disagrees; `Rejected` where the program says nothing."""
        if not any(statement.is_question for statement in program):
            raise Rejected
        plain = answers(program, Tensors(Duals()))
        scales = conditions(program, plain)
        groups = run(self.executable, program)
        questions = [statement for statement in program if statement.is_question]
        references = {"dual numbers": plain}
        if not self.is_quick:
            references = {
                "mpmath": answers(program, self.exact), "JAX": answers(program, self.arrays)}
        self.check_repetitions(program, groups)
        for index, (statement, events) in enumerate(zip(questions, groups)):
            where = f"question {index + 1} ({stated(statement).strip()})"
            try:
                properties.check(events)
            except properties.Violation as violation:
                raise Failure("property", f"{where}: {violation}") from None
            found = self.found(statement, events)
            self.derivatives += len(numbers(found))
            last = [e for e in events if e["event"] in ("value", "tangent", *properties.VALUES)]
            if last:
                found[None] = tensor_of(last[-1])
                self.values += len(found[None].entries)
            for name, answer in references.items():
                self.agree_all(found, told(answer[index]), scales[index], name, where)

    @staticmethod
    def found(statement, events):
        """The derivatives by name: those asked for, else of all inputs in forward order."""
        if statement.kind == "tangent":
            steps = [e for e in events if e["event"] == "tangent"]
            if not steps:
                raise Failure("event", f"{stated(statement)}tells no tangent: {events}")
            last = steps[-1]
            return {last["wrt"]: properties.nested(last["tangent"])}
        told = statement.kind if statement.kind in MATRICES else "gradient"
        found = {e["wrt"]: tensor_of(e) for e in events if e["event"] == told}
        expected = None
        if statement.wrt:
            expected = list(dict.fromkeys(statement.wrt))
            if statement.kind == "hessian":
                expected = [", ".join(expected)]
        elif statement.kind == "trace":
            expected = [e["name"] for e in events if e["event"] == "input" and "const" not in e]
        if expected is not None and list(found) != expected:
            raise Failure("order", f"{stated(statement)}tells {list(found)}, not {expected}")
        return found

    @staticmethod
    def check_repetitions(program, groups):
        """The same question at once by another command has the same gradient to the last bit."""
        gradients = iter([[e for e in g if e["event"] == "gradient"] for g in groups])
        last = None, None
        for statement in program:
            this = statement, next(gradients) if statement.is_question else None
            if all(s and s.kind in PULLED and not s.seed
                   for s in (last[0], statement)):
                same = (statement.tree, statement.wrt) == (last[0].tree, last[0].wrt)
                if same and repr(this[1]) != repr(last[1]):
                    raise Failure("repetition", f"{stated(statement)}: {this[1]}, {last[1]}")
            last = this

    def agree_all(self, found, expected, scales, name, where):
        """Whether all tensors of an answer agree, shapes and numbers."""
        for key, tensor_ in expected.items():
            what = f"{where}, {f'derivative wrt {key}' if key else 'value'}"
            if key in found and found[key].shape != tensor_.shape:
                raise Failure(
                    "shape", f"{what}: {found[key].shape}, but {tensor_.shape} by {name}")
            if key is None and key not in found:
                continue
            for i, number in enumerate(tensor_.entries):  # an input not told must have 0
                own = found[key].entries[i] if key in found else 0.0
                self.agree(own, number, scales[key, i], name, f"{what}, entry {i + 1}")

    def agree(self, found, exact, scale, name, where):
        """Whether two numbers agree, by the rule above."""
        scale = max(abs(float(exact)), scale, TINY[name])
        error = abs(float(exact - found)) / scale
        if not error <= TOLERANCE:
            raise Failure(
                "number", f"{where}: {found!r}, but {float(exact)!r} by {name}; "
                f"they differ by {error:.1e} of {scale:.3g}")
        self.worst[name] = max(self.worst.get(name, 0.0), error)


def missing(executable):
    """The functions that Backstep has and no random program calls."""
    text = subprocess.run(
        [executable, "-e", "help functions"], capture_output=True, encoding="utf-8").stdout
    return [name for name in re.findall(r"^ +(\w+)\(", text, re.M) if name not in (*NAMES, *RANDOM)]


def smallest(suite, program, failure):
    """The failing program made smaller, and its failure."""
    last = failure

    def fails(candidate):
        nonlocal last
        try:
            suite.compare(candidate)
        except Failure as other:
            if other.kind == failure.kind:
                last = other
                return True
        except Rejected:
            pass
        return False

    return shrunk(program, fails), last


class Programs:
    """Draws programs, compares each, and counts those that say nothing and are drawn again."""

    def __init__(self, suite, seed):
        self.suite, self.seed = suite, seed
        self.drawn = self.agreed = 0

    def agree(self, draw):
        """Whether a program agrees; if not, tells the smallest that does not."""
        while True:
            # Each program has its own seed, so that one can be drawn again alone.
            rng = random.Random(f"{self.seed} {self.drawn}")
            self.drawn += 1
            program = draw(rng)
            try:
                self.suite.compare(program)
                self.agreed += 1
                return True
            except Rejected:
                continue
            except Failure as failure:
                program, failure = smallest(self.suite, program, failure)
                print(f"program {self.drawn} of seed {self.seed} disagrees: {failure}\n",
                      file=sys.stderr)
                print("".join(map(stated, program)), file=sys.stderr)
                return False


def main():
    arguments = [a for a in sys.argv[1:] if a != "--quick"]
    count = int(arguments[0]) if arguments else 300
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    suite = Suite(os.environ["BACKSTEP"], "--quick" in sys.argv)
    programs = Programs(suite, seed)
    start = time.monotonic()
    nested, systematic = nested_grid.programs(), tensor_grid.programs()
    if not suite.is_quick:  # JAX takes seconds for each
        systematic = random.Random(seed).sample(systematic, min(count, len(systematic)) // 5)
        nested = random.Random(seed).sample(nested, min(count, len(nested)) // 5)
    systematic = nested + systematic
    random_ = [(generator, tensor_generator)[i % 2].draw for i in range(count)]
    if not all(map(programs.agree, systematic + random_)):
        return 1
    worst = ", ".join(f"{error:.1e} from {name}" for name, error in suite.worst.items())
    aside = programs.drawn - programs.agreed
    print(f"conformance: {programs.agreed} programs agree (seed {seed}, {aside} set aside), "
          f"{suite.values} values, {suite.derivatives} derivatives, differences at most {worst}; "
          f"{time.monotonic() - start:.1f} s")
    if names := missing(suite.executable):
        print(f"conformance: no program calls {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
