"""Input that is very large, very deep or not a script at all: each has a clear result.

Build first (`Scripts/backstep --version`), then run `python3 Tests/Limits/test_sizes.py`.
"""

import os
import subprocess
import unittest

import pexpect
from common import COMMANDS, LARGE, PATIENCE, PROGRAM, Limits, as_someone_else, chain, environment
from harness import PROMPT


class Formulas(Limits):
    """A formula may be as long, as deep and as wide as memory allows."""

    def test_nested_parentheses(self):
        depth = 1_000_000
        path = self.file("deep.grad", ["w = 3; y = ", "(" * depth, "w", ")" * depth, "\ny\ngrad y\n"])
        self.check_result(self.run_program(path), "3\n∂y/∂w = 1\n")

    def test_nested_calls_and_signs(self):
        depth = 1_000_000
        path = self.file(
            "deep.grad",
            ["w = 3; y = ", "abs(" * depth, "w", ")" * depth, "; z = ", "-" * depth, "w",
             "\ny; z\ngrad y + z\n"])
        self.check_result(self.run_program(path), "3\n3\n∂(y + z)/∂w = 2\n")

    def test_parentheses_that_do_not_match(self):
        path = self.file("open.grad", ["y = ", "(" * 1_000_000])
        self.check_error(self.run_program(path), "error: ")
        path = self.file("closed.grad", ["y = 1", ")" * 1_000_000])
        self.check_error(self.run_program(path), "error: ")

    def test_many_terms(self):
        count = 10_000_000 if LARGE else 1_000_000
        path = self.file("long.grad", ["w = 3; y = w", "+w" * (count - 1), "\ny\ngrad y\n"])
        result = self.run_program(path)
        self.check_result(result)
        self.assertEqual(result.output, f"{3 * count}\n∂y/∂w = {count}\n")

    def test_powers_of_powers(self):
        path = self.file("tower.grad", ["w = 1; y = w", "^w" * 300_000, "\ny\n"])
        self.check_result(self.run_program(path), "1\n")

    def test_a_line_of_100_megabytes(self):
        size = 100_000_000 if LARGE else 20_000_000
        path = self.file("line.grad", ["w = 3 #", "x" * size, "\nw\n"])
        self.check_result(self.run_program(path), "3\n")
        path = self.file("line.grad", ["w = 3", " " * size, "+ 1\nw\n"])
        self.check_result(self.run_program(path), "4\n")

    def test_a_line_of_100_megabytes_with_a_mistake(self):
        size = 100_000_000 if LARGE else 20_000_000
        path = self.file("line.grad", ["w = 3 +", "1+" * (size // 2), "?", "+1" * 100, "\n"])
        result = self.run_program(path)
        self.check_error(result, f":1:{8 + size // 2 * 2}: error: ")
        self.assertLess(len(result.errors), 1000)

    def test_long_names(self):
        name = "x" * 1_000_000
        path = self.file("name.grad", f"{name} = 2; y = {name}^2\ny\n{name}z + 1\n")
        result = self.run_program(path)
        self.check_error(result, "has no value yet")
        self.assertEqual(result.output, "4\n")

    def test_long_names_are_shown(self):
        name = "y" * 1_000_000
        path = self.file("name.grad", f"x = 2; {name} = x^2\ntrace {name}\nshow\ngraph {name}\n")
        result = self.run_program(path)
        self.check_result(result)
        self.assertIn("∂x = 4", result.output)

    def test_long_numbers(self):
        digits = "1" * 1_000_000
        path = self.file("digits.grad", f"0.{digits}\n1{'0' * 1_000_000}\n")
        result = self.run_program(path)
        self.assertEqual(result.output, "0.111111\n")
        self.check_error(result, "error: ")

    def test_many_statements(self):
        count = 10_000_000 if LARGE else 300_000
        path = self.file("many.grad", chain(count, "x{} = x{} + 1"))
        result = self.run_program(path, "-e", f"x{count}; grad x{count}", timeout=600)
        self.check_result(result)
        self.assertTrue(result.output.endswith(f"∂x{count}/∂x0 = 1\n"), result.output[-100:])

    def test_many_statements_on_one_line(self):
        lines = "; ".join(line.strip() for line in chain(300_000, "x{} = x{} + 1"))
        result = self.run_program("--digits", "17", self.file("one.grad", lines + "\nx300000\n"))
        self.check_result(result, "300000.5\n")

    def test_many_definitions_of_one_name(self):
        lines = "".join(f"w = {n}\n" for n in range(300_000))
        path = self.file("again.grad", lines + "undo; w\n")
        self.check_result(self.run_program(path), "299998\n")

    def test_updates(self):
        path = self.file("steps.grad", "w = 1\nL = w^2\n" + "w := w - 0.1*dL/dw\n" * 100_000 + "w\n")
        result = self.run_program(path)
        self.check_result(result)
        # 0.2 times the smallest numbers rounds to 0, so it stops just before.
        self.assertLess(float(result.output), 1e-322)


class Growth(Limits):
    """What grows without bound is stopped by an error that says so, before it takes the machine."""

    def test_functions_that_double(self):
        text = "f0(x) = sin(x)\n" + "".join(
            f"f{n}(x) = f{n - 1}(x) + f{n - 1}(x)\n" for n in range(1, 200))
        result = self.run_program("-", text=text + "f199(1)\n", memory=4)
        self.check_error(result, "10000000 operations")

    def test_deep_functions(self):
        count = 100_000
        text = "f0(x) = x + 1\n" + "".join(f"f{n}(x) = f{n - 1}(x) + 1\n" for n in range(1, count))
        result = self.run_program("-", text=f"{text}w = 0; y = f{count - 1}(w)\ny\ngrad y\n")
        self.check_result(result, f"{count}\n∂y/∂w = 1\n")

    def test_derivatives_of_derivatives(self):
        text = "w = 0.5; g0 = sin(w)*exp(w)*tanh(w)\n" + "".join(
            f"g{n} = grad(g{n - 1}, w)\n" for n in range(1, 60))
        result = self.run_program("-", text=text + "g59\n", memory=8)
        self.check_error(result, "operations")

    def test_tensors(self):
        for text in [
            "zeros(100000, 100000)", "ones(1e9)", "eye(1e6)", "range(1, 1e18)", "range(1, inf)",
            "range(1, 1e300)", "rand(1e9)", "randn(1e5, 1e5)", "zeros(9e18, 9e18)",
            "x = ones(20000, 1); x @ x'", "x = ones(20000); x + ones(20000, 1)", "range(-1e18, 1e18)",
            "range(1, 1e18)[5]", "zeros(-1)", "zeros(0.5)", "zeros(inf)", "eye(inf - inf)",
        ]:
            result = self.run_program("-e", text, memory=3)
            self.check_error(result, "error: ")
            self.assertNotIn("Fatal", result.errors)

    def test_tensors_altogether(self):
        for step in ["{} + 1", "{}", "-{}", "sin({})", "where({} > 0, 1, 2)", "softmax({})"]:
            text = "x0 = ones(30000000); " + "; ".join(
                f"x{n} = {step.format(f'x{n - 1}')}" for n in range(1, 9))
            self.check_error(self.run_program("-e", text + "; sum(x8)", memory=6), "this would hold")

    def test_little_memory(self):
        """What there is no memory for is refused, whatever is asked; what there is memory for is done."""
        path = self.file("large.grad", "x = ones(1100, 1100); x0 = 2; y = sum(sin(x)*x*x0)\n")
        self.check_error(self.run_program("-e", "x = zeros(9000, 9000); sum(x)", memory=0.25), "there is memory for")
        done = 0
        for command in COMMANDS:
            # Those go through the graph very often.
            if command.split()[0] in ("compare", "check", "plot"):
                continue
            line = command.replace("{}", "y") + ("" if " " in command else " y")
            for memory in [0.12, 0.5]:
                result = self.run_program(path, "-", text=f"{line}\n", memory=memory)
                self.assertIn(result.status, (0, 1), (line, memory, result))
                self.assertNotIn("Fatal", result.errors, (line, memory))
                done += result.status == 0
        self.assertGreater(done, 10)

    def test_numbers_that_are_no_counts(self):
        for text in [
            "w = 1; x = [1, 2]; x[1e300]", "x = [1, 2]; x[inf]", "x = [1, 2]; x[inf - inf]",
            "x = [1, 2]; x[-9e18]", "x = [1, 2]; x[-2^63]", "x = [1, 2]; x[-2^63:2]", "zeros(-2^63)", "eye(-2^63)",
            "range(-2^63, 1)", "x = [1, 2]; sum(x, axis=-2^63)", "x = [1, 2]; reshape(x, -2^63)",
            "w = [1, 2]; grad sum(w) wrt w[-2^63]", "w = 2; y = w^(-2^63); check y", "lesson -9223372036854775808",
            "1*[1, 2] + zeros(153092023, 60247241209)", "rand(2^62, 2)", "zeros(2^40, 2^40)", "x = [1, 2]; x[1.5]", "x = [1,2]; sum(x, axis=1e300)",
            "seed(1e300)", "seed(inf)", "w = 1; L = w^2; quiz L seed 1e300",
            "x = [1,2]; cross_entropy(x, 1e300)", "x = [1,2]; cross_entropy(x, inf - inf)",
            "x = 1; L = x^2; compare L by x, 1e300", "w = 1; L = w^2; why 99999999999999999999",
            "w = 1; L = w^2; step L until 99999999999999999999", "set digits 99999999999999999999",
            "w = 1; L = w^2; plot L wrt w from -inf to inf", "w = 1; L = w^2; plot L wrt w from 1 to 1",
            "w = 1; L = w^2; mistake updated-weights L rate inf", "lesson 99999999999999999999",
            "w = 1; L = w^2; export -.md L fade 99999999999999999999",
        ]:
            result = self.run_program("-e", text, memory=3)
            self.assertIn(result.status, (0, 1), (text, result))
            self.assertEqual(result.errors.count("error: ") , result.status, (text, result))


class Commands(Limits):
    """Every command on a chain of 10^5 nodes, and on a graph with 2^200 paths."""

    def every(self, script, last, small=False):
        """Runs every command, as text and as JSON; each answers or says why it cannot."""
        path = self.file("script.grad", script)
        for command in COMMANDS:
            # Graphviz has its own limits.
            if ".svg" in command and not small:
                continue
            line = command.replace("{}", last)
            if " " not in line and line not in ("save saved.grad",):
                line += f" {last}"
            text = line + "\nset format json\n" + line + "\n"
            with self.subTest(command):
                with open(self.path("out"), "wb") as out:
                    result = self.run_program(
                        "-k", path, "-", text=text, memory=8, stdout=out, timeout=PATIENCE)
                self.assertIn(result.status, (0, 1), result)
                self.assertNotIn("Fatal", result.errors)
                self.assertLessEqual(len(result.errors), 3000, result)
                errors = result.errors.count("error: ")
                self.assertEqual(errors > 0, result.status == 1, result)
                if errors == 0:
                    self.assertGreater(os.path.getsize(self.path("out")) + ("expect" in line)
                                       + ("save" in line) + ("delete" in line), 0)

    def test_a_long_chain(self):
        count = 100_000 if LARGE else 5_000
        self.every(list(chain(count)), f"x{count}")

    def test_many_paths(self):
        lines = ["x0 = 0.001\n"] + [f"x{n} = x{n - 1}*0.5 + x{n - 1}*0.5\n" for n in range(1, 201)]
        self.every(lines, "x200", small=True)
        result = self.run_program(self.path("script.grad"), "-e", "paths x200 wrt x0")
        self.assertIn(str(2**200), result.output.replace(",", "").replace(" ", ""))

    def test_a_wide_graph(self):
        count = 5_000 if LARGE else 1_000
        lines = ["x0 = 0.5\n"] + [f"a{n} = x0*{n}\n" for n in range(count)]
        lines += ["y = " + " + ".join(f"a{n}^2" for n in range(count)) + "\n"]
        self.every(lines, "y")

    def test_deep_derivatives(self):
        self.every(["x0 = 0.5\n", "a = tanh(x0)\nb = grad(a, x0)\nc = grad(b, x0)\ny = grad(c, x0)\n"],
                   "y", small=True)

    def test_infinities(self):
        for text in [
            "1/(x0 - 0.5)", "log(x0 - 1)", "exp(1000*x0)", "0*exp(1e9*x0)", "1e308*x0*10", "inf*x0",
            "where(x0 > 0, inf - inf, x0)", "sqrt(-x0)", "x0*1e-320", "(inf - inf)*x0",
        ]:
            self.every([f"x0 = 0.5\ny = {text}\n"], "y", small=True)

    def test_many_entries(self):
        n = 100 if LARGE else 40
        lines = [f"x0 = randn({n}, {n})\nW = randn({n}, {n})\ny = sum(tanh(W @ x0)^2)\n"]
        self.every(lines, "y", small=True)

    def test_plots_at_the_edge(self):
        for limits in ["1e308 to 1.7e308", "-1.7e308 to 1.7e308", "0 to 5e-324", "1 to 1.0000000000000002"]:
            for formula in ["x", "1/x", "x*1e308", "exp(x)", "sin(x)", "floor(x)", "x - x", "log(-abs(x))"]:
                result = self.run_program("-e", f"x = 1; y = {formula}; plot y wrt x from {limits}")
                self.assertIn(result.status, (0, 1), result)
                self.assertEqual(result.errors.count("error: "), result.status, result)


class Characters(Limits):
    """Bytes that are no text, and text that is none of the usual."""

    def test_bytes(self):
        for text in [b"\0", b"w = \0 3", b"\xff\xfe", b"w = 3\xc3", b"\xed\xa0\x80 = 3", b"\xf4\x90\x80\x80",
                     b"w = 3 \x80", b"\xc0\xaf = 1", bytes(range(256)), b"\x1b[2Jw = 3"]:
            self.check_error(self.run_program("-", text=text), "error: ")
        for text in [b"\xef\xbb\xbfw = 3\nw\n", b"w = 3\r\nw\r\n", b"w = 3\rw", b"w = 3\nw"]:
            result = self.run_program("-", text=text)
            self.assertIn(result.status, (0, 1), result)

    def test_marks_upon_marks(self):
        name = "y" + "\u0302" * 100_000
        text = f"{name} = 2; L = {name}^2\ntrace L\ngraph L\nshow\nexport -.tex L\nexport -.html L\n"
        result = self.run_program("-", text=text)
        self.check_result(result)
        result = self.run_program("--ascii", "-", text=text)
        self.assertEqual(result.errors, "")

    def test_names_of_all_scripts(self):
        names = ["漢字", "변수", "переменная", "משתנה", "متغير", "ตัวแปร", "𝒙", "ﬁ", "ⅷ", "अक्षर", "ǆ", "İ", "ß"]
        for name in names:
            text = f"{name} = 2; L = {name}^2\ngrad L\n"
            result = self.run_program("-", text=text)
            self.assertIn(result.status, (0, 1), result)
            if result.status == 0:
                self.check_result(result, f"∂L/∂{name} = 4\n")

    def test_many_combining_classes(self):
        marks = "".join(chr(n) for n in range(0x300, 0x36F)) * 50
        result = self.run_program("-", text=f"y{marks} = 2; L = y{marks[::-1]}*3\nL\n")
        self.assertIn(result.status, (0, 1), result)


class Sources(Limits):
    """Scripts that are no files, or never end."""

    def test_directories(self):
        self.check_error(self.run_program("/"), "it is a directory")
        self.check_error(self.run_program("-e", "load /"), "it is a directory")
        self.check_error(self.run_program("-e", "lesson /"), "it is a directory")
        self.check_error(self.run_program("-e", "w = 1; save /tmp"), "it is a directory")
        self.check_error(self.run_program("-e", f"w = 1; L = w^2; export {self.home}/. L as dot"), "error: ")
        folder = os.open("/", os.O_RDONLY)
        self.check_error(self.run_program(stdin=folder), "it is a directory")
        os.close(folder)

    def test_endless_zeros(self):
        for arguments in [["/dev/zero"], ["-e", "load /dev/zero"], ["-e", "lesson /dev/zero"]]:
            result = self.run_program(*arguments, memory=2)
            self.check_error(result, "error: " if arguments[0] == "-e" else "", 1)
            self.assertTrue(result.errors)
        with open("/dev/zero", "rb") as zeros:
            result = self.run_program(stdin=zeros, memory=2)
            self.assertEqual(result.status, 1, result)

    def test_endless_lines(self):
        for line, words in [("(", "error: "), ("w = 1 +", "error: "), ("x", "error: "), ("#", "")]:
            if not LARGE and line == "#":
                continue
            child = subprocess.Popen(
                f"yes '{line}' | tr -d '\\n' | head -c {100 if LARGE else 20}000000 | '{PROGRAM}' -",
                shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            said, errors = child.communicate(timeout=PATIENCE)
            self.assertIn(words, errors)
            self.assertLess(len(errors), 2000)
            self.assertEqual(said, "")

    def test_nothing(self):
        self.check_result(self.run_program("/dev/null"), "")
        self.check_result(self.run_program(self.file("empty.grad", "")), "")
        self.check_result(self.run_program("-e", "load /dev/null"), "")

    def test_a_script_that_loads_itself(self):
        path = self.file("self.grad", "w = 1\nload self.grad\n")
        self.check_error(self.run_program(path), "self.grad")
        self.check_error(self.run_program("-e", "load self.grad"), "is being loaded already")
        os.symlink("self.grad", self.path("other.grad"))
        self.file("self.grad", "w = 1\nload ./other.grad\n")
        self.check_error(self.run_program("-e", "load self.grad"), "is being loaded already")
        self.file("a.grad", "load b.grad\n")
        self.file("b.grad", "load ././a.grad\n")
        self.check_error(self.run_program("-e", "load a.grad"), "is being loaded already")

    def test_a_tower_of_scripts(self):
        for n in range(100):
            self.file(f"{n}.grad", f"load {n + 1}.grad\n")
        self.check_error(self.run_program("-e", "load 0.grad"), "error: ")

    def test_files_that_are_not_there(self):
        self.check_error(self.run_program("no such file"), "No such file")
        self.check_error(self.run_program("x" * 5000), "too long")
        self.check_error(self.run_program("-e", "load " + "x" * 5000), "too long")
        self.check_error(self.run_program("-e", "w = 1; save " + "x" * 5000), "too long")
        self.check_error(self.run_program("-e", "w = 1; save 'no/such/folder/a'"), "No such file")
        os.symlink("loop", self.path("loop"))
        self.check_error(self.run_program("loop"), "symbolic links")
        self.check_error(self.run_program("-e", "w = 1; save loop"), "symbolic links")

    def test_files_that_may_not_be_read(self):
        path = self.file("closed.grad", "1")
        os.chmod(path, 0)
        os.chmod(self.home, 0o755)
        for arguments in [[path], ["-e", "load closed.grad"], ["-e", "lesson closed.grad"]]:
            result = self.run_program(*arguments, preexec_fn=as_someone_else)
            self.check_error(result, "Permission denied")


class Outputs(Limits):
    """Readers that are slow, gone, or full."""

    def test_a_slow_reader(self):
        path = self.file("long.grad", list(chain(3_000)))
        child = subprocess.Popen(
            [PROGRAM, path, "-e", "trace x3000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        pieces = []
        # A pipe holds 64 KiB: the writer waits most of the time.
        while piece := os.read(child.stdout.fileno(), 1500):
            pieces.append(piece)
        child.stdout.close()
        self.assertEqual(child.stderr.read(), b"")
        child.stderr.close()
        self.assertEqual(child.wait(PATIENCE), 0)
        quick = self.run_program(path, "-e", "trace x3000")
        self.assertEqual(b"".join(pieces).decode(), quick.output)

    def every(self, redirection, words):
        path = self.file("small.grad", "x0 = 0.5; w = 2\ny = sin(x0)*w\n")
        for command in COMMANDS:
            line = command.replace("{}", "y") + ("" if " " in command else " y")
            # What is written to a file, or says nothing when all is well.
            if line.startswith(("save", "expect", "delete")):
                continue
            result = subprocess.run(
                ["sh", "-c", f'"$@" {redirection}', "sh", PROGRAM, path, "-e", line], cwd=self.home,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE)
            self.assertEqual(result.returncode, 1, (line, result))
            self.assertIn(words, result.stderr, line)

    def test_a_closed_output(self):
        self.every(">&-", "it is closed")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_an_output_that_may_not_grow(self):
        """`ulimit -f`: a mistake is told, and the program does not simply end."""
        path = self.file("small.grad", "x0 = 0.5; w = 2\ny = sin(x0)*w\n")
        for line in ["trace y", "save saved.grad", "export a.html y"]:
            result = subprocess.run(
                ["sh", "-c", 'ulimit -f 0; "$@" > out', "sh", PROGRAM, path, "-e", line], cwd=self.home,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE)
            self.assertEqual(result.returncode, 1, (line, result))
            self.assertIn("File too large", result.stderr, line)

    def test_an_output_that_is_named(self):
        """What is saved where the output goes comes in its order, and nothing of either is lost."""
        saved = "# Definitions saved by Backstep.\nw=1\n"
        for redirection in ["> out", "| cat > out"]:
            for name in ["/dev/stdout", "/dev/fd/1"]:
                subprocess.run(
                    ["sh", "-c", f'"$@" {redirection}', "sh", PROGRAM, "-e", f"w=1; 5; save {name}; w + 1"],
                    cwd=self.home, stdin=subprocess.DEVNULL, check=True, timeout=PATIENCE)
                self.assertEqual(self.read("out").decode(), f"5\n{saved}2\n", (redirection, name))

    def test_a_full_output(self):
        self.every("> /dev/full", "No space left on device")

    def test_a_reader_that_goes_away(self):
        path = self.file("long.grad", list(chain(20_000)))
        for command in ["trace", "forward", "graph", "export -.json", "export -.md", "tangent wrt x0", "show"]:
            line = command if command == "show" else command.replace(" wrt", " x20000 wrt") \
                if "wrt" in command else f"{command} x20000"
            result = subprocess.run(
                ["sh", "-c", '("$@"; echo $? >&2) | head -n 1', "sh", PROGRAM, path, "-e", line],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE)
            self.assertLessEqual(len(result.stdout.splitlines()), 1)
            self.assertIn(result.stderr.splitlines()[-1], "01", line)
            self.assertLess(len(result.stderr), 500)


class Homes(Limits):
    """The prompt works wherever its history cannot be kept; see also Tests/Terminal."""

    def say(self, start=as_someone_else, **env):
        child = pexpect.spawn(
            PROGRAM, [], env=environment(self.home, **env), echo=False, timeout=20, encoding="utf-8",
            preexec_fn=start)
        child.delaybeforesend = None
        child.expect_exact(PROMPT)
        before = child.before
        child.send("1 + 2\r")
        child.expect_exact("3\r\n")
        child.expect_exact(PROMPT)
        child.send("\x04")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 0)
        return before

    def test_a_home_that_is_a_file(self):
        path = self.file("file", "")
        self.assertIn("the history is not kept", self.say(HOME=path))

    def test_no_home(self):
        self.assertIn("the history is not kept", self.say(HOME=None))
        self.assertIn("the history is not kept", self.say(HOME="relative"))

    def test_a_home_that_is_not_there(self):
        self.assertIn("the history is not kept", self.say(HOME="/proc/no/such"))

    def test_a_history_that_is_none(self):
        os.makedirs(self.path("state/backstep/history"))
        self.assertIn("the history is not kept", self.say(XDG_STATE_HOME=self.path("state")))
        os.rmdir(self.path("state/backstep/history"))
        os.mkfifo(self.path("state/backstep/history"))
        self.assertIn("the history is not kept", self.say(XDG_STATE_HOME=self.path("state")))
        os.unlink(self.path("state/backstep/history"))
        os.symlink("/dev/full", self.path("state/backstep/history"))
        self.assertIn("the history is not kept", self.say(XDG_STATE_HOME=self.path("state")))

    def test_a_history_of_noise(self):
        self.file("state/backstep/history", os.urandom(100_000))
        self.say(start=None, XDG_STATE_HOME=self.path("state"))
        self.assertTrue(self.read("state/backstep/history").endswith(b"\n1 + 2\n"))

    def test_a_read_only_home(self):
        os.chmod(self.home, 0o555)
        self.assertIn("Permission denied", self.say())

    def test_a_history_that_may_not_be_read(self):
        path = self.file(".local/state/backstep/history", "secret\n")
        os.chmod(self.home, 0o755)
        os.chmod(path, 0)
        self.assertIn("Permission denied", self.say())


if __name__ == "__main__":
    unittest.main()
