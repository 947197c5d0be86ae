"""The same script says the same, byte for byte: in every run, build, locale and folder.

`OTHER` names a second build of the program to compare with, as `.build/debug/backstep`.
"""

import glob
import json
import os
import subprocess
import tempfile
import unittest

from common import LARGE, PROGRAM, Limits
from harness import ROOT

OTHER = os.environ.get("OTHER", os.path.join(ROOT, ".build/debug/backstep"))

# Something for every command whose work goes through a table or a set.
EVERYTHING = """\
f(x, y) = x*sin(y) + exp(x)/y
a = 0.5; b = -1.5; const c = 3; W = [[1, 2], [-3, 4]]; v = [0.1, 0.2]; n = 3; u = ones(n); U = sum(tanh(u)^2)
h = f(a, b) + f(b, c)*a; k = h^2 + a*b*c; s = sigmoid(h)*tanh(k) + h*k; z = W @ v + s; L = sum(z^2)
g = grad(s, a); gg = grad(g, b)
show
trace L
grad L
trace s wrt a, b
tangent s wrt a
compare L
compare U by n, 1, 5
derive s wrt a
derive k wrt b
paths s wrt a
jacobian z wrt v
hessian s wrt a, b
check L
check s
graph L
graph s with adjoints
plot s wrt a
plot s wrt a, b
mistake
mistake order s
mistake overwrite s
mistake no-zero L
mistake transpose L
mistake updated-weights s
why s
why 3
step s
quiz s
1
2
hint
hint
give up
quit
quiz seed 7
1
give up
quit
lesson
export -.dot L
export -.json L
export -.md L
export -.tex L
export -.html L
export -.py L
export -.py L with jax
export -.py L with numpy
export -.grad L
export -.md s worksheet
trace gg
derive g wrt a
help
help functions
help sigmoid
misspeld
rand(3); randn(2, 2)
undo; redo; delete k; show
set level statement
trace L
set level layer
trace L
"""


class Same(Limits):
    def say(self, path, *options, program=PROGRAM, env=None):
        result = self.run_program("-k", "--no-init", *options, path, program=program, env=env)
        return result.output + "-- errors\n" + result.errors

    def scripts(self):
        yield self.file("everything.grad", EVERYTHING), []
        yield self.path("everything.grad"), ["--json"]
        yield self.path("everything.grad"), ["--ascii", "--color", "always", "--width", "60"]
        for path in sorted(glob.glob(os.path.join(ROOT, "Examples/*.grad"))):
            yield path, []

    def test_runs(self):
        """Swift draws another seed for its hashes in each run."""
        for path, options in self.scripts():
            first = self.say(path, *options)
            for _ in range(100 if LARGE else 8):
                self.assertEqual(self.say(path, *options), first, (path, options))

    def test_what_is_said(self):
        """No command of the script above is in vain: two quizzes end early, a name is misspelt, k is gone."""
        said = self.say(self.file("everything.grad", EVERYTHING))
        errors = said.partition("-- errors\n")[2]
        self.assertEqual(errors.count("error: "), 5, errors)

    def test_hash_seeds(self):
        for path, options in self.scripts():
            fixed = self.say(path, *options, env={"SWIFT_DETERMINISTIC_HASHING": "1"})
            self.assertEqual(self.say(path, *options), fixed, (path, options))

    def test_locales(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ["de_DE", "tr_TR", "ar_EG", "ja_JP"]:
                # Where the system has no such locales, its own or those made here, the names alone are tested.
                if os.path.exists("/usr/share/i18n/locales/" + name):
                    subprocess.run(
                        ["localedef", "-i", name, "-f", "UTF-8", f"{folder}/{name}.UTF-8"], check=False,
                        capture_output=True)
            for path, options in self.scripts():
                usual = self.say(path, *options)
                for name in ["C", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "ja_JP.UTF-8", "none"]:
                    env = {"LC_ALL": name, "LANG": name, "LANGUAGE": name[:2]}
                    if os.listdir(folder):
                        env["LOCPATH"] = folder
                    self.assertEqual(self.say(path, *options, env=env), usual, (path, name))

    @unittest.skipUnless(os.path.exists(OTHER) and not os.path.samefile(OTHER, PROGRAM), "one build only")
    def test_builds(self):
        for path, options in self.scripts():
            self.assertEqual(self.say(path, *options, program=OTHER), self.say(path, *options), path)

    def test_pieces(self):
        """A script that comes in pieces, on a pipe, is the same script."""
        path = self.file("everything.grad", EVERYTHING)
        whole = self.run_program("-k", "-", text=EVERYTHING).output
        self.assertEqual(self.run_program("-k", path).output, whole)
        reader, writer = os.pipe()
        with open(os.path.join(self.home, "out"), "wb") as out:
            child = subprocess.Popen([PROGRAM, "-k", "-"], stdin=reader, stdout=out, stderr=subprocess.DEVNULL)
            os.close(reader)
            for n in range(0, len(EVERYTHING), 7):
                os.write(writer, EVERYTHING[n:n + 7].encode())
            os.close(writer)
            child.wait()
        self.assertEqual(self.read("out").decode(), whole)


class Back(Limits):
    """What is printed as a formula or a number can be typed in again, and means the same."""

    def test_save(self):
        definitions = "".join(EVERYTHING.splitlines(keepends=True)[:4])
        self.check_result(self.run_program(
            "-e", definitions + "w := 0.1 + 0.2; m := W @ W / 3; save one.grad"))
        self.check_result(self.run_program("-e", "load one.grad; save two.grad"))
        self.assertEqual(self.read("two.grad"), self.read("one.grad"))
        script = "load {}.grad; grad L; w; m; show"
        self.assertEqual(
            self.run_program("--digits", "17", "-e", script.format("one")).output,
            self.run_program("--digits", "17", "-e", script.format("two")).output)

    def test_numbers(self):
        numbers = ["0.1", "1e-310", "5e-324", "1.7976931348623157e308", "-0", "1/3", "inf", "-inf", "2^53 + 1",
                   "123456789012345680", "1e21", "1e-7", "inf - inf", "-(inf - inf)"]
        text = "".join(f"a{n} := {number}\n" for n, number in enumerate(numbers))
        self.check_result(self.run_program("-e", text + "t := [1/3, -0, inf]; save one.grad"))
        names = "; ".join(f"a{n}" for n in range(len(numbers))) + "; t"
        self.assertEqual(
            self.run_program("--digits", "17", "-e", f"load one.grad; {names}").output,
            self.run_program("--digits", "17", "-e", text + f"t := [1/3, -0, inf]; {names}").output)
        self.check_result(self.run_program("-e", "load one.grad; save two.grad"))
        self.assertEqual(self.read("two.grad"), self.read("one.grad"))

    def test_lessons(self):
        for expression in ["L", "s", "k", "gg"]:
            definitions = "".join(EVERYTHING.splitlines(keepends=True)[:4])
            written = self.run_program("-e", definitions + f"export one.grad {expression}")
            self.check_result(written)
            lesson = self.read("one.grad").decode()
            statements = "\n".join(
                line for line in lesson.splitlines() if line and not line.startswith("#"))
            self.assertNotEqual(statements, "")
            result = self.run_program("one.grad")
            self.check_result(result)

    def test_derivatives(self):
        names = "a = 0.7; b = -1.3; c = 2.1; "
        for formula in [
            "a*b - (b - c)", "a/(b/c)", "a/b/c", "a^c^0.5", "-a^2*b", "(-a)^2 - -b",
            "exp(-a^2/2)/sqrt(2*pi)", "sigmoid(a*b)*tanh(c)", "log(1 + exp(a))", "a*b/(c*a - b)",
            "where(a > b, a*c, -a)", "max(a, b)*abs(c - a)", "sin(a)^2*cos(a*b)^-3", "atan(a/b)*a",
            "leaky_relu(a - b, 0.2)*a", "(a + b)*(a - b)/(1 - (a*b)^2)", "a^-a",
        ]:
            start = f"{names}y = {formula}"
            said = self.run_program("--json", "-e", start, "-e", "derive y wrt a")
            self.check_result(said)
            found = json.loads(said.output)
            for text in [found["formula"], found["steps"][-1]]:
                self.check_result(
                    self.run_program("-e", f"{start}; g = {text}; expect g == grad(y, a)"), "")


if __name__ == "__main__":
    unittest.main()
