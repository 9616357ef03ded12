"""Programs of others, started here and ended here: by their process, never by their name."""
import os, random, signal, socket, subprocess, time
from pathlib import Path


class Failure(AssertionError):
    """A check did not find what it looked for; the text says what."""


class Skipped(Exception):
    """A check cannot be made here; the text says why."""


def expect(found, sentence):
    """Fails the check with `sentence` unless `found` holds; returns what was found."""
    if not found:
        raise Failure(sentence)
    return found


def until(condition, seconds, sentence):
    """Asks again until `condition()` holds, at most so long; returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(sentence() if callable(sentence) else sentence)
        time.sleep(0.02)


# Below what the kernel gives out by itself, so that nobody gets one by chance between here and its use.
PORTS = list(range(20000, 32000, 4))
random.shuffle(PORTS)


def port():
    """Returns an even loopback port that is free for UDP and TCP, with three free ones above it, not given out before."""
    while PORTS:
        number = PORTS.pop()
        if all(_free(number + more) for more in range(4)):
            return number
    raise Failure("no free loopback port was found")


def _free(number):
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            tcp.bind(("127.0.0.1", number))
            udp.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


class Process:
    """One started program with its output in a file. It stays in the group of whoever runs the checks, and ends with it."""

    all = []

    def __init__(self, name, command, folder, env=None, stdin=subprocess.DEVNULL, stdout=None):
        self.name, self.log = name, Path(folder) / f"{name}.log"
        self.file = open(self.log, "ab")
        self.popen = subprocess.Popen([str(c) for c in command], cwd=folder, env={**os.environ, **(env or {})}, stdin=stdin,
                                      stdout=stdout or self.file, stderr=self.file if stdout else subprocess.STDOUT)
        Process.all.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        return self.popen.poll() is None

    def text(self):
        self.file.flush()
        return self.log.read_text(errors="replace")

    def wait(self, seconds):
        """Returns the exit code; fails when the program is still there after so long."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {seconds} s") from None

    def signal(self, number):
        if self.running():
            self.popen.send_signal(number)

    def stop(self, seconds=5):
        """Asks the program to end, then ends it."""
        if self.running():
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.file.close()
        if self in Process.all:
            Process.all.remove(self)

    @classmethod
    def stop_all(cls):
        for process in list(reversed(cls.all)):
            process.stop(2)
