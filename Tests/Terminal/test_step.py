"""The stepper in a real terminal: what is on the screen, and that the terminal comes back.

Build first, then run `python3 Tests/Terminal/test_step.py`. Needs pexpect and tmux.
"""

import os
import pty
import re
import signal
import subprocess
import tempfile
import termios
import time
import unittest

import pexpect
from harness import PROGRAM, PROMPT, Home, Screen, environment

NEURON = ("w = 0.5; b = -1; const x = 2; const y = 1\n"
          "a = sigmoid(w*x + b); L = bce(a, y)\n")
ENTER, LEAVE = "\033[?1049h", "\033[?1049l"
PATIENCE = 30


def local_modes(descriptor):
    """The terminal's settings but for what the line discipline changes by itself."""
    modes = termios.tcgetattr(descriptor)
    return modes[:6] + [[byte for byte in modes[6]]]


def modes_of_a_new_terminal():
    """The settings before the program has changed them; it may be quicker than a look at its own."""
    descriptors = pty.openpty()
    try:
        return local_modes(descriptors[0])
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


class Stepping:
    """The program stepping in a pseudo-terminal, below nothing."""

    def __init__(self, home, statements="step L", *options, rows=24, columns=80, **env):
        self.before = modes_of_a_new_terminal()
        script = os.path.join(home, "script.grad")
        with open(script, "w", encoding="utf-8") as file:
            file.write(NEURON + statements + "\n")
        self.child = pexpect.spawn(
            PROGRAM, ["--no-init", script, *options], env=environment(home, **env), echo=True,
            timeout=PATIENCE, codec_errors="replace", encoding="utf-8",
            dimensions=(rows, columns))
        self.child.delaybeforesend = None

    def see(self, text):
        self.child.expect_exact(text)

    def press(self, keys):
        self.child.send(keys)

    def begin(self):
        self.see(ENTER)
        self.see("before the first step")
        self.see("q leave")
        return self

    def wait_for(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never came: {what}")
            try:
                self.child.read_nonblocking(4096, 0.02)
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                time.sleep(0.01)

    def is_restored(self):
        return local_modes(self.child.child_fd) == self.before

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)


class TestTerminalComesBack(unittest.TestCase):
    def test_leaving_by_key(self):
        for key in ["q", "w?qq", "/w\rq", "12Gq"]:
            with self.subTest(key), Home() as home, Stepping(home) as step:
                step.begin().press(key)
                step.see(LEAVE)
                step.child.expect(pexpect.EOF)
                step.child.close()
                self.assertEqual(step.child.exitstatus, 0)

    def test_settings_while_stepping_and_after(self):
        with Home() as home, Stepping(home, "step L", "-i") as step:
            step.begin()
            modes = local_modes(step.child.child_fd)
            self.assertFalse(modes[3] & (termios.ICANON | termios.ECHO))
            step.press("q")
            step.see(LEAVE)
            step.see(PROMPT)
            step.press("step L\r")
            step.see(ENTER)
            step.see("q leave")
            step.press("q")
            step.see(LEAVE)
            step.see(PROMPT)
            step.press("quit\r")
            step.child.expect(pexpect.EOF)

    def end_by(self, number, keys):
        with Home() as home, Stepping(home) as step:
            step.begin().press(keys)
            step.see("goes into" if keys.endswith("w") else "step 1 of 8")
            os.kill(step.child.pid, number)
            step.see(LEAVE)
            step.wait_for(step.is_restored, "the terminal's settings")
            step.child.expect(pexpect.EOF)
            step.child.close()
            self.assertEqual(step.child.signalstatus, number)

    def test_signals_that_end(self):
        for number in [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV]:
            for keys in ["\r", "\rbbw"]:
                with self.subTest(number=number, keys=keys):
                    self.end_by(number, keys)

    def test_interrupt_leaves_the_stepper(self):
        with Home() as home, Stepping(home, "step L", "-i") as step:
            step.begin().press("\r\r")
            step.see("step 2 of 8")
            step.press("\x03")
            step.see(LEAVE)
        with Home() as home, Stepping(home) as step:
            step.begin()
            os.kill(step.child.pid, signal.SIGINT)
            step.see(LEAVE)
            step.wait_for(step.is_restored, "the terminal's settings")
            step.child.expect(pexpect.EOF)
            step.child.close()
            self.assertEqual(step.child.exitstatus, 130)

    def test_interrupt_at_the_prompt_goes_back_to_it(self):
        with Home() as home, Screen(
                home, PROGRAM, "--no-init", columns=80, rows=24) as screen:
            screen.wait_for("backstep>")
            screen.type(NEURON.replace("\n", ";") + "step L")
            screen.keys("Enter")
            screen.wait_for("q leave")
            screen.keys("C-c")
            screen.wait_for("interrupted")
            screen.type("1 + 1")
            screen.keys("Enter")
            screen.wait_for("\n2\n")

    def test_stop_and_go_on(self):
        with Home() as home:
            script = os.path.join(home, "script.grad")
            with open(script, "w", encoding="utf-8") as file:
                file.write(NEURON + "step L\n")
            with Screen(home, "sh", "-i", columns=80, rows=24) as screen:
                screen.type(f"PS1='READY '; clear; stty -a > {home}/before")
                screen.keys("Enter")
                screen.wait_for("READY")
                screen.type(f"{PROGRAM} --no-init {script}")
                screen.keys("Enter")
                screen.wait_for("before the first step")
                screen.keys("Enter", "Enter")
                screen.wait_for("step 2 of 8")
                for _ in range(3):
                    screen.keys("C-z")
                    screen.wait(lambda s: "READY" in s.text() and "step 2 of 8" not in s.text())
                    screen.type(f"stty -a > {home}/stopped; echo $((40 + 2))")
                    screen.keys("Enter")
                    screen.wait_for("42")
                    self.assertEqual(self.read(home, "stopped"), self.read(home, "before"))
                    screen.type("clear; fg")
                    screen.keys("Enter")
                    screen.wait_for("step 2 of 8")
                    screen.wait_for("q leave")
                screen.keys("Enter")
                screen.wait_for("step 3 of 8")
                screen.keys("q")
                screen.wait(lambda s: "step 3 of 8" not in s.text())
                screen.type(f"stty -a > {home}/after; echo $((40 + 3))")
                screen.keys("Enter")
                screen.wait_for("43")
                self.assertEqual(self.read(home, "after"), self.read(home, "before"))

    @staticmethod
    def read(home, name):
        with open(os.path.join(home, name), encoding="utf-8") as file:
            return file.read()

    def test_stopped_from_outside(self):
        """SIGSTOP cannot be caught: what the terminal lost meanwhile is set again."""
        with Home() as home, Stepping(home) as step:
            step.begin().press("\r")
            step.see("step 1 of 8")
            modes = local_modes(step.child.child_fd)
            os.kill(step.child.pid, signal.SIGSTOP)
            termios.tcsetattr(step.child.child_fd, termios.TCSANOW, step.before)
            os.kill(step.child.pid, signal.SIGCONT)
            step.see(ENTER)
            step.see("step 1 of 8")
            self.assertEqual(local_modes(step.child.child_fd), modes)
            step.press("\r")
            step.see("step 2")

    def test_terminal_that_goes_away(self):
        with Home() as home:
            pid, terminal = pty.fork()
            if pid == 0:
                os.execve(
                    PROGRAM, [PROGRAM, "--no-init", "-e", NEURON + "step L"], environment(home))
            seen = b""
            while b"q leave" not in seen:
                seen += os.read(terminal, 4096)
            os.close(terminal)
            end = time.monotonic() + PATIENCE
            while not os.waitpid(pid, os.WNOHANG)[0]:
                self.assertLess(time.monotonic(), end, "still there")
                time.sleep(0.01)


class TestScreen(unittest.TestCase):
    def show(self, home, columns=80, rows=24, statement="step L", options=(), **env):
        script = os.path.join(home, "script.grad")
        with open(script, "w", encoding="utf-8") as file:
            file.write(NEURON + statement + "\n")
        screen = Screen(
            home, PROGRAM, "--no-init", script, "-i", *options, columns=columns, rows=rows, **env)
        screen.wait_for(" backward")
        return screen

    def test_going_through(self):
        with Home() as home, self.show(home) as screen:
            screen.wait_for("before the first step")
            self.assertIn("∂ ?", screen.text())
            screen.keys("g")
            screen.wait_for("∂L/∂w = not yet")
            screen.keys("Enter")
            screen.wait_for("step 1 of 8, forward")
            screen.wait_for("v1 = w*x")
            screen.wait_for("= 0.5*2 = 1")
            screen.keys("Right", "Space", "End")
            screen.wait_for("The end: the gradient")
            self.assertIn("∂L/∂w = -1", screen.text())
            screen.keys("Left")
            screen.wait_for("step 8 of 8, backward")
            screen.keys("Home")
            screen.wait_for("before the first step")
            screen.keys("b")
            screen.wait_for("step 5 of 8, backward")
            screen.type("7G")
            screen.wait_for("from v2 to v1, operand 1 of 2")
            screen.type("/w")
            screen.keys("Enter")
            screen.wait_for("from v1 to w")
            screen.wait_for("= -0.5 × 2 = -1")
            screen.type("/nobody")
            screen.keys("Enter")
            screen.wait_for("no node is called 'nobody'")
            screen.keys("w")
            screen.wait_for("w goes into v1 = w*x")
            screen.wait_for("1 ∂L/∂v1 = -0.5")
            screen.keys("1")
            screen.wait_for("why ∂L/∂w › ∂L/∂v1")
            screen.keys("1", "1")
            screen.wait_for("why ∂L/∂w › ∂L/∂v1 › ∂L/∂v2 › ∂L/∂a")
            screen.keys("9")
            screen.wait_for("ask on")
            screen.keys("Left", "BSpace", "Escape")
            screen.wait(lambda s: "›" not in s.text())
            screen.wait_for("w goes into v1 = w*x")
            screen.keys("?")
            screen.wait_for("to the next fan-out")
            screen.keys("Escape")
            screen.wait(lambda s: "to the next fan-out" not in s.text())
            screen.keys("q")
            screen.wait_for("backstep>")

    def test_back_is_the_same_screen(self):
        with Home() as home, self.show(home) as screen:
            seen = [screen.text()]
            for number in range(1, 5):
                screen.keys("Enter")
                screen.wait_for(f"step {number} of 8")
                seen.append(screen.text())
            for number in range(3, 0, -1):
                screen.keys("Left")
                screen.wait_for(f"step {number} of 8")
                self.assertEqual(screen.text(), seen[number])

    def test_resizing(self):
        with Home() as home, self.show(home) as screen:
            screen.keys("Enter")
            screen.wait_for("step 1 of 8")
            for columns, rows in [(140, 40), (40, 12), (30, 5), (80, 24)]:
                screen.run("resize-window", "-x", str(columns), "-y", str(rows))
                screen.wait(lambda s: self.fits(s, columns, rows))
            self.assertIn("step 1 of 8, forward", screen.text())

    @staticmethod
    def fits(screen, columns, rows):
        """Whether the picture ends in the last row of a screen of this size."""
        lines = screen.run("capture-pane", "-p").split("\n")[:-1]
        size = screen.run("display", "-p", "#{pane_width} #{pane_height}").split()
        return (size == [str(columns), str(rows)] and len(lines) == rows
                and "leave" in lines[-1] and lines[0].startswith("L = "))

    def test_stops(self):
        with Home() as home, self.show(home, statement="step L break abs(adjoint) > 1") as screen:
            screen.wait_for("stopped: abs(adjoint) > 1")
            screen.wait_for("from L to a")
            screen.keys("c")
            # Only ∂L/∂a = -2 and ∂L/∂w = -1 come near: 1 is not more than 1.
            screen.wait_for("no more stops")

    def test_the_end_lists_what_there_is_room_for(self):
        for count, rest in ((9, False), (90, True)):
            names = [f"w{i}" for i in range(1, count + 1)]
            script = "; ".join(f"{name} = {i}" for i, name in enumerate(names)) + "\n"
            script += f"S = {' + '.join(names)}"
            with Home() as home, self.show(home, statement=f"{script}\nstep S") as screen:
                screen.keys("End")
                screen.wait_for("The end: the gradient")
                text = screen.text().split("The end: the gradient")[1]
                told = [name for name in names if re.search(rf"∂S/∂{name} = 1\s", text)]
                self.assertEqual("grad lists them all" in text, rest)
                if rest:
                    self.assertIn(f"… and {count - len(told)} more", text)
                else:
                    self.assertEqual(told, names)

    def test_help_stays_a_page(self):
        with Home() as home, self.show(home) as screen:
            screen.keys("q")
            screen.type("help trace")
            screen.keys("Enter")
            screen.wait_for("See also")
            screen.type("help step")
            screen.keys("Enter")
            screen.wait_for("Stops")
            screen.wait_for("See also: trace, why")
            screen.type("w + 41.5")
            screen.keys("Enter")
            screen.wait_for("\n42\n")

    def test_ascii_and_colour(self):
        with Home() as home, self.show(home, options=("--ascii",)) as screen:
            screen.keys("Enter", "b")
            screen.wait_for("step 5 of 8")
            self.assertTrue(screen.text().isascii())
        with Home() as home, self.show(home, options=("--color", "always")) as screen:
            screen.keys("b")
            screen.wait_for("step 5 of 8")
            self.assertIn("\033[", screen.colored())

    def test_what_is_typed_ahead_is_left_for_the_prompt(self):
        with Home() as home, self.show(home) as screen:
            screen.type("q1 + 1")
            screen.keys("Enter")
            screen.wait_for("\n2\n")

    def test_no_terminal_prints_the_trace(self):
        with tempfile.TemporaryDirectory() as home:
            text = subprocess.run(
                [PROGRAM, "--no-init", "-e", NEURON + "step L"], env=environment(home),
                capture_output=True, text=True, check=True).stdout
            self.assertIn("Backward\n", text)
            self.assertNotIn("\033", text)

    def test_dumb_terminal_prints_the_trace(self):
        with Home() as home:
            child = pexpect.spawn(
                PROGRAM, ["--no-init", "-e", NEURON + "step L"],
                env=environment(home, TERM="dumb"), encoding="utf-8", timeout=PATIENCE)
            child.expect(pexpect.EOF)
            self.assertIn("Backward", child.before)
            self.assertNotIn("\033", child.before)


if __name__ == "__main__":
    unittest.main()
