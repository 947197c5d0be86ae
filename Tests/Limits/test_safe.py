"""No way in: what a script, a lesson or a name may do to whoever runs it, which is to say nothing."""

import json
import os
import signal
import re
import shutil
import subprocess
import unittest

from common import COMMANDS, PROGRAM, Limits, environment
from harness import Screen

# Cursor, title, colour, clipboard, answers of the terminal, C1 controls, DEL, backspace, bell, bidi, separators.
CHARACTERS = [chr(n) for n in [*range(1, 9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0)]] + [
    "\u061c", "\u200e", "\u200f", "\u2028", "\u2029", *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)), "\ufeff", "\u00ad", "\u2060", "\U000e0041", "\ufff9"]
SEQUENCES = ["\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1bP+q544e\x1b\\", "\x9b2J",
             "\x1b[6n", "\x1b]8;;http://example.org\x1b\\", "\u202eevil\u202c", "a\bb", "\x1b[?1049h"]
HOSTILE = "".join(SEQUENCES) + "".join(CHARACTERS)

# What may not reach a terminal. A line feed ends lines, and is in nobody's text.
HARM = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u00ad\u2060\ufff9\U000e0041]")


class Characters(Limits):
    def check_harmless(self, result):
        for text in [result.output, result.errors]:
            found = HARM.search(text)
            self.assertIsNone(found, found and text[max(0, found.start() - 100):found.end() + 20])

    def test_in_statements(self):
        """A message shows the line that it is about."""
        for options in [[], ["--ascii"], ["--json"], ["--width", "40"]]:
            script = "".join(
                f"{line}\n" for text in SEQUENCES + CHARACTERS for line in [
                    f"w = {text}", f"w{text} = 3", text, f"trace {text}", f"show w{text}", f"set {text} 1",
                    f"set digits {text}", f"# {text}", f"v # {text}", f"help {text}", f"lesson {text}",
                    "x = 1; L = x^2", f"why {text}", f"delete {text}", f"mistake {text}", f"quiz seed {text}"])
            result = self.run_program("-k", *options, "-", text=script)
            self.assertEqual(result.status, 1)
            self.assertGreater(result.errors.count("error: "), len(CHARACTERS) * 5)
            self.check_harmless(result)

    def test_in_file_names(self):
        name = HOSTILE.replace("/", "").replace("\n", "")[:200]
        self.assertTrue(HARM.search(name))
        while len(name.encode()) > 240:
            name = name[:-1]
        quoted = "'" + name + "'"
        self.file(name, "w = )\n")
        for script in [f"load {quoted}", f"lesson {quoted}", "load 'no" + name[:100] + "'",
                       f"w = 1; save 'no/{name}'", f"w = 1; L = w^2; export '{name[:100]}.exe' L",
                       f"w = 1; L = w^2; export 'no/{name}.md' L", f"w = 1; L = w^2; export '{name[:100]}.md' L",
                       f"w = 1; L = w^2; export L.md L as '{name[:100]}'"]:
            for options in [[], ["--json"], ["-i"]]:
                self.check_harmless(self.run_program(*options, "-k", "-", text=script + "\n"))
        for arguments in [[name], ["no such " + name[:200]], ["--" + name], ["-" + name], ["--digits", name],
                          ["--theme", name], ["--color=" + name]]:
            result = self.run_program(*arguments)
            self.assertIn(result.status, (1, 2))
            self.check_harmless(result)

    def test_in_answers(self):
        for text in SEQUENCES + [HOSTILE.replace("\n", "")]:
            for start in ["w = 2; L = w^2\nquiz L\n", "quiz seed 1\n", "lesson 1\n"]:
                for options in [[], ["--json"], ["--ascii"]]:
                    result = self.run_program("-k", *options, "-", text=f"{start}{text}\nhint\n{text}\nquit\n")
                    self.check_harmless(result)

    def test_in_lessons(self):
        for text in SEQUENCES + [HOSTILE.replace("\n", "")]:
            for prose in [f"# lesson: {text}\n# {text}\nw = 2\n", f"# {text}\nw = 2\n", f"{text}\n",
                          f"# lesson: a\n#? {text}\n#= w == {text}\n#! {text}\n", f"# lesson: a\n# task: {text}\n# hint: {text}\n"]:
                self.file("lesson.grad", prose)
                for options in [[], ["--json"]][:1 if text in SEQUENCES[1:] else 2]:
                    result = self.run_program(
                        "-k", *options, "-", text=f"lesson lesson.grad\nhint\n{text}\nskip\nquit\n")
                    self.check_harmless(result)

    def test_in_names(self):
        """Joiners are part of names in some scripts; nothing else that is unseen is."""
        for mark in ["\u200d", "\u200c", "\u0302", "\ufe0f"]:
            script = f"x = 1; y{mark} = x^2\ntrace y{mark}\ngraph y{mark}\nshow\n"
            self.check_harmless(self.run_program("-k", "-", text=script))

    def test_in_documents_on_standard_output(self):
        text = f"w = 2 # {HOSTILE}\nL = w^2\n".replace("\r", "")
        path = self.file("hostile.grad", text)
        for form in ["dot", "json", "md", "tex", "html", "py", "grad"]:
            result = self.run_program("-k", path, "-e", f"export -.{form} L")
            self.check_harmless(result)

    def test_on_the_screen_of_the_stepper(self):
        path = self.file("script.grad", "w = 2 # \x1b[2J\u202e\nL = w^2\n")
        with Screen(self.home, PROGRAM, "-i", path, columns=80, rows=24) as screen:
            screen.wait_for("backstep>")
            screen.type("step")
            screen.keys("Enter")
            screen.wait_for("Backward" if "Backward" in screen.text() else "w")
            self.assertIsNone(HARM.search(screen.text().replace("\n", "")))
            screen.keys("q")

    def test_typed_and_recalled(self):
        """What was typed with ^V, and what a history file holds, is shown escaped or not at all."""
        self.file("state/backstep/history", "1 + 1 \x1b]0;title\x07\x1b[2J\u202e\n")
        with Screen(self.home, PROGRAM, columns=80, rows=10, XDG_STATE_HOME=self.path("state")) as screen:
            screen.wait_for("backstep>")
            screen.keys("Up")
            screen.wait_for("1 + 1")
            self.assertIsNone(HARM.search(screen.text().replace("\n", "")))
            title = screen.run("display", "-p", "#{pane_title}")
            self.assertNotIn("title", title)
            screen.keys("Enter")
            screen.wait_for("error")


class Surroundings(Limits):
    """What scripts reach of the system."""

    # Everything but drawings, which run Graphviz; and files with names of all sorts.
    SCRIPT = "x0 = 0.5; w = 2\ny = sin(x0)*w\n" + "".join(
        command.replace("{}", "y") + ("" if " " in command else " y") + "\n"
        for command in COMMANDS if ".svg" not in command) + """\
A = randn(200, 200); sum(A @ A)
export one.html y
export one.md y
load '|id'
load http://example.org/x
load $(touch hacked)
save 'a;touch hacked'
save '|touch hacked'
save '`touch hacked`'
export '$(touch hacked).md' y
help
lesson 1
quit
"""

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_no_program_is_run_and_nothing_is_sent(self):
        path = self.file("script.grad", self.SCRIPT)
        before = set(os.listdir(self.home))
        log = self.path("log")
        subprocess.run(
            ["strace", "-f", "-o", log, "-e",
             "trace=execve,execveat,fork,vfork,clone,clone3,socket,connect,open,openat,creat,rename,renameat,"
             "renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,symlinkat,chmod,fchmodat,truncate",
             PROGRAM, "-k", path],
            cwd=self.home, env=environment(self.home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=120, check=False)
        with open(log, encoding="utf-8", errors="replace") as file:
            calls = file.read().splitlines()
        self.assertEqual(sum("execve(" in call for call in calls), 1)
        for call in calls:
            self.assertNotRegex(call, r"\b(socket|connect|fork|vfork|mkdir|link|symlink|truncate)\(", call)
            # Threads are no programs: OpenBLAS may start some.
            if re.search(r"\bclone3?\(", call):
                self.assertIn("CLONE_THREAD", call)
            if re.search(r"O_(WRONLY|RDWR|CREAT)", call):
                self.assertRegex(call, r'"(\./)?(\.backstep-\d+-\d+\.tmp|/dev/null)"', call)
        written = set(os.listdir(self.home)) - before - {"log"}
        self.assertEqual(written, {
            "saved.grad", "one.html", "one.md", "a;touch hacked", "|touch hacked", "`touch hacked`",
            "$(touch hacked).md"})

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_a_sandbox(self):
        """Nothing is opened but the libraries, what the command line names, and the terminal."""
        path = self.file("script.grad", self.SCRIPT)
        self.file("state/backstep/history", "1\n")
        self.file("config/backstep/init.grad", "save from_init.grad\nprinted = 1\n")
        self.file(".editrc", "")
        before = set(os.listdir(self.home))
        log = self.path("log")
        for arguments in [["-k", path], ["-i", "-k", path]]:
            result = subprocess.run(
                ["strace", "-f", "-o", log, "-e", "trace=execve,open,openat,creat,rename,unlink,socket,connect",
                 PROGRAM, "--sandbox", *arguments],
                cwd=self.home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
                env=environment(
                    self.home, XDG_STATE_HOME=self.path("state"), XDG_CONFIG_HOME=self.path("config")))
            self.assertIn("not allowed with --sandbox", result.stderr)
            with open(log, encoding="utf-8", errors="replace") as file:
                opened = re.findall(r'\bopen(?:at)?\((?:AT_FDCWD, )?"([^"]*)"', file.read())
            own = [name for name in opened if name.startswith(self.home) or not name.startswith("/")]
            self.assertEqual(set(own), {path})
        self.assertEqual(set(os.listdir(self.home)), before | {"log"})

    def test_a_sandbox_at_the_prompt(self):
        self.file("config/backstep/init.grad", "save from_init.grad\nw = 1\n")
        self.file("file.grad", "v = 1\n")
        env = {"XDG_STATE_HOME": self.path("state"), "XDG_CONFIG_HOME": self.path("config")}
        with Screen(self.home, PROGRAM, "--sandbox", columns=100, rows=40, **env) as screen:
            screen.wait_for("backstep>")
            for line, words in [
                ("w", "no value yet"), (f"load {self.home}/file.grad", "reading files is not allowed"),
                (f"lesson {self.home}/file.grad", "reading files is not allowed"),
                ("x = 1; y = x^2; save a.grad", "writing files is not allowed"),
                ("export a.md y", "writing files is not allowed"), ("export a.svg y", "not allowed"),
                ("export -.svg y", "running Graphviz is not allowed"),
            ]:
                screen.keys("C-l")
                screen.type(line)
                screen.keys("Enter")
                screen.wait_for(words)
        self.assertEqual(set(os.listdir(self.home)), {"config", "file.grad"})

    def test_graphviz_is_no_shell(self):
        """What runs is `dot` of an absolute folder of PATH, with fixed arguments; the text goes to its input."""
        tool = "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" > '{}'\ncat > /dev/null\necho '<svg></svg>'\n"
        os.makedirs(self.path("bin"))
        os.makedirs(self.path("here"))
        for place in ["bin/dot", "here/dot", "dot"]:
            self.file(place, tool.format(self.path(place.replace("/", "-") + ".ran")))
            os.chmod(self.path(place), 0o755)
        start = "x = 1; y = x^2; "
        for name in ["plain.svg", "-Tpng.svg", "-oout.svg", "$(id).svg", "a b;c.svg", "--version.svg"]:
            result = self.run_program(
                "-e", f"{start}export '{name}' y",
                env={"PATH": f":.:here:{self.path('bin')}:/usr/bin:/bin", "SECRET": "1"})
            self.assertEqual(result.errors, "", name)
            self.assertTrue(os.path.exists(self.path(name)), name)
            with open(self.path("bin-dot.ran"), encoding="utf-8") as file:
                self.assertEqual(file.read().splitlines(), [self.path("bin/dot"), "-Tsvg"])
            os.unlink(self.path("bin-dot.ran"))
        result = self.run_program("-e", f"{start}export a.svg y", env={"PATH": ":.:here::"})
        self.assertIn("not installed", result.errors)
        for other in ["here-dot.ran", "dot.ran"]:
            self.assertFalse(os.path.exists(self.path(other)), other)

    def test_drawings_that_are_none(self):
        """What is called `dot` need not draw: a good drawing is not replaced by anything else."""
        good = "<svg><!-- made with Backstep --></svg>\n"
        for script, words in [
            ("exit 0", "no whole .svg"), ("echo '<svg><g>'", "no whole .svg"), ("head -c 3000 /dev/urandom", "no whole"),
            ("exec cat /dev/zero", "more than"), ("exit 3", "status 3"), ("kill -9 $$", "signal 9"),
        ]:
            self.file("bin/dot", f"#!/bin/sh\n{script}\n")
            os.chmod(self.path("bin/dot"), 0o755)
            self.file("a.svg", good)
            result = self.run_program(
                "-e", "x = 1; y = x^2; export a.svg y !", env={"PATH": f"{self.path('bin')}:/usr/bin:/bin"})
            self.check_error(result, words)
            self.assertEqual(self.read("a.svg").decode(), good)

    def test_a_parent_that_wants_to_know_of_no_child(self):
        self.file("bin/dot", "#!/bin/sh\ncat > /dev/null\necho '<svg></svg>'\n")
        os.chmod(self.path("bin/dot"), 0o755)
        result = self.run_program(
            "-e", "x = 1; y = x^2; export a.svg y", env={"PATH": f"{self.path('bin')}:/usr/bin:/bin"},
            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.check_result(result)

    def test_names_that_begin_with_a_hyphen(self):
        start = "x = 1; y = x^2; "
        self.check_result(self.run_program("-e", f"{start}save -rf; load -rf"))
        self.assertIn("-rf", os.listdir(self.home))
        self.check_result(self.run_program("--", "-rf"))

    def test_json_is_one_line_each(self):
        text = f"w = 2 # {HOSTILE}\n\x1b[2J\nw\u2028 = 1\n".replace("\r", "")
        result = self.run_program("--json", "-k", "-", text=text)
        for line in result.output.split("\n")[:-1]:
            json.loads(line)


if __name__ == "__main__":
    unittest.main()
