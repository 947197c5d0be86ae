"""What someone at a terminal meets: editing, pastes, completion, signals, history.

Build first (`swift build --product EditorProbe`), then run
`python3 -m unittest discover -s Tests/Terminal`. Needs pexpect and tmux.
"""

import os
import signal
import stat
import subprocess
import sys
import termios
import time
import unittest

from harness import HISTORY, PROBE, PROMPT, Home, Screen, Session, environment, spelled, unread

LEFT, RIGHT, UP, DELETE, HOME_KEY = "\033[D", "\033[C", "\033[A", "\033[3~", "\033[H"


def paste(text):
    return f"\033[200~{text}\033[201~"


def is_cooked(session):
    flags = termios.tcgetattr(session.child.child_fd)[3]
    return bool(flags & termios.ICANON)


def wait_until(condition, seconds=10):
    """Waits until something holds, which on a busy machine may take its time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it never came to hold")
        time.sleep(0.01)


class WithHome(unittest.TestCase):
    def setUp(self):
        home = Home()
        self.home = home.__enter__()
        self.addCleanup(home.__exit__)

    def history(self):
        with open(os.path.join(self.home, HISTORY), encoding="utf-8") as file:
            return file.read().splitlines()


class Editing(WithHome):
    def test_text_comes_back_byte_for_byte(self):
        with Session(self.home) as session:
            for text in ["a = 1", "σ(z) = ŷ", "y\u0302", "漢字", "é ñ ü", "👩\u200d🔬", "100%", "Ŝ Ý \u00a0x"]:
                self.assertEqual(session.enter(text), spelled(text))
            self.assertEqual(session.end(), 0)

    def test_editing_in_the_middle(self):
        with Session(self.home) as session:
            self.assertEqual(session.enter("漢字" + LEFT * 2 + "σ"), spelled("σ漢字"))
            self.assertEqual(session.enter("abc" + HOME_KEY + DELETE + "x"), "xbc")
            self.assertEqual(session.enter("one two\027three"), "one three")

    def test_broken_bytes_do_no_harm(self):
        with Session(self.home) as session:
            for bytes_ in [b"a\xff\xfeb\r", b"\xc3\r", b"\xed\xa0\x80\r", b"\x9ex\r", b"\xc2\x9ez\r"]:
                os.write(session.child.child_fd, bytes_)
                session.said()
                session.ready()
            self.assertEqual(session.enter("fine"), "fine")

    def test_long_lines(self):
        with Session(self.home) as session:
            for length in [1023, 1025, 20000]:
                self.assertEqual(session.enter("x" * length), "x" * length)

    def test_recall_and_search(self):
        with Session(self.home) as session:
            session.enter("first = 1")
            session.enter("second = 2")
            self.assertEqual(session.enter(UP + UP), "first = 1")
            session.send("\022sec")
            time.sleep(0.2)
            self.assertEqual(session.enter(""), "second = 2")

    def test_quoted_controls_are_kept(self):
        with Session(self.home) as session:
            self.assertEqual(session.enter("a\026\033b"), "a%1bb")

    def test_ascii_locale(self):
        for locale in ["C", "POSIX", "no_SUCH", "de_DE.ISO-8859-1"]:
            with Session(self.home, LANG=locale, LC_ALL=locale) as session:
                self.assertEqual(session.enter("ŷ = σ(1)"), spelled("ŷ = σ(1)"))
                session.send("σ prompt\r")
                session.ready("> ")
                session.send("x\r")
                self.assertEqual(session.said(), "x")

    def test_odd_terminals(self):
        for name in ["dumb", "no-such-terminal", "vt100", None, ""]:
            with Session(self.home, TERM=name) as session:
                self.assertEqual(session.enter("abσ" + LEFT + "c"), spelled("abcσ"))
                session.send("sig")
                session.send("\t")
                session.see("logistic function")

    def test_without_libedit(self):
        with Session(self.home, "--plain") as session:
            self.assertEqual(session.enter("ŷ = 1"), spelled("ŷ = 1"))
            session.send("abc")
            session.send("\x03")
            session.see("[interrupted]")
            session.ready()
            self.assertEqual(session.enter("d"), "d")
            self.assertEqual(session.end(), 0)


class OnScreen(WithHome):
    def test_cursor_stands_where_it_should(self):
        with Screen(self.home) as screen:
            screen.wait_for("backstep>")
            for typed, column in [("a", 11), ("σ", 12), ("ŷ", 13), ("漢字", 17), ("z", 18)]:
                screen.type(typed)
                screen.wait(lambda s, column=column: s.cursor() == (column, 0))
            screen.keys("Left", "Left")
            screen.wait(lambda s: s.cursor() == (15, 0))
            screen.type("字")
            screen.wait(lambda s: s.cursor() == (17, 0))
            screen.wait_for("backstep> aσŷ漢字字z")

    def test_wrapped_lines(self):
        with Screen(self.home, columns=20) as screen:
            screen.wait_for("backstep>")
            screen.type("0123456789" * 3)
            screen.wait(lambda s: s.cursor() == (0, 2))
            screen.keys("Home")
            screen.wait(lambda s: s.cursor() == (10, 0))
            screen.type("漢")
            screen.wait(lambda s: s.cursor() == (12, 0))

    def test_colour_stays_in_the_prompt(self):
        with Screen(self.home) as screen:
            screen.wait_for("backstep>")
            screen.type("abc")
            screen.wait_for("abc")
            line = screen.colored().splitlines()[0]
            self.assertRegex(line, "^\033\\[1m\033\\[32mbackstep>\033\\[0m(\033\\[[34]9m)* abc$")
            self.assertEqual(screen.cursor(), (13, 0))

    def test_the_list_leaves_a_wrapped_line_whole(self):
        with Screen(self.home, columns=30, rows=20) as screen:
            screen.wait_for("backstep>")
            screen.type("1234567890 1234567890 1234 sig tail")
            screen.wait_for("tail")
            screen.keys(*["Left"] * 5)
            screen.keys("Tab")
            screen.wait_for("sign     -1, 0 or 1")
            screen.wait_for("logistic function")
            before = screen.text().count("tail")
            self.assertEqual(before, 2)
            screen.type("m")
            screen.keys("Tab")
            screen.wait_for("sigmoid( tail")
            screen.keys("Enter")
            screen.wait_for("<40: 1234567890 1234567890 1")

    def test_many_candidates(self):
        with Screen(self.home, columns=60, rows=30) as screen:
            screen.wait_for("backstep>")
            screen.type("many")
            screen.keys("Tab")
            screen.wait_for("… and 30 more")

    def test_resize(self):
        with Screen(self.home, columns=40) as screen:
            screen.wait_for("backstep>")
            screen.type("0123456789012345678901234")
            screen.wait(lambda s: s.cursor() == (35, 0))
            screen.run("resize-window", "-x", "60", "-y", "12")
            time.sleep(0.2)
            screen.type("abcdefghij")
            screen.wait(lambda s: s.cursor() == (45, 0))
            screen.keys("Home")
            screen.wait(lambda s: s.cursor() == (10, 0))
            screen.keys("Enter")
            screen.wait_for("<35: 0123456789012345678901234abcdefghij>")

    def test_interrupt_in_a_wrapped_line_goes_below_it(self):
        with Screen(self.home, columns=20) as screen:
            screen.wait_for("backstep>")
            screen.type("0123456789" * 3)
            screen.keys("Home", "C-c")
            screen.wait_for("[interrupted]")
            self.assertEqual(
                [line for line in screen.text().splitlines() if line][:4],
                ["backstep> 0123456789", "01234567890123456789", "^C", "[interrupted]"])

    def test_stop_and_continue(self):
        with Screen(self.home, "bash", "--norc", "-i", columns=60, PS1="shell$ ") as screen:
            screen.type(PROBE)
            screen.keys("Enter")
            screen.wait_for("backstep>")
            screen.type("half")
            screen.keys("C-z")
            screen.wait_for("Stopped")
            screen.type("stty -a | grep -ow -e -*icanon")
            screen.keys("Enter")
            screen.wait_for("\nicanon")
            screen.type("fg")
            screen.keys("Enter")
            screen.wait(lambda s: s.text().rstrip().endswith("backstep> half"))
            self.assertEqual(screen.cursor()[0], 14)
            screen.type("way")
            screen.keys("Enter")
            screen.wait_for("<7: halfway>")

    def test_stop_by_force_and_continue(self):
        with Screen(self.home, "bash", "--norc", "-i", columns=60, PS1="shell$ ") as screen:
            screen.type(PROBE)
            screen.keys("Enter")
            screen.wait_for("backstep>")
            screen.type("half")
            screen.wait_for("half")
            shell = screen.run("display", "-p", "#{pane_pid}").strip()
            child = subprocess.check_output(["pgrep", "-P", shell], text=True).split()[0]
            os.kill(int(child), signal.SIGSTOP)
            screen.wait_for("Stopped")
            screen.type("fg")
            screen.keys("Enter")
            screen.wait(lambda s: s.text().rstrip().endswith("backstep> half"))
            screen.type("way")
            screen.keys("Enter")
            screen.wait_for("<7: halfway>")


class Pastes(WithHome):
    def test_one_line_waits_for_enter(self):
        with Session(self.home) as session:
            session.send("ab" + LEFT + paste("x\ty"))
            self.assertEqual(session.enter(""), "ax yb")

    def test_several_lines(self):
        with Session(self.home) as session:
            session.send("[" + "]" + LEFT + paste("1\r\t2\r\r3"))
            self.assertEqual([session.said() for _ in range(3)], ["[1", " 2", ""])
            session.ready()
            session.see("3]")
            self.assertEqual(session.enter("x"), "3x]")

    def test_prompts_that_were_copied_along(self):
        with Session(self.home) as session:
            session.send(paste("backstep> f(1,\r     ...> 2)\rbackstep> y\r"))
            self.assertEqual([session.said() for _ in range(3)], ["f(1,", "2)", "y"])

    def test_controls_press_no_keys(self):
        with Session(self.home) as session:
            session.send(paste("a\x04\x12\x1b[A\x9e\u009eb"))
            self.assertEqual(session.enter(""), "a[Ab")

    def test_marks_that_come_in_pieces(self):
        with Session(self.home) as session:
            session.send("\033[20")
            time.sleep(0.01)
            session.send("0~a\tb\033[20")
            time.sleep(0.1)
            session.send("1~")
            self.assertEqual(session.enter(""), "a b")

    def test_many_plain_lines(self):
        with Session(self.home) as session:
            # A TAB that is the very first byte cannot be told from one that was typed.
            lines = ["x = 0\ty"] + [f"\tx{n} = {n}\ty" for n in range(1, 200)]
            session.send("\r".join(lines) + "\r")
            answers = [session.said() for _ in lines]
            self.assertEqual(answers, [line.replace("\t", " ") for line in lines])

    def test_very_many_marked_lines(self):
        with Session(self.home) as session:
            lines = [f"\tline {n} = σ" for n in range(20000)]
            text = (paste("\r".join(lines)) + "\r").encode()
            start = time.monotonic()
            pid = os.fork()
            if pid == 0:
                while text:
                    text = text[os.write(session.child.child_fd, text):]
                os._exit(0)
            for n in range(20000):
                self.assertEqual(session.said(), f" line {n} = %cf%83")
            os.waitpid(pid, 0)
            self.assertLess(time.monotonic() - start, 60)

    def test_stopped_in_the_middle(self):
        with Session(self.home) as session:
            session.send("\033[200~ab")
            wait_until(lambda: not is_cooked(session))
            session.child.kill(signal.SIGTSTP)
            # No shell looks after it, so it goes on at once.
            session.see("\033[?2004l")
            wait_until(lambda: not is_cooked(session))
            session.send("c\033[201~d")
            self.assertEqual(session.enter(""), "abcd")

    def test_interrupt_drops_the_rest(self):
        with Session(self.home) as session:
            session.send(paste("sleep\rnot run\rnot edited"))
            session.see("[busy]")
            session.send("\x03")
            session.see("[stopped]")
            self.assertEqual(session.said(), "not run")
            session.see("not edited")
            session.send("\x03")
            session.see("[interrupted]")
            session.ready()
            self.assertEqual(session.enter("fresh"), "fresh")


class Completing(WithHome):
    def complete(self, session, text):
        session.send(text)
        session.send("\t")
        time.sleep(0.1)

    def test_unique(self):
        with Session(self.home) as session:
            self.complete(session, "2*back")
            self.assertEqual(session.enter("L"), "2*backward L")

    def test_common_part_then_list(self):
        with Session(self.home) as session:
            self.complete(session, "si")
            self.complete(session, "")
            session.see("sigmoid  logistic function")
            session.see("sign     -1, 0 or 1")
            session.ready("backstep> sig")
            self.complete(session, "n")
            self.assertEqual(session.enter("x)"), "sign(x)")

    def test_symbols(self):
        with Session(self.home) as session:
            self.complete(session, "\\sig")
            self.complete(session, " y\\hat")
            self.complete(session, " w\\_1")
            self.assertEqual(session.enter(""), spelled("σ ŷ w₁"))

    def test_after_wide_characters(self):
        with Session(self.home) as session:
            # A TAB that comes with so many bytes at once would count as pasted.
            session.send("漢字+σ sq")
            time.sleep(0.1)
            self.complete(session, "")
            self.assertEqual(session.enter("x"), spelled("漢字+σ sqrt(x"))

    def test_nothing_to_offer(self):
        with Session(self.home) as session:
            self.complete(session, "zzz")
            self.assertEqual(session.enter(""), "zzz")


class Endings(WithHome):
    def test_interrupt_drops_the_line(self):
        with Session(self.home) as session:
            session.send("abc" + LEFT)
            session.send("\x03")
            session.see("^C")
            session.see("[interrupted]")
            session.ready()
            self.assertEqual(session.enter("d"), "d")

    def test_interrupt_everywhere(self):
        with Session(self.home) as session:
            session.enter("something")
            for keys in ["\022som", "\033", "\026", "x" * 300, "\t", "\0330", ""]:
                session.send(keys)
                time.sleep(0.05)
                os.kill(session.child.pid, signal.SIGINT)
                session.see("[interrupted]")
                session.ready()
            self.assertEqual(session.enter("d"), "d")

    def test_interrupt_of_a_computation(self):
        with Session(self.home) as session:
            for _ in range(20):
                session.send("sleep\r")
                session.see("[busy]")
                session.send("\x03")
                session.see("[stopped]")
                session.ready()
            self.assertEqual(session.enter("d"), "d")

    def test_end_of_input(self):
        with Session(self.home) as session:
            session.send("abc\x04")
            self.assertEqual(session.enter(""), "abc")
            self.assertEqual(session.end(), 0)

    def test_signals_give_the_terminal_back(self):
        for name in [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]:
            with Session(self.home) as session:
                session.send("abc")
                session.see("abc")
                wait_until(lambda: not is_cooked(session))
                session.child.kill(name)
                session.see("\033[?2004l")
                session.child.wait()
                self.assertEqual(session.child.signalstatus, name)
                self.assertTrue(is_cooked(session))

    def test_signals_end_it_while_the_terminal_is_stopped(self):
        for name in [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]:
            with Session(self.home) as session:
                session.send("abc")
                session.see("abc")
                termios.tcflow(session.child.fileno(), termios.TCOOFF)
                session.child.kill(name)
                session.child.wait()
                self.assertEqual(session.child.signalstatus, name)

    def test_a_signal_reaches_nobody_else(self):
        script = f"sleep 60 & echo sibling $!; {PROBE}; echo status $?; kill -0 $! && echo alive"
        with Session(self.home, "-c", script, command="/bin/sh") as session:
            session.send("abc")
            session.see("abc")
            probe = subprocess.check_output(
                ["pgrep", "-P", str(session.child.pid), "EditorProbe"], text=True)
            os.kill(int(probe), signal.SIGTERM)
            session.see("status 143")
            session.see("alive")

    def test_what_is_typed_ahead_is_left_to_the_shell(self):
        with Session(self.home, "-c", f"{PROBE}; read line; echo got $line", command="/bin/sh") as s:
            s.send("quit\rfor the shell\r")
            s.see("got for the shell")

    def test_the_terminal_goes_away(self):
        session = Session(self.home)
        session.send("half")
        os.close(session.child.child_fd)
        for _ in range(200):
            if os.waitpid(session.child.pid, os.WNOHANG)[0]:
                break
            time.sleep(0.05)
        else:
            self.fail("still running without a terminal")
        session.child.child_fd = -1
        session.child.closed = True


class Editrc(WithHome):
    def write(self, text):
        with open(os.path.join(self.home, ".editrc"), "w", encoding="utf-8") as file:
            file.write(text)

    def test_vi_mode(self):
        self.write("bind -v\n")
        with Session(self.home) as session:
            session.send("abc")
            session.send("\033")
            time.sleep(0.1)
            self.assertEqual(session.enter("0xA!"), "bc!")
            session.send("back")
            session.send("\t")
            session.ready("ward ")
            session.send(paste("a\tb"))
            self.assertEqual(session.enter(""), "backward a b")
            session.send(paste("1\r2"))
            self.assertEqual(session.said(), "1")
            session.ready()
            self.assertEqual(session.enter("3"), "23")
            session.send("x\033")
            time.sleep(0.1)
            session.send("\x03")
            session.see("[interrupted]")

    def test_bindings_of_the_user_win(self):
        self.write("nonsense here\nbind -e\nother:bind ^T ed-newline\nbackstep:bind ^G ed-move-to-beg\n"
                   "# comment\nbind ^I ed-delete-prev-char\n")
        with Session(self.home) as session:
            self.assertEqual(session.enter("abc\007x"), "xabc")
            self.assertEqual(session.enter("abc\t"), "ab")

    def test_resetting_keeps_completion(self):
        self.write("bind -e\nbind ^X rl_complete\n")
        with Session(self.home) as session:
            for key in "\t\030":
                session.send("back")
                session.send(key)
                session.ready("ward ")
                session.send("\r")
                session.said()
                session.ready()

    def test_not_read_when_told_so(self):
        self.write("bind ^I ed-delete-prev-char\n")
        with Session(self.home, "--no-init") as session:
            session.send("back")
            session.send("\t")
            session.ready("ward ")

    def test_odd_files(self):
        self.write("bind\nbind -z x\n\"unbalanced\nbind -v extra words\n" + "x" * 5000)
        with Session(self.home) as session:
            session.send("a\r")
            self.assertEqual(session.said(), "a")


class History(WithHome):
    def test_across_sessions(self):
        with Session(self.home) as session:
            session.enter("ŷ = σ(1)")
            session.end()
        with Session(self.home) as session:
            self.assertEqual(session.enter(UP), spelled("ŷ = σ(1)"))
        self.assertEqual(self.history(), ["ŷ = σ(1)"])
        path = os.path.join(self.home, HISTORY)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)

    def test_kill_loses_nothing(self):
        with Session(self.home) as session:
            session.enter("kept")
            session.child.kill(signal.SIGKILL)
        self.assertEqual(self.history(), ["kept"])

    def test_two_at_once(self):
        with Session(self.home) as one, Session(self.home) as two:
            for n in range(20):
                one.enter(f"one {n}")
                two.enter(f"two {n}")
        self.assertEqual(len(self.history()), 40)

    def test_shortening_beside_a_running_session(self):
        path = os.path.join(self.home, HISTORY)
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"old {n}\n" for n in range(95))
        with Session(self.home) as session:
            for n in range(10):
                session.enter(f"new {n}")
            with Session(self.home):  # more than twice the probe's 50: it shortens
                session.enter("afterwards")
        self.assertEqual(self.history()[-2:], ["new 9", "afterwards"])
        self.assertEqual(len(self.history()), 51)

    def test_many_lines_in_one_entry(self):
        path = os.path.join(self.home, HISTORY)
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write("f(1,\\n  2)\n")
        with Session(self.home) as session:
            self.assertEqual(session.enter(UP), "f(1,%0a  2)")

    def test_unusable_places(self):
        def directory(path):
            os.makedirs(path)

        def file_above(path):
            os.makedirs(os.path.dirname(os.path.dirname(path)))
            open(os.path.dirname(path), "w", encoding="utf-8").close()

        def garbage(path):
            os.makedirs(os.path.dirname(path))
            with open(path, "wb") as file:
                file.write(bytes(range(256)) * 40)

        for prepare in [directory, file_above, garbage]:
            with Home() as home:
                prepare(os.path.join(home, HISTORY))
                with Session(home) as session:
                    warnings = session.child.before.count("warning: ")
                    self.assertEqual(warnings, 1, session.child.before)
                    self.assertEqual(session.enter("x"), "x")
        with Session(self.home, HOME=None) as session:
            self.assertIn("warning: the history is not kept", session.child.before)
            self.assertEqual(session.enter("x"), "x")
        # Nobody, not even root, writes here.
        with Session(self.home, HOME="/proc") as session:
            self.assertIn("warning: the history is not kept", session.child.before)
            self.assertEqual(session.enter("x"), "x")


class Streams(WithHome):
    def run_probe(self, *arguments, shell=None, **options):
        command = ["sh", "-c", shell, "sh", PROBE, *arguments] if shell else [PROBE, *arguments]
        return subprocess.run(
            command, env=environment(self.home), capture_output=True, timeout=20, check=False,
            **options)

    def test_no_terminal_no_editor(self):
        self.assertEqual(self.run_probe(input=b"x\n").stderr, b"not a terminal\n")

    def test_copies_bytes(self):
        data = bytes(range(256)) * 5000
        result = self.run_probe("--cat", "-", input=data)
        self.assertEqual((result.stdout, result.returncode), (data, 0))

    def test_messages(self):
        for path, words in [("/no/such", b"No such file"), ("/", b"it is a directory"),
                            ("a\nb\033", rb"'a\u{a}b\u{1b}'")]:
            result = self.run_probe("--cat", path)
            self.assertIn(words, result.stderr)
            self.assertEqual(result.returncode, 1)

    def test_closed_and_broken_streams(self):
        for redirection, words in [
            (">&-", b"probe: cannot write to standard output: it is closed\n"),
            ("> /dev/full", b"probe: cannot write to standard output: No space left on device\n"),
        ]:
            result = self.run_probe("--cat", "-", shell=f'"$@" {redirection}', input=b"x\n")
            self.assertEqual((result.stderr, result.returncode), (words, 1))
        result = self.run_probe("--cat", "-", shell='"$@" <&-')
        self.assertEqual(result.stderr, b"probe: cannot read standard input: it is closed\n")

    def test_a_reader_that_goes_away(self):
        result = self.run_probe(
            "--cat", "/dev/zero", shell='("$@"; echo $? >&2) | head -c 10')
        self.assertEqual((len(result.stdout), result.stderr), (10, b"0\n"))

    def test_non_blocking_output(self):
        read, write = os.pipe()
        os.set_blocking(write, False)
        child = subprocess.Popen([PROBE, "--cat", "-"], stdin=subprocess.PIPE, stdout=write)
        os.close(write)
        data = bytes(1 << 20)
        pid = os.fork()
        if pid == 0:
            os.close(read)
            child.stdin.write(data)
            os._exit(0)
        child.stdin.close()
        time.sleep(0.3)
        with os.fdopen(read, "rb") as pipe:
            self.assertEqual(len(pipe.read()), len(data))
        os.waitpid(pid, 0)
        self.assertEqual(child.wait(), 0)

    def test_interrupted_while_waiting(self):
        for _ in range(20):
            child = subprocess.Popen(
                [PROBE, "--cat", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            child.stdin.write(b"before\n")
            child.stdin.flush()
            # It has read the line when the pipe is empty.
            wait_until(lambda: unread(child.stdin) == 0)
            time.sleep(0.05)
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(timeout=10), 130)
            self.assertEqual(child.stdout.read(), b"before\n")
            child.stdin.close()
            child.stdout.close()


if __name__ == "__main__":
    unittest.main()
