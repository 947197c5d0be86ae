"""What the tests of limits share: running the program, and a folder of their own."""

import os
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Terminal"))

from harness import PROGRAM, Home, environment  # noqa: E402

PATIENCE = 60  # seconds until something that should come is given up
# What takes too long, or too much memory, for each run of the tests: LARGE=1.
LARGE = os.environ.get("LARGE", "") not in ("", "0")


# Every command about a graph; the braces stand for what it is about.
COMMANDS = [
    "forward", "backward", "trace", "grad", "tangent {} wrt x0", "compare", "compare {} wrt x0",
    "paths {} wrt x0", "derive {} wrt x0", "jacobian {} wrt x0", "hessian {} wrt x0, x0", "check",
    "step", "step {} until 2", "step {} break abs(value) >= 0", "quiz {}\n1\ngive up\nquit", "mistake order {}",
    "mistake overwrite {}", "graph", "graph {} with adjoints", "plot {} wrt x0",
    "plot {} wrt x0 from 0 to 1", "expect {} == {}", "show {}", "export -.dot {}", "export -.json {}",
    "export -.md {}", "export -.tex {}", "export -.html {}", "export -.py {}", "export -.grad {}",
    "export -.svg {}", "why {}", "why 1", "mistake no-zero {}", "mistake transpose {}",
    "mistake updated-weights {}", "mistake no-adjoint {}", "export -.py {} with jax",
    "export -.py {} with numpy", "export -.md {} worksheet", "export -.html {} worksheet fade 3",
    "delete {}; undo", "save saved.grad",
]


def as_someone_else():
    """Before a program starts: gives up what root may do, where it is root who runs the tests."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


class Result:
    def __init__(self, output, errors, status):
        self.output, self.errors, self.status = output, errors, status

    def __repr__(self):
        return f"{self.status}: {self.output[:300]!r} {self.errors[:300]!r}"


class Limits(unittest.TestCase):
    def setUp(self):
        home = Home()
        self.home = os.path.realpath(home.__enter__())
        self.addCleanup(home.__exit__)

    def path(self, name):
        return os.path.join(self.home, name)

    def file(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            if isinstance(text, (str, bytes)):
                text = [text]
            for piece in text:
                file.write(piece if isinstance(piece, bytes) else piece.encode())
        return path

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run_program(self, *arguments, text=None, memory=None, env=None, program=PROGRAM, **options):
        """What the program says; more memory than so many GiB is refused it."""

        def limit():
            if memory:
                size = int(memory * 2**30)
                resource.setrlimit(resource.RLIMIT_AS, (size, size))

        options.setdefault("timeout", PATIENCE)
        source = {"input": text.encode() if isinstance(text, str) else text}
        if text is None:
            source = {"stdin": options.pop("stdin", subprocess.DEVNULL)}
        result = subprocess.run(
            [program, *map(str, arguments)], cwd=self.home, check=False,
            env=environment(self.home, **(env or {})), preexec_fn=options.pop("preexec_fn", limit),
            stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, **source,
            **options)
        said = [stream.decode(errors="replace") for stream in (result.stdout or b"", result.stderr)]
        return Result(*said, result.returncode)

    def check_result(self, result, output=None, status=0):
        """Nothing crashed, and the answer is right."""
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.errors == "", status == 0, result)
        if output is not None:
            self.assertEqual(result.output, output)

    def check_error(self, result, words, status=1):
        """One mistake, and it says what is wrong."""
        self.assertEqual(result.status, status, result)
        self.assertIn(words, result.errors)
        self.assertEqual(result.errors.count("error: ") or 1, 1, result)


def chain(count, step="x{} = sin(x{})"):
    """The lines of a script in which each name depends on the one before."""
    yield "x0 = 0.5\n"
    for n in range(1, count + 1):
        yield step.format(n, n - 1) + "\n"
