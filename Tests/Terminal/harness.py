"""Two ways to sit at a terminal: pexpect for what is sent and said, tmux for what is on screen."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time

import pexpect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROBE = os.environ.get("PROBE", os.path.join(ROOT, ".build/debug/EditorProbe"))
PROGRAM = os.path.abspath(
    os.environ.get("BACKSTEP", os.path.join(ROOT, ".build/release/backstep")))
PROMPT = "backstep> "
# A shell that runs the tests in the background has them ignore SIGINT, and so would what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
HISTORY = ".local/state/backstep/history"


def environment(home, **changes):
    env = {
        "HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color",
        "NO_COLOR": "1", "SWIFT_BACKTRACE": "enable=no",
    }
    env.update(changes)
    return {name: value for name, value in env.items() if value is not None}


class Home:
    """A home directory that is removed at the end."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="backstep-home-")
        return self.path

    def __exit__(self, *_):
        subprocess.run(["chmod", "-R", "u+rwx", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)


class Session:
    """The probe in a pseudo-terminal."""

    def __init__(self, home, *arguments, command=None, rows=24, columns=80, **env):
        command = command or PROBE
        self.child = pexpect.spawn(
            command, list(arguments), env=environment(home, **env), echo=False, timeout=20,
            # Ctrl-C makes the terminal throw away output in the middle of a character.
            codec_errors="replace",
            encoding="utf-8", dimensions=(rows, columns))
        self.child.delaybeforesend = None
        self.ready()

    def ready(self, prompt=PROMPT):
        self.child.expect_exact(prompt)

    def send(self, text):
        """Types a text; a long one beside the reading, for a terminal that is full takes no more."""
        if len(text) < 1000:
            self.child.send(text)
        else:
            threading.Thread(target=self.child.send, args=(text,), daemon=True).start()

    def see(self, text):
        self.child.expect_exact(text)

    def said(self):
        """The next line that was entered, in the probe's spelling, then waits for a prompt."""
        self.child.expect(r"<(\d+): ([^\r\n]*)>\r\n")
        return self.child.match.group(2)

    def enter(self, text):
        self.send(text + "\r")
        answer = self.said()
        self.ready()
        return answer

    def end(self):
        self.send("\x04")
        self.see("[end]")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)


def unread(pipe):
    """How many bytes lie in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def spelled(text):
    """Text in the probe's spelling."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte != 0x25 else f"%{byte:02x}"
        for byte in text.encode())


class Screen:
    """The probe, or a shell, in a tmux window of its own server."""

    count = 0

    def __init__(self, home, *command, columns=40, rows=12, **env):
        Screen.count += 1
        self.name = f"backstep-{os.getpid()}-{Screen.count}"
        env.setdefault("TERM", None)
        env.setdefault("NO_COLOR", None)
        self.env = environment(home, **env)
        self.env.pop("TERM", None)
        self.run(
            "new-session", "-d", "-x", str(columns), "-y", str(rows), *(command or (PROBE,)))

    def run(self, *arguments):
        return subprocess.run(
            ["tmux", "-L", self.name, "-f", "/dev/null", "-u", *arguments], env=self.env,
            check=True, capture_output=True, text=True).stdout

    def keys(self, *names):
        self.run("send-keys", *names)

    def type(self, text):
        self.run("send-keys", "-l", text)

    def text(self):
        return self.run("capture-pane", "-p").rstrip("\n")

    def colored(self):
        return self.run("capture-pane", "-p", "-e").rstrip("\n")

    def cursor(self):
        x, y = self.run("display", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(x), int(y)

    def wait(self, condition, seconds=10):
        """Waits until a condition on this screen holds."""
        end = time.monotonic() + seconds
        while not condition(self):
            if time.monotonic() > end:
                raise AssertionError(f"never came; cursor {self.cursor()}, screen:\n{self.text()}")
            time.sleep(0.02)

    def wait_for(self, text):
        self.wait(lambda screen: text in screen.text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(
            ["tmux", "-L", self.name, "kill-server"], env=self.env, check=False,
            capture_output=True)
