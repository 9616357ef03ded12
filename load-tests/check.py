#!/usr/bin/env python3
"""Runs every check of the project, one after another, and counts them.

  check.py [NAME ...]    only the steps whose name begins with one of NAME: fmt web e2e lint tests docs build peers

What a step prints is shown and kept under artifacts/. The last line is `N passed, N failed`. A step that says how many of
its checks passed is counted by them, any other step is one check. A step that fails does not keep later ones from running,
except those that need what it builds. The real programs and the browser run beside each other, since both wait most of
their time; the desk of six long chats, which measures, runs alone.
"""
import os, re, signal, subprocess, sys, threading, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "artifacts"
WEB = ROOT / "ws" / "web"

NEXTEST = subprocess.run(["cargo", "nextest", "--version"], capture_output=True).returncode == 0
TESTS = (["cargo", "nextest", "run", "--workspace", "--no-fail-fast"] if NEXTEST
         else ["cargo", "test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"])

# The binaries of the checks: a release without optimisation across crates, which takes half of the time to build.
PROFILE = os.environ.setdefault("TANDEM_PROFILE", "checks")

# name, command, folder, minutes at most, steps it needs; steps in a tuple run beside each other
STEPS = [
    ("fmt", ["cargo", "fmt", "--all", "--check"], ROOT, 2, []),
    ("web-install", ["npm", "ci", "--silent"], WEB, 5, []),
    ("web-check", ["npm", "run", "--silent", "check"], WEB, 5, ["web-install"]),
    ("web-test", ["npm", "test", "--silent"], WEB, 5, ["web-install"]),
    ("web-build", ["npm", "run", "--silent", "build"], WEB, 5, ["web-install"]),
    # What only a hub of our own stands for: sign-ins that end soon, histories of thousands, calls that ring by themselves.
    ("e2e-stand-in", [sys.executable, "load-tests/peers/e2e.py", "stand-in", "pain_38|end of a sign-in|before a sign-in ends|where a call goes holds"], ROOT, 5, ["web-build"]),
    ("lint", ["cargo", "lint"], ROOT, 15, []),
    ("tests", TESTS, ROOT, 30, []),
    ("docs", ["cargo", "test", "--workspace", "--doc"], ROOT, 10, []),
    ("build", ["cargo", "build", "--profile", PROFILE, "-p", "gateway", "-p", "load-tests"], ROOT, 25, []),
    (
        ("peers", [sys.executable, "load-tests/peers/run.py"], ROOT, 35, ["build"]),
        ("e2e", [sys.executable, "load-tests/peers/e2e.py", "short"], ROOT, 35, ["build", "web-install"]),
    ),
    ("e2e-long", [sys.executable, "load-tests/peers/e2e.py", "long"], ROOT, 15, ["build", "web-install"]),
]

# How the runners say what they counted: passed, failed.
COUNTS = [
    re.compile(r"^(?P<passed>\d+) passed, (?P<failed>\d+) failed", re.M),
    re.compile(r"^all (?P<passed>\d+) checks (?P<failed>)went well", re.M),
    re.compile(r"^test result: \w+\. (?P<passed>\d+) passed; (?P<failed>\d+) failed", re.M),
]
NEXTEST_SUMMARY = re.compile(r"Summary \[.*\] .*run: (.*)$", re.M)
NODE_SUMMARY = re.compile(r"^(?:#|ℹ) (pass|fail) (\d+)$", re.M)


def counted(text):
    """Returns (passed, failed) as the output tells, or None when it does not."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    if summary := NEXTEST_SUMMARY.findall(plain):
        number = lambda word: sum(int(n) for n in re.findall(rf"(\d+) {word}", summary[-1]))
        return number("passed"), number("failed") + number("timed out")
    if node := NODE_SUMMARY.findall(plain):
        return tuple(sum(int(n) for kind, n in node if kind == want) for want in ("pass", "fail"))
    for pattern in COUNTS:
        if found := list(pattern.finditer(plain)):
            return tuple(sum(int(m[name] or 0) for m in found) for name in ("passed", "failed"))
    return None


def run(name, command, folder, minutes):
    """Runs a step to its end or its limit; returns its exit code and what it printed."""
    print(f"== {name}: {' '.join(map(str, command))}", flush=True)
    env = {**os.environ, "CARGO_TERM_COLOR": "never", "NO_COLOR": "1", "TANDEM_ARTIFACTS": str(LOGS)}
    process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True, text=True, errors="replace")
    limit = threading.Timer(minutes * 60, os.killpg, (process.pid, signal.SIGKILL))
    limit.start()
    lines = []
    with open(LOGS / f"{name}.log", "w") as log:
        for line in process.stdout:
            lines.append(line)
            log.write(line)
            sys.stdout.write(line)
            sys.stdout.flush()
    code = process.wait()
    limit.cancel()
    if code == -signal.SIGKILL:
        lines.append(f"{name}: ended after {minutes} minutes\n")
        print(lines[-1], end="")
    return code, "".join(lines)


def failures(text):
    """Returns the lines that tell what failed, with those indented below them: 40 at most."""
    told, below = [], False
    for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines():
        named = re.match(r"\s*(FAIL\b|FAILED\b|not ok\b|✖|error(\[\w+\])?:)", line)
        below = bool(named) or below and line.startswith("   ")
        if below:
            told.append(f"  {line.strip() if named else line}"[:300])
    return told[:40]


class Tally:
    """What the steps came to."""

    def __init__(self):
        self.passed = self.failed = 0
        self.bad, self.report = set(), []
        self.lock = threading.Lock()

    def take(self, name, command, folder, minutes, needs):
        """Runs a step, unless one that it needs failed, and counts it."""
        if missing := [need for need in needs if need in self.bad]:
            return self.count(name, 0, 1, f"not run, {', '.join(missing)} failed")
        began = time.monotonic()
        try:
            code, text = run(name, command, folder, minutes)
        except OSError as failure:
            return self.count(name, 0, 1, f"not run, {failure}")
        good, wrong = counted(text) or (int(code == 0), 0)
        if code != 0 and wrong == 0:
            wrong = 1
        self.count(name, good, wrong, f"{good} passed, {wrong} failed in {time.monotonic() - began:.0f} s", failures(text) if wrong else [])

    def count(self, name, good, wrong, text, told=()):
        """Takes what became of a step, and the lines that tell what failed in it."""
        with self.lock:
            self.passed, self.failed = self.passed + good, self.failed + wrong
            if wrong:
                self.bad.add(name)
            self.report.append("\n".join([f"{'FAIL' if wrong else 'PASS'} {name}: {text}", *told]))


def main():
    LOGS.mkdir(exist_ok=True)
    only = sys.argv[1:]
    tally = Tally()
    for entry in STEPS:
        together = entry if isinstance(entry[0], tuple) else (entry,)
        wanted = [step for step in together if not only or any(step[0].startswith(want) for want in only)]
        threads = [threading.Thread(target=tally.take, args=step) for step in wanted]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print("\n".join(["", *tally.report]))
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed or not tally.passed else 0)


main()
