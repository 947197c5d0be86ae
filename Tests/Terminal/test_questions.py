"""Quizzes and lessons at the prompt: answers typed, interrupted, ended, pasted.

Build first (`Scripts/backstep --version`), then run `python3 Tests/Terminal/test_questions.py`.
"""

import os
import signal
import subprocess
import unittest

import pexpect
from harness import PROGRAM, Screen, environment
from test_program import PATIENCE, Talk, WithHome, directories, paste
from test_step import local_modes, modes_of_a_new_terminal

ANSWER, PREDICT, LESSON, CHOOSE = "answer> ", "predict> ", "lesson> ", "choose> "


class Asked(Talk):
    """A session that begins with a question of a script."""

    def __init__(self, *arguments):
        self.first = ANSWER
        super().__init__(*arguments)

    def ready(self, prompt=None):
        prompt, self.first = self.first or prompt, None
        super().ready(prompt)


class Quizzes(WithHome):
    def start(self, talk):
        talk.ask("w = 3; x = 4; L = w*x")
        talk.start("quiz L")
        self.assertIn("1/3  ∂L/∂L = ?", talk.answer(ANSWER))

    def test_right_and_wrong(self):
        with Talk(self.home) as talk:
            self.start(talk)
            talk.start("12")
            self.assertIn("Not right: that is the value of L.", talk.answer(ANSWER))
            talk.start("1")
            self.assertIn("2/3  ∂L/∂w = ?", talk.answer(ANSWER))
            talk.start("w")
            self.assertIn("with respect to x, the other operand", talk.answer(ANSWER))
            talk.start("hint")
            self.assertIn("Hint: Only L = w*x matters here", talk.answer(ANSWER))
            talk.start("x")
            talk.answer(ANSWER)
            talk.start("3.0")
            self.assertIn("Score: 1 of 3 right at once, 2 right later", talk.answer())
            self.assertEqual(talk.ask("L"), "12\n")
            self.assertEqual(talk.leave(), 0)

    def test_interrupted(self):
        with Talk(self.home) as talk:
            self.start(talk)
            talk.send("1")
            talk.send("\x03")
            self.assertIn("Ctrl-C once more leaves", talk.answer(ANSWER))
            talk.send("\x03")
            talk.see("interrupted")
            talk.ready()
            self.assertEqual(talk.ask("w*x"), "12\n")
            self.assertIn("nothing to redo", talk.ask("redo"))

    def test_end_of_input_ends_the_quiz_alone(self):
        with Talk(self.home) as talk:
            self.start(talk)
            talk.start("1")
            talk.answer(ANSWER)
            talk.send("\x04")
            self.assertIn("Score: 1 of 3 right at once, 2 not answered", talk.answer())
            self.assertEqual(talk.ask("L"), "12\n")

    def test_enter_says_what_can_be_typed(self):
        with Talk(self.home) as talk:
            self.start(talk)
            talk.start("")
            self.assertIn("Answer with a number or a formula.", talk.answer(ANSWER))
            talk.start("again")
            said = talk.answer(ANSWER)
            self.assertIn("Quiz on L, 3 questions", said)
            self.assertIn("1/3  ∂L/∂L = ?", said)
            talk.start("quit")
            talk.answer()

    def test_on_one_line(self):
        with Talk(self.home) as talk:
            talk.ask("w = 3; L = w^2")
            said = talk.ask("quiz L; 1; 6; w + 1")
            self.assertIn("answer> 6", said)
            self.assertTrue(said.endswith("Score: 2 of 2 right at once\n4\n"), said)

    def test_answers_are_no_history(self):
        with Talk(self.home) as talk:
            self.start(talk)
            talk.start("quit")
            talk.answer()
            talk.leave()
        self.assertEqual(self.history()[-1], "quiz L")

    def test_pasted(self):
        with Talk(self.home) as talk:
            talk.ask("w = 3; L = w^2")
            talk.send(paste("quiz L\n1\n2*w\nw + 39\n"))
            talk.see("Score: 2 of 2 right at once")
            talk.see("\r\n42\r\n")

    def test_a_script_without_answers_asks_at_the_terminal(self):
        with Asked(self.home, "-i", "-e", "w = 3; L = w^2", "-e", "quiz L") as talk:
            talk.start("1")
            talk.answer(ANSWER)
            talk.start("6")
            self.assertIn("Score: 2 of 2 right at once", talk.answer())
            self.assertEqual(talk.ask("w"), "3\n")

    def test_completion_of_mistakes(self):
        with Talk(self.home) as talk:
            talk.ask("x = 3; y = x*x + x")
            talk.complete("mistake over")
            talk.see("write ")
            self.assertIn("3 ✗", talk.ask("y"))
            talk.complete("mistake no-z")
            talk.see("ero ")
            self.assertIn("20 ✗", talk.ask("y"))


class Lessons(WithHome):
    def test_typed_statements(self):
        with Talk(self.home, rows=100) as talk:
            talk.ask("z = 100")
            talk.start("lesson 1")
            self.assertIn("Lesson: One neuron by hand", talk.answer(LESSON))
            talk.start("z = w*x +")
            self.assertIn("expected a value", talk.answer(LESSON))
            talk.start("z = (w*")
            talk.ready("...> ")
            talk.send("\x03")
            talk.answer(LESSON)
            talk.start("z = (w*x")
            talk.ready("...> ")
            talk.start("+ b)")
            self.assertIn("Right.", talk.answer(PREDICT))
            talk.start("")
            self.assertIn("It is 0.5.", talk.answer(PREDICT))
            talk.start("-2")
            self.assertIn("Not yet. ", talk.answer(PREDICT))
            talk.send("-2")
            talk.send("\x03")
            self.assertIn("Ctrl-C once more leaves", talk.answer(PREDICT))
            talk.start("again")
            talk.answer(PREDICT)
            talk.send("\x03")
            talk.answer(PREDICT)
            talk.send("\x03")
            talk.see("interrupted")
            talk.ready()
            self.assertEqual(talk.ask("z"), "100\n")
            self.assertIn("'w' has no value", talk.ask("w"))

    def test_every_interrupt_is_answered(self):
        """Also one that throws away the key before it, which was waited for and is not there any more."""
        with Talk(self.home) as talk:
            talk.start("lesson 1")
            talk.answer(LESSON)
            talk.start("z = w*x + b")
            talk.answer(PREDICT)
            for _ in range(200):
                talk.send("-2")
                talk.send("\x03")
                self.assertIn("Ctrl-C once more leaves", talk.answer(PREDICT))
                talk.start("again")
                talk.answer(PREDICT)

    def test_again_shows_the_tape_again(self):
        with Talk(self.home, rows=100) as talk:
            talk.start("lesson 1")
            talk.answer(LESSON)
            talk.start("")
            self.assertIn("Type a statement.", talk.answer(LESSON))
            for _ in range(4):
                talk.start("skip")
                said = talk.answer(PREDICT)
            self.assertIn("∂a/∂z = a*(1 - a) = 0.25", said)
            talk.start("w := 0.6")
            talk.answer(PREDICT)
            talk.start("again")
            said = talk.answer(PREDICT)
            self.assertIn("backstep> forward L", said)
            self.assertIn("w = 0.6", said)
            self.assertIn("5/17  Predict.", said)
            talk.start("quit")
            talk.answer()

    def test_end_of_input_leaves_the_lesson_alone(self):
        with Talk(self.home) as talk:
            talk.start("lesson 3")
            talk.answer(CHOOSE)
            talk.start("a")
            talk.answer(LESSON)
            talk.send("\x04")
            self.assertIn("You leave the lesson: 1 of 20 tasks done.", talk.answer())
            self.assertEqual(talk.ask("1 + 1"), "2\n")

    def test_a_whole_lesson(self):
        answers = [
            ("a", LESSON), ("x := 3.001", LESSON), ("y", PREDICT), ("1", PREDICT), ("3", PREDICT),
            ("7", LESSON), ("backward y", PREDICT), ("3", LESSON), ("mistake overwrite y", "say> "),
            ("The slot adds up.", PREDICT), ("1", PREDICT), ("3", PREDICT), ("4", PREDICT),
            ("16", CHOOSE), ("b", LESSON), ("mistake order L", LESSON),
            ("b = 5; f = b*a + b", PREDICT), ("3", PREDICT), ("5", LESSON), ("backward f", None),
        ]
        with Talk(self.home, rows=100) as talk:
            talk.start("lesson 3")
            talk.answer(CHOOSE)
            for answer, prompt in answers:
                talk.start(answer)
                said = talk.answer(prompt)
            self.assertIn("The end of the lesson: 20 of 20 tasks done.", said)


class FullScreens(WithHome):
    """What is longer than the screen waits for a key, which is read by itself."""

    def wait(self, talk):
        talk.start("lesson 3")
        talk.answer(CHOOSE)
        for prompt in [LESSON, LESSON, PREDICT, PREDICT, PREDICT, LESSON, PREDICT, LESSON]:
            talk.start("skip")
            talk.answer(prompt)
        talk.start("skip")
        # The screen ends behind the table; the question comes in one piece on the next.
        talk.see("It spreads to the whole gradient: ∂y/∂x.")
        talk.see("\r\n— any key goes on —")

    def test_a_key(self):
        for key in [" ", "\r", "q", "\033[B"]:
            with self.subTest(key), Talk(self.home) as talk:
                self.wait(talk)
                talk.send(key)
                said = talk.answer("say> ")
                self.assertIn("10/20", said)
                self.assertIn("not written", said)
                talk.start("The slot adds up.")
                self.assertIn("11/20", talk.answer(PREDICT))

    def test_an_interruption_only_ends_the_waiting(self):
        with Talk(self.home) as talk:
            self.wait(talk)
            talk.send("\x03")
            self.assertIn("not written", talk.answer("say> "))
            talk.start("The slot adds up.")
            talk.answer(PREDICT)

    def test_signals_that_end(self):
        before = modes_of_a_new_terminal()
        with Talk(self.home) as talk:
            self.wait(talk)
            self.assertNotEqual(local_modes(talk.child.child_fd), before)
            os.kill(talk.child.pid, signal.SIGTERM)
            talk.child.expect(pexpect.EOF)
            self.assertEqual(local_modes(talk.child.child_fd), before)

    def test_the_prompt_does_not_wait(self):
        with Talk(self.home) as talk:
            talk.start("lesson 3")
            talk.answer(CHOOSE)
            talk.start("quit")
            talk.answer()
            talk.ask("v = sin(1); w = 2; c = v*w + w*w; d = c*c + w + v; e = d*d*c")
            self.assertIn("Gradient", talk.ask("trace e"))


class TerminalComesBack(WithHome):
    """Whatever ends or stops the program while it asks."""

    # What begins to ask, and the prompt at which it does.
    questions = [("w = 3; L = w^2; quiz L", ANSWER), ("lesson 1", LESSON)]

    def test_signals_that_end(self):
        before = modes_of_a_new_terminal()
        for number in [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]:
            for statement, prompt in self.questions:
                for typed in ["", "1 + "]:
                    with self.subTest(number=number, statement=statement, typed=typed):
                        with Talk(self.home) as talk:
                            talk.start(statement)
                            talk.answer(prompt)
                            if typed:
                                talk.send(typed)
                                talk.see(typed.strip())
                            self.assertNotEqual(local_modes(talk.child.child_fd), before)
                            os.kill(talk.child.pid, number)
                            talk.child.expect(pexpect.EOF)
                            self.assertEqual(local_modes(talk.child.child_fd), before)

    def test_stop_and_go_on(self):
        for statement, prompt in self.questions:
            with self.subTest(statement), Screen(
                    self.home, "sh", "-i", columns=80, rows=24) as screen:
                screen.type(f"PS1='READY '; clear; stty -a > {self.home}/before")
                screen.keys("Enter")
                screen.wait_for("READY")
                screen.type(f"clear; {PROGRAM} --no-init")
                screen.keys("Enter")
                screen.wait_for("backstep>")
                screen.type(statement)
                screen.keys("Enter")
                screen.wait_for(prompt.strip())
                screen.type("w*")
                screen.wait_for(prompt + "w*")
                for _ in range(2):
                    screen.keys("C-z")
                    screen.wait(lambda s: s.text().endswith("READY"))
                    screen.type(f"stty -a > {self.home}/stopped; clear; echo $((40 + 2))")
                    screen.keys("Enter")
                    screen.wait_for("42")
                    self.assertEqual(self.read("stopped"), self.read("before"))
                    screen.type("clear; fg")
                    screen.keys("Enter")
                    screen.wait_for(prompt + "w*")
                # What had been typed is still there to be gone on with.
                screen.type("2")
                screen.wait_for(prompt + "w*2")
                screen.keys("C-c")
                screen.wait_for("Ctrl-C once more leaves")
                screen.keys("C-c")
                screen.wait_for("interrupted")
                screen.type("quit")
                screen.keys("Enter")
                screen.wait(lambda s: s.text().endswith("READY"))
                screen.type(f"stty -a > {self.home}/after; clear; echo $((40 + 3))")
                screen.keys("Enter")
                screen.wait_for("43")
                self.assertEqual(self.read("after"), self.read("before"))

    def read(self, name):
        with open(os.path.join(self.home, name), encoding="utf-8") as file:
            return file.read()


class Pipes(WithHome):
    def run_piped(self, text, *arguments):
        return subprocess.run(
            [PROGRAM, *arguments], input=text, capture_output=True, text=True, check=False,
            env=environment(self.home, **directories(self.home)), timeout=PATIENCE)

    def test_answers_behind_a_dash(self):
        result = self.run_piped("1\n6\n", "-e", "w = 3; L = w^2", "-e", "quiz L", "-")
        self.assertIn("Score: 2 of 2 right at once", result.stdout)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_answers_in_the_next_text(self):
        result = self.run_piped(
            "", "-e", "w = 3; L = w^2; quiz L", "-e", "1", "-e", "6\nw", "-e", "w + 1")
        self.assertTrue(result.stdout.endswith("Score: 2 of 2 right at once\n3\n4\n"))

    def test_without_answers_it_ends(self):
        result = self.run_piped("1\n6\n", "-e", "w = 3; L = w^2", "-e", "quiz L")
        self.assertEqual(result.returncode, 1)
        self.assertIn("0 of 2 questions answered right", result.stderr)

    def test_lines_that_come_one_by_one(self):
        with subprocess.Popen(
                [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, env=environment(self.home, **directories(self.home))) as process:
            for line in ["w = 3; L = w^2", "quiz L", "1", "2*", "6", "nothing", "7 + 1"]:
                process.stdin.write(line + "\n")
                process.stdin.flush()
            output, errors = process.communicate(timeout=PATIENCE)
        self.assertIn("Score: 2 of 2 right at once", output)
        self.assertIn("<stdin>:6:1: error: 'nothing' has no value yet", errors)

    def test_a_file_that_is_missing_after_a_quiz(self):
        result = self.run_piped("", "-e", "w = 3; L = w^2; quiz L", "/nowhere.grad")
        self.assertEqual(result.returncode, 1)
        self.assertIn("0 of 2 questions", result.stderr)
        result = self.run_piped("", "-k", "-e", "w = 3; L = w^2; quiz L", "/nowhere.grad")
        self.assertIn("cannot read '/nowhere.grad'", result.stderr)


if __name__ == "__main__":
    unittest.main()
