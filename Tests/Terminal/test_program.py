"""What someone meets who sits at the whole program: answers, keys, signals, history, exit codes.

Build first (`Scripts/backstep --version`), then run `python3 Tests/Terminal/test_program.py`.
`BACKSTEP` names another program to test. Needs pexpect and tmux.

Nothing here waits for a time to pass. Where a computation has to be met half-way, the processor time
it has used tells how far it is: that is the same on a busy machine.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

import pexpect
from harness import PROGRAM, PROMPT, Home, Screen, Session, environment, unread

UP = "\033[A"
MORE = "...> "
EDITING, EDITED = "\033[?2004h", "\033[?2004l"
PATIENCE = 30  # seconds until something that should come is given up


def paste(text):
    return f"\033[200~{text}\033[201~"


def directories(home):
    return {
        "XDG_CONFIG_HOME": os.path.join(home, "config"),
        "XDG_STATE_HOME": os.path.join(home, "state"),
    }


def processor_time(pid):
    """The seconds of processor time a process has used."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        text = subprocess.check_output(["ps", "-o", "time=", "-p", str(pid)], text=True)
        seconds = 0.0
        for part in text.strip().replace("-", ":").split(":"):
            seconds = seconds * 60 + float(part)
        return seconds


def is_asleep(pid):
    return subprocess.check_output(["ps", "-o", "state=", "-p", str(pid)], text=True).startswith("S")


def wait_until(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}")
        time.sleep(0.002)


def wait_for_work(pid, wanted):
    """Until a process has used so much processor time, or has been idle for a while."""
    idle_since, last = time.monotonic(), processor_time(pid)
    while last < wanted and time.monotonic() - idle_since < 2:
        time.sleep(0.002)
        now = processor_time(pid)
        if now > last:
            idle_since, last = time.monotonic(), now


class Talk(Session):
    """A session with the program."""

    def __init__(self, home, *arguments, columns=80, is_colored=False, **env):
        self.prompt = "backstep>\033[0m " if is_colored else PROMPT
        super().__init__(
            home, *arguments, command=PROGRAM, columns=columns, **{**directories(home), **env})
        self.child.timeout = PATIENCE
        self.marks_pastes = env.get("TERM") != "dumb"

    @property
    def pid(self):
        return self.child.pid

    def ready(self, prompt=None):
        super().ready(prompt or self.prompt)

    def start(self, line):
        """Enters a line without waiting for the answer."""
        self.send(line + "\r")
        if self.marks_pastes:
            self.see(EDITED)
        else:
            self.see("\n")

    def answer(self, prompt=None):
        """What is said up to the next prompt."""
        self.ready(prompt)
        return self.child.before.replace(EDITING, "").replace("\r\n", "\n")

    def ask(self, line):
        self.start(line)
        return self.answer()

    def complete(self, text):
        """Types text and then TAB; apart, since a TAB amid many bytes counts as pasted."""
        self.send(text)
        self.see(text)
        self.send("\t")

    def drop(self):
        """Drops the line with ^C."""
        self.send("\x03")
        self.see("^C")
        self.ready()

    def leave(self):
        self.send("\x04")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


class WithHome(unittest.TestCase):
    def setUp(self):
        home = Home()
        self.home = os.path.realpath(home.__enter__())
        self.addCleanup(home.__exit__)

    def file(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def history(self):
        path = os.path.join(self.home, "state/backstep/history")
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()


class Answers(WithHome):
    def test_definitions(self):
        with Talk(self.home) as talk:
            self.assertEqual(talk.ask("w = 0.5"), "w = 0.5\n")
            self.assertEqual(talk.ask("z = w*x + b"), "z needs x, b\n")
            self.assertEqual(talk.ask("x = 2; b = -1"), "x = 2\nb = -1\n")
            self.assertEqual(talk.ask("z"), "0\n")
            self.assertEqual(talk.ask("f(t) = t^2"), "f is a function\n")
            self.assertEqual(talk.ask("f(3)"), "9\n")
            self.assertEqual(talk.ask(""), "")

    def test_statements_that_go_on(self):
        with Talk(self.home) as talk:
            talk.start("y = (1 +")
            self.assertEqual(talk.answer(MORE).strip(), "")
            talk.start("# half of it")
            talk.answer(MORE)
            self.assertEqual(talk.ask("2)"), "y = 3\n")
            talk.start("y + \\")
            talk.answer(MORE)
            self.assertEqual(talk.ask("1"), "4\n")
            talk.start("(1 +")
            talk.answer(MORE)
            talk.drop()
            self.assertEqual(talk.ask("y"), "3\n")

    def test_mistakes(self):
        with Talk(self.home) as talk:
            talk.ask("w = 0.5")
            self.assertEqual(
                talk.ask("a = sigmod(0)"),
                "error: there is no function 'sigmod'\n    a = sigmod(0)\n        ^~~~~~\n"
                "hint: did you mean 'sigmoid'?\n")
            self.assertEqual(
                talk.ask("b = 2w"),
                "error: '2w' is neither a number nor a name\n    b = 2w\n        ^~\n"
                "hint: a product is written with '*': 2*w\n")
            self.assertIn("error: ", talk.ask("1 + )"))
            self.assertEqual(talk.ask("w"), "0.5\n")

    def test_derivatives(self):
        with Talk(self.home) as talk:
            talk.ask("w = 3; L = w^2; M = 2*L")
            self.assertEqual(talk.ask("grad"), "∂M/∂w = 12\n")
            self.assertEqual(talk.ask("dL/dw"), "6\n")
            self.assertEqual(talk.ask("grad(M, w) + grad(M, L)"), "14\n")
            self.assertEqual(talk.ask("g = dL/dw"), "g = 6\n")
            self.assertEqual(talk.ask("w := w - 0.5*dL/dw"), "w = 0\n")
            self.assertEqual(talk.ask("g"), "0\n")

    def test_a_long_message_keeps_to_the_width(self):
        with Talk(self.home, columns=40) as talk:
            answer = talk.ask("an_undefined_name_that_is_quite_long + 1")
            self.assertLessEqual(max(map(len, answer.splitlines())), 40)
            self.assertNotIn("  ", answer.replace("\n    ", "\n"))

    def test_ways_to_leave(self):
        for line in ["quit", "exit"]:
            with Talk(self.home) as talk:
                talk.send(line + "\r")
                talk.child.expect(pexpect.EOF)
                talk.child.close()
                self.assertEqual(talk.child.exitstatus, 0)
        with Talk(self.home) as talk:
            talk.ask("nonsense")
            self.assertEqual(talk.leave(), 0)

    def test_after_a_script(self):
        with Talk(self.home, "-i", "-e", "w = 3") as talk:
            self.assertEqual(talk.ask("w"), "3\n")
            self.assertEqual(talk.leave(), 0)
        with Talk(self.home, "-i", "-e", "w = 3; v") as talk:
            self.assertIn("'v' has no value", talk.child.before)
            self.assertEqual(talk.ask("w"), "3\n")
            self.assertEqual(talk.leave(), 1)

    def test_interrupting_the_script_before_the_prompt(self):
        path = self.file("nest.grad", NEST + "before = 7\n" + "f21(1)\n" * 40)
        child = pexpect.spawn(
            PROGRAM, ["-i", path], env=environment(self.home, **directories(self.home)), echo=False,
            timeout=PATIENCE, encoding="utf-8")
        wait_until(lambda: processor_time(child.pid) > 0.1, "the script")
        child.send("\x03")
        child.expect_exact("interrupted")
        child.expect_exact(PROMPT)
        child.send("before + 1\r")
        child.expect_exact("8")
        child.send("\x04")
        child.expect(pexpect.EOF)
        child.close()
        self.assertEqual(child.exitstatus, 0)

    def test_the_width_follows_the_terminal(self):
        with Talk(self.home) as talk:
            talk.ask("w1 = 0.5; w2 = -0.3; const x1 = 2; const y = 1")
            talk.ask("a = sigmoid(w1*x1 + w2*x1^2); L = bce(a, y)")
            for columns in [80, 40, 140, 60]:
                talk.child.setwinsize(24, columns)
                lines = talk.ask("trace L").splitlines()
                self.assertIn("Gradient", lines)
                widest = max(map(len, lines))
                self.assertLessEqual(widest, columns)
                self.assertGreater(widest, columns // 2)


class Looks(WithHome):
    """What a page looks like: nothing but colour may depend on colour, and no line may be too wide."""

    lines = [
        "w = 0.5; const θ = 2; ŷ = sigmoid(w*θ); L = bce(ŷ, 1) + w^2", "trace L", "show", "grad",
        "help", "help trace", "help sigmoid", "help language", "help keys", "help functions",
        "sigmod(1)", "a_name_without_any_value * 2", "w = w",
    ]

    def say(self, *arguments, columns=80, **env):
        with Talk(self.home, *arguments, columns=columns, **env) as talk:
            return [talk.ask(line) for line in self.lines]

    def test_width(self):
        for columns in [40, 80, 140]:
            for line, answer in zip(self.lines, self.say(columns=columns)):
                self.assertLessEqual(max(map(len, answer.split("\n"))), columns, line)
                self.assertNotRegex(answer, " \n", line)

    def test_ascii(self):
        for line, answer in zip(self.lines, self.say("--ascii")):
            self.assertTrue(answer.isascii(), line)
            for text in answer.split("\n"):
                self.assertLessEqual(len(text), 80, line)

    def test_color(self):
        plain = self.say()
        self.assertEqual(self.say(TERM="dumb"), plain)
        for arguments, env in [((), {"NO_COLOR": None}), (("--color", "always"), {})]:
            answers = self.say(*arguments, is_colored=True, **env)
            self.assertIn("\033[1mForward\033[0m", answers[1])
            # The colour of the prompt that follows is not part of the answer.
            self.assertEqual(
                [re.sub(r"\033\[[0-9;]*m", "", answer) for answer in answers], plain)


class History(WithHome):
    def test_across_sessions(self):
        with Talk(self.home) as talk:
            talk.ask("1 + 2")
            talk.ask("4*5")
            talk.leave()
        self.assertEqual(self.history(), ["1 + 2", "4*5"])
        self.assertFalse(os.path.exists(os.path.join(self.home, ".local")))
        with Talk(self.home) as talk:
            self.assertEqual(talk.ask(UP + UP), "3\n")

    def test_search(self):
        with Talk(self.home) as talk:
            talk.ask("11*11")
            talk.ask("2 + 2")
            talk.send("\022")
            talk.see("bck:")
            talk.send("1*")
            talk.see("11*11")
            self.assertEqual(talk.ask(""), "121\n")

    def test_kill_loses_nothing(self):
        with Talk(self.home) as talk:
            for n in range(20):
                talk.ask(f"x{n} = {n}")
            talk.send("half a line")
            talk.see("half a line")
            talk.child.kill(signal.SIGKILL)
            talk.child.wait()
        self.assertEqual(self.history(), [f"x{n} = {n}" for n in range(20)])

    def test_two_at_once(self):
        with Talk(self.home) as one, Talk(self.home) as two:
            for n in range(20):
                one.start(f"1{n:02}")
                two.start(f"2{n:02}")
                one.ready()
                two.ready()
        lines = self.history()
        self.assertEqual(len(lines), 40)
        for digit in "12":
            own = [line for line in lines if line[0] == digit]
            self.assertEqual(own, [f"{digit}{n:02}" for n in range(20)])

    def test_none_in_a_sandbox(self):
        with Talk(self.home, "--sandbox") as talk:
            talk.ask("1 + 2")
            talk.leave()
        self.assertFalse(os.path.exists(os.path.join(self.home, "state")))


class Init(WithHome):
    def test_is_run(self):
        self.file("config/backstep/init.grad", "w = 0.25\nset digits 3\n")
        with Talk(self.home) as talk:
            self.assertEqual(talk.ask("w"), "0.25\n")
            self.assertEqual(talk.ask("1/3"), "0.333\n")
        with Talk(self.home, "--no-init") as talk:
            self.assertIn("'w' has no value", talk.ask("w"))
            self.assertEqual(talk.ask("1/3"), "0.333333\n")

    def test_elsewhere(self):
        self.file(".config/backstep/init.grad", "w = 0.25\n")
        with Talk(self.home, XDG_CONFIG_HOME=None) as talk:
            self.assertEqual(talk.ask("w"), "0.25\n")

    def test_a_mistake_in_it(self):
        path = self.file("config/backstep/init.grad", "w = 0.25\nw = )\n")
        with Talk(self.home) as talk:
            self.assertIn(f"{path}:2:5: error:", talk.child.before)
            self.assertEqual(talk.ask("w"), "0.25\n")
            self.assertEqual(talk.leave(), 0)

    def test_not_for_scripts(self):
        self.file("config/backstep/init.grad", "w = 0.25\n")
        result = subprocess.run(
            [PROGRAM, "-e", "w"], env=environment(self.home, **directories(self.home)),
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertIn("'w' has no value", result.stderr)


class Completing(WithHome):
    def test_commands_and_functions(self):
        with Talk(self.home) as talk:
            talk.complete("backw")
            talk.see("ard ")
            talk.drop()
            talk.complete("2*sigm")
            talk.see("oid(")
            self.assertEqual(talk.ask("0)"), "1\n")
            talk.ask("swish(t) = t*sigmoid(t)")
            talk.complete("swi")
            talk.see("sh(")
            self.assertEqual(talk.ask("0)"), "0\n")

    def test_inputs_of_the_expression(self):
        with Talk(self.home) as talk:
            talk.ask("w_in = 1; w_out = 2; w_other = 3; const w_data = 4")
            talk.ask("L = w_in*w_out + w_data; M = w_other")
            talk.complete("grad L wrt w")
            talk.see("_")
            talk.send("\t")
            talk.see("w_in")
            self.assertEqual(
                re.findall(r"w_\w+", "w_in" + talk.answer("backstep> grad L wrt w_")),
                ["w_in", "w_out"])
            talk.drop()
            talk.complete("grad M wrt ")
            talk.see("w_other")
            talk.drop()

    def test_settings(self):
        with Talk(self.home) as talk:
            talk.complete("set dig")
            talk.see("its ")
            self.assertEqual(talk.ask("3"), "")
            talk.complete("set color al")
            talk.see("ways")
            talk.drop()
            self.assertEqual(talk.ask("2/3"), "0.667\n")

    def test_file_names(self):
        self.file("folder/neuron.grad", "w = 7\n")
        with Talk(self.home, columns=250) as talk:
            talk.complete(f"load {self.home}/fol")
            talk.see("der/")
            talk.complete("neu")
            talk.see("ron.grad")
            self.assertEqual(talk.ask(""), "")
            self.assertEqual(talk.ask("w"), "7\n")

    def test_symbols(self):
        with Talk(self.home) as talk:
            talk.complete("\\sigma")
            talk.see("σ")
            self.assertEqual(talk.ask("(0)"), "0.5\n")
            talk.complete("y\\hat")
            talk.see("ŷ")
            self.assertEqual(talk.ask(" = 2"), "ŷ = 2\n")


# The functions double their work with each number: the last one has four million operations.
NEST = "f0(x) = sin(x)\n" + "".join(f"f{n}(x) = f{n - 1}(x) + f{n - 1}(x)\n" for n in range(1, 22))


class Stopping(WithHome):
    """^C stops what is running, soon, and leaves the session as it was."""

    def setUp(self):
        super().setUp()
        self.file("nest.grad", NEST + "w = 0.5\n")

    def check_session(self, talk):
        self.assertEqual(talk.ask("w"), "0.5\n")
        self.assertEqual(talk.ask("v = 2*w"), "v = 1\n")

    def stop(self, line, share, most=0.5, restore=None, prepare=()):
        """Interrupts a line when it has done a share of its work.

        Not more than `most` of the whole may be done in addition. A busy machine may let the
        interrupt come too late: then it is tried again.
        """
        with Talk(self.home) as talk:
            talk.ask(f"load {self.home}/nest.grad")
            for other in prepare:
                talk.ask(other)
            # The second time counts: some of what the first computes is kept.
            for _ in range(2):
                before = processor_time(talk.pid)
                self.assertNotIn("error", talk.ask(line))
                whole = processor_time(talk.pid) - before
                if restore:
                    talk.ask(restore)
            costs = []
            for _ in range(8):
                before = processor_time(talk.pid)
                talk.start(line)
                wait_for_work(talk.pid, before + share * whole)
                pressed = processor_time(talk.pid)
                talk.send("\x03")
                answer = talk.answer()
                cost = processor_time(talk.pid) - pressed
                costs.append(round(cost / whole, 2))
                if "interrupted" not in answer or pressed - before > (share + 0.15) * whole:
                    if restore:
                        talk.ask(restore)
                    self.check_session(talk)
                    continue
                self.check_session(talk)
                if cost < most * whole:
                    return
            self.fail(f"after ^C at {share} of {whole} s these shares were done yet: {costs}")

    def test_building_a_graph(self):
        self.stop("f21(w)", 0.2, most=0.3)

    def test_computing_values(self):
        self.stop("f21(w)", 0.7, most=0.3)

    def test_a_backward_sweep(self):
        self.stop("grad y", 0.85, most=0.15, prepare=["y = f21(w)"])

    def test_many_backward_sweeps(self):
        # Each output needs a sweep of its own over the quarter of a million operations they share.
        outputs = "; ".join(f"y{n} = y0*{n}" for n in range(1, 20))
        self.file("sweeps.grad", f"y0 = f17(w); {outputs}\n")
        sweeps = " + ".join(f"grad(y{n}, w)" for n in range(20))
        self.stop(sweeps, 0.7, most=0.2, prepare=[f"load {self.home}/sweeps.grad"])

    def test_loading(self):
        lines = (f"x{n} = {f'x{n - 1}' if n else 'w'} + {n}\n" for n in range(300000))
        path = self.file("large.grad", "".join(lines))
        self.stop(f"load {path}", 0.3, most=0.4, restore="undo")

    def test_loading_what_takes_long_to_compute(self):
        path = self.file("long.grad", "w = 0.75\n" + "v := f18(w)\n" * 8)
        self.stop(f"load {path}", 0.4, most=0.3, restore="undo")

    def test_loading_takes_back_what_it_defined(self):
        path = self.file("large.grad", "w = 9\n" + "".join(f"x{n} = w\n" for n in range(300000)))
        with Talk(self.home) as talk:
            talk.ask("w = 0.5")
            for _ in range(8):
                before = processor_time(talk.pid)
                talk.start(f"load {path}")
                wait_until(
                    lambda before=before: processor_time(talk.pid) >= before + 0.02, "loading")
                talk.send("\x03")
                if "interrupted" in talk.answer():
                    break
                talk.ask("undo")
            self.assertEqual(talk.ask("w"), "0.5\n")
            self.assertEqual(talk.ask("show"), "w = 0.5\n")

    def check_long_trace(self, command, seen, after="", setting=""):
        lines = (f"x{n} = {f'x{n - 1}' if n else 'w'} + {n}\n" for n in range(100000))
        path = self.file("long.grad", "w = 0.5\n" + "".join(lines))
        with Talk(self.home) as talk:
            talk.ask(f"load {path}")
            if setting:
                talk.ask(setting)
            talk.start(command)
            talk.child.expect(seen)
            talk.send("\x03")
            start = time.monotonic()
            self.assertIn("interrupted", talk.answer())
            self.assertLess(time.monotonic() - start, PATIENCE / 3)
            if after:
                talk.ask(after)
            self.check_session(talk)

    def test_a_long_forward_trace(self):
        self.check_long_trace("forward x99999", r"x\d\d\d ")

    def test_a_long_backward_trace(self):
        self.check_long_trace("backward x99999", r"x99\d\d\d ")

    def test_a_long_trace_as_json(self):
        self.check_long_trace(
            "trace x99999", r'"name":"x\d\d\d"', setting="set format json",
            after="set format text")

    def test_a_long_list(self):
        path = self.file("many.grad", "w = 0.5\n" + "".join(f"x{n} = {n}\n" for n in range(200000)))
        with Talk(self.home) as talk:
            talk.ask(f"load {path}")
            talk.start("show")
            talk.see("x1000 = 1000")
            talk.send("\x03")
            answer = talk.answer()
            self.assertIn("interrupted", answer)
            self.assertNotIn("x199999", answer)
            self.check_session(talk)

    def test_again_and_again(self):
        with Talk(self.home) as talk:
            talk.ask(f"load {self.home}/nest.grad")
            for _ in range(5):
                before = processor_time(talk.pid)
                talk.start("f21(w)")
                wait_until(
                    lambda before=before: processor_time(talk.pid) > before + 0.03, "computing")
                talk.send("\x03")
                talk.answer()
            self.check_session(talk)
            self.assertEqual(talk.leave(), 0)

    def test_dropping_the_line(self):
        with Talk(self.home) as talk:
            talk.ask("w = 0.5")
            talk.send("w = 9")
            talk.see("w = 9")
            talk.drop()
            self.assertEqual(talk.ask(""), "")
            self.check_session(talk)


class Suspending(WithHome):
    def setUp(self):
        super().setUp()
        self.file("nest.grad", NEST + "w = 0.5\n")

    def shell(self):
        return Screen(
            self.home, "bash", "--norc", "-i", columns=70, rows=20, PS1="shell$ ",
            PROGRAM=PROGRAM, **directories(self.home))

    def test_at_the_prompt(self):
        with self.shell() as screen:
            screen.type('"$PROGRAM" -i -e "w = 0.5"')
            screen.keys("Enter")
            screen.wait_for("backstep>")
            screen.type("2*")
            screen.wait_for("backstep> 2*")
            screen.keys("C-z")
            screen.wait_for("Stopped")
            screen.type("fg")
            screen.keys("Enter")
            screen.wait(lambda s: s.text().rstrip().endswith("backstep> 2*"), PATIENCE)
            screen.type("w + 41")
            screen.keys("Enter")
            screen.wait_for("\n42\n")

    def test_while_it_computes(self):
        with self.shell() as screen:
            screen.type('"$PROGRAM" -i "$HOME/nest.grad"')
            screen.keys("Enter")
            screen.wait_for("backstep>")
            shell = screen.run("display", "-p", "#{pane_pid}").strip()
            child = subprocess.check_output(["pgrep", "-P", shell], text=True).split()[0]
            before = processor_time(child)
            screen.type("f20(w) - f20(w) + 42")
            screen.keys("Enter")
            wait_until(lambda: processor_time(child) > before + 0.03, "computing")
            screen.keys("C-z")
            screen.wait_for("Stopped")
            screen.type("fg")
            screen.keys("Enter")
            screen.wait(lambda s: "\n42\n" in s.text(), PATIENCE)


class Pastes(WithHome):
    def test_many_lines_with_tabs(self):
        lines = ["const x0 = 0"] + [f"\tx{n}\t= x{n - 1} +\t1" for n in range(1, 2000)]
        with Talk(self.home) as talk:
            talk.send(paste("\r".join(lines) + "\r"))
            talk.see("x1999 = 1999\r\n")
            talk.ready()
            self.assertEqual(talk.ask("x1999"), "1999\n")
            talk.leave()
        self.assertEqual(
            self.history(), [line.replace("\t", " ") for line in lines] + ["x1999"])

    def test_statements_over_several_lines(self):
        with Talk(self.home) as talk:
            talk.send(paste("f(\r\tx,\r\ty) = x +\\\r\ty\rf(1,\r2)\r"))
            talk.see("f is a function\r\n")
            talk.see("\r\n3\r\n")
            talk.ready()

    def test_a_mistake_in_the_middle(self):
        with Talk(self.home) as talk:
            talk.send(paste("a = 1\rb = 2)\rc = 3\r"))
            talk.see("error: ")
            talk.see("c = 3\r\n")
            talk.ready()
            self.assertEqual(talk.ask("c"), "3\n")

    def test_a_session_pasted_back(self):
        with Talk(self.home, columns=100) as talk:
            session = ""
            for line in ["w = 0.5", "y = 2*w", "z = (y +", "q)", "sigmod(1)", "q = 4", "w := 1.5", "z"]:
                talk.start(line)
                index = talk.child.expect_exact([PROMPT, MORE])
                said = talk.child.before.replace(EDITING, "").replace("\r\n", "\n")
                shown = "     ...> " if session.endswith("z = (y +\n") else PROMPT
                session += shown + line + "\n" + (said if index == 0 else "")
            self.assertTrue(session.endswith("\n7\n"), session)
        with Talk(self.home, columns=100) as talk:
            talk.send(paste(session.replace("\n", "\r")))
            talk.see("> z\r\n")
            self.assertEqual(talk.answer(), "7\n")
            # What was said is not taken for a definition: y still follows w.
            self.assertEqual(talk.ask("w = 10"), "w = 10\n")
            self.assertEqual(talk.ask("z"), "24\n")

    def test_interrupting_drops_the_rest(self):
        self.file("nest.grad", NEST)
        with Talk(self.home) as talk:
            talk.ask(f"load {self.home}/nest.grad")
            talk.ask("w = 0.5")
            talk.send(paste("f21(w)\r" * 20 + "w = 9\r"))
            before = processor_time(talk.pid)
            wait_until(lambda: processor_time(talk.pid) > before + 0.03, "computing")
            talk.send("\x03")
            talk.see("interrupted")
            self.assertNotIn("w = 9", talk.answer())
            self.assertEqual(talk.ask("w"), "0.5\n")


class Exits(WithHome):
    def run_program(self, *arguments, shell=None, **options):
        command = ["sh", "-c", shell, "sh", PROGRAM, *arguments] if shell else [PROGRAM, *arguments]
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            command, env=environment(self.home, **directories(self.home)), capture_output=True,
            text=True, timeout=PATIENCE, check=False, **options)

    def long_trace(self):
        return self.file(
            "long.grad", "w = 1\n" + "".join(
                f"x{n} = {f'x{n - 1}' if n else 'w'} + {n}\n" for n in range(20000)))

    def test_scripts(self):
        for arguments, status in [
            (["-e", "w = 3; expect w == 3"], 0), (["-e", "w = 3; expect w == 4"], 1),
            (["-k", "-e", "v; 1"], 1), (["-e", "quit; v"], 0), (["/no/such.grad"], 1),
            (["--no-such"], 2), (["--digits", "99"], 2), (["--width"], 2), (["--help"], 0),
        ]:
            result = self.run_program(*arguments)
            self.assertEqual(result.returncode, status, arguments)
            self.assertEqual(result.stderr == "", status == 0, arguments)
            self.assertEqual("Try 'backstep --help'" in result.stderr, status == 2, arguments)

    def test_a_failing_script_stops(self):
        result = self.run_program("-e", "1; v; 2")
        self.assertEqual((result.stdout, result.returncode), ("1\n", 1))
        result = self.run_program("-k", "-e", "1\nv\n2")
        self.assertEqual((result.stdout, result.returncode), ("1\n2\n", 1))

    def interrupted(self, *arguments, when, **options):
        """Starts the program, interrupts it when a condition holds, and returns what it said."""
        child = subprocess.Popen(
            [PROGRAM, *arguments], env=environment(self.home, **directories(self.home)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.addCleanup(child.kill)
        wait_until(lambda: when(child), "the time to interrupt")
        child.send_signal(signal.SIGINT)
        said = child.communicate(timeout=PATIENCE)
        return (*said, child.returncode)

    def test_interrupted_while_computing(self):
        path = self.file("nest.grad", NEST + "1 + 1\n" + "f21(1)\n" * 40)
        said, errors, status = self.interrupted(
            path, when=lambda child: processor_time(child.pid) > 0.1, stdin=subprocess.DEVNULL)
        self.assertEqual((said.split("\n")[0], errors, status), ("2", "", 130))

    def test_interrupted_while_reading(self):
        read, write = os.pipe()
        os.write(write, b"1 + 1\n")
        said = tempfile.TemporaryFile()
        child = subprocess.Popen(
            [PROGRAM], env=environment(self.home, **directories(self.home)), stdin=read, stdout=said)
        self.addCleanup(child.kill)
        wait_until(lambda: os.fstat(said.fileno()).st_size == 2, "the answer")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(PATIENCE), 130)
        os.close(read)
        os.close(write)
        said.close()

    def test_a_reader_that_goes_away(self):
        path = self.long_trace()
        for arguments in [[path, "-e", "trace"], ["--json", path, "-e", "trace"]]:
            result = self.run_program(*arguments, shell='("$@"; echo $? >&2) | head -n 1')
            self.assertEqual((len(result.stdout.splitlines()), result.stderr), (1, "0\n"))

    def test_output_that_fails(self):
        path = self.long_trace()
        for redirection, words in [
            (">&-", "it is closed"), ("> /dev/full", "No space left on device"),
        ]:
            for arguments in [["-e", "1 + 1"], [path, "-e", "trace"], ["--help"], ["--version"]]:
                if "full" in redirection and not os.path.exists("/dev/full"):
                    continue
                result = self.run_program(*arguments, shell=f'"$@" {redirection}')
                self.assertEqual(
                    (result.stderr, result.returncode),
                    (f"backstep: cannot write to standard output: {words}\n", 1))

    def test_a_slow_reader_and_an_interruption(self):
        path = self.long_trace()
        for arguments in [["-e", "trace"], ["-k", "-e", "v\n" * 20000], ["-e", "export -.json"]]:
            output, into = os.pipe()
            child = subprocess.Popen(
                [PROGRAM, path, *arguments], env=environment(self.home, **directories(self.home)), stdout=into,
                stderr=into, stdin=subprocess.DEVNULL)
            self.addCleanup(child.kill)
            os.close(into)
            # Nobody reads: it waits once the pipe is full.
            wait_until(lambda: unread(output) > 30_000, "a full pipe")
            wait_until(lambda: is_asleep(child.pid), "the program to wait")
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(PATIENCE), 130, arguments)
            os.close(output)

    def test_standard_input_with_i(self):
        for shell in ['echo v | "$@" -i', '"$@" -i < /']:
            result = self.run_program(shell=shell)
            self.assertEqual(result.returncode, 1, shell)
            self.assertIn("error", result.stderr.replace("directory", "error"))

    def test_closed_input_and_errors(self):
        result = self.run_program(shell='"$@" <&-')
        self.assertIn("it is closed", result.stderr)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.run_program("-e", "v", shell='"$@" 2>&-').returncode, 1)

    def test_terminal_for_one_side_only(self):
        """A script at a terminal's side is a script: no prompt, no editing."""
        with Home() as home:
            child = pexpect.spawn(
                "/bin/sh", ["-c", f'echo "1 + 1" | "{PROGRAM}"; "{PROGRAM}" -e "2 + 2" | cat'],
                env=environment(home), encoding="utf-8", timeout=PATIENCE)
            child.expect(pexpect.EOF)
            self.assertEqual(child.before, "2\r\n4\r\n")
            child.close()


if __name__ == "__main__":
    unittest.main()
