"""Calls at Tandem and at programs that do part of the same work, in turns: kamailio answering or passing on, rtpengine with the
sound. The server has a core to itself and the load the other one."""
import os, re, socket, subprocess

from .daemon import LOAD, PASSWORD
from .kamailio import CONFIGS, PROGRAM
from .processes import Failure, Process, expect, port, until

RTPENGINE = "/usr/bin/rtpengine"
COST = r"([\d.]+) s for 10,000 calls"
SHARE = r"([\d.]+) % of a core for a call"
LATE = r"INVITE to 200: .*p99 ([\d.]+) ms"
WAY = r"on their way: .*p99 ([\d.]+) ms"
MOST = r"highest rate that is kept up with: ([\d.]+) a second"


def core(number):
    """Returns what stands before a command that is to keep to a core, where there are two."""
    return ["taskset", "-c", str(number)] if (os.cpu_count() or 1) > 1 else []


def answers(control):
    """Tells whether rtpengine takes orders at this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.2)
        asker.connect(("127.0.0.1", control))
        try:
            asker.send(b"1 d7:command4:pinge")
            return b"pong" in asker.recv(1024)
        except OSError:
            return False


class Switch:
    """A running kamailio that answers (`reply`) or passes calls on (`proxy`), with rtpengine where there is sound."""

    def __init__(self, folder, name, sound="none"):
        self.folder = folder / f"kamailio-{name}-{sound}"
        self.folder.mkdir(parents=True)
        self.port, self.far, self.rtpengine = port(), port(), None
        names = {"LISTENPORT": self.port, "FARHOST": f'"127.0.0.1:{self.far}"', "STATEFUL": ""}
        if sound != "none":
            control = port()
            self.rtpengine = Process("rtpengine", [*core(0), RTPENGINE, "--table=-1", "--interface=127.0.0.1",
                                                   f"--listen-ng=127.0.0.1:{control}", "--foreground", "--log-stderr", "--log-level=3",
                                                   "--port-min=33000", "--port-max=59999", "--num-threads=1",
                                                   f"--pidfile={self.folder / 'rtpengine.pid'}"], self.folder)
            until(lambda: answers(control), 10, lambda: f"rtpengine did not start: {self.rtpengine.text()[-400:]}")
            names["RTPENGINE"] = f'"udp:127.0.0.1:{control}"'
        if sound == "mixed":
            names["TRANSCODE"] = ""
        text = (CONFIGS / f"{name}.cfg").read_text().split("\n", 1)[1]
        # The preprocessor does not reach into listen=, nor into strings.
        text = text.replace("127.0.0.1:LISTENPORT", f"127.0.0.1:{self.port}").replace("127.0.0.1:5070", f"127.0.0.1:{self.port}")
        config = self.folder / "kamailio.cfg"
        config.write_text("\n".join(["#!KAMAILIO", *(f"#!define {key} {value}" for key, value in names.items()), text]))
        check = subprocess.run([PROGRAM, "-c", "-f", config], capture_output=True, text=True, timeout=30)
        if check.returncode:
            raise Failure(f"kamailio does not take its configuration: {check.stderr[-400:]}")
        self.kamailio = Process("kamailio", [*core(0), PROGRAM, "-f", config, "-DD", "-E", "-m", "256", "-M", "16", "-w", self.folder,
                                             "-Y", self.folder, "-P", self.folder / "pid"], self.folder)
        until(self._listens, 10, lambda: f"kamailio did not start: {self.kamailio.text()[-400:]}")

    def _listens(self):
        expect(self.kamailio.running(), "kamailio ended")
        # Its processes are there once it has opened its ports.
        return len(self._children()) >= 3

    def _children(self):
        with open(f"/proc/{self.kamailio.pid}/task/{self.kamailio.pid}/children") as file:
            return [int(child) for child in file.read().split()]

    @property
    def options(self):
        pids = [self.kamailio.pid, *self._children(), *([self.rtpengine.pid] if self.rtpengine else [])]
        return ["--foreign", "--sip", f"127.0.0.1:{self.port}", "--trunk", f"127.0.0.1:{self.far}", "--pid", ",".join(map(str, pids))]

    def stop(self):
        for process in (self.kamailio, self.rtpengine):
            if process:
                process.stop()


def at_tandem(daemon, agents):
    return ["--web", daemon.url, "--sip", daemon.address, "--ops", f"http://127.0.0.1:{daemon.ops}", "--trunk",
            f"127.0.0.1:{daemon.far}", "--password", PASSWORD, "--agents", ",".join(agents or ["anna"]), "--pid", daemon.pid]


def shown(who, where, *options, seconds=300):
    """Runs `tandem-load calls`, shows what it was and what it said; returns that."""
    words = " ".join(map(str, options))
    print(f"$ tandem-load calls {words}    # {who}; load average {os.getloadavg()[0]:.1f}", flush=True)
    command = [*core(1), LOAD, "calls", *where, *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds)
    said = done.stdout + done.stderr
    print(said + ("" if done.returncode == 0 else f"  it ended with {done.returncode}\n"), end="", flush=True)
    return said


def figure(said, pattern):
    found = re.findall(pattern, said)
    return float(found[-1]) if found else None


def ratio(what, ours, theirs):
    if ours and theirs:
        print(f"  {what}: tandem {ours:g}, beside it {theirs:g}: {ours / theirs:.2f} to 1")


def passing(daemon, folder, agents, legs, rate, begin):
    """Calls at a rate, then in search of the highest clean one; at Tandem, then at kamailio."""
    crew, kind = ([], ["--one-leg"]) if legs == 1 else (agents, [])
    switch = Switch(folder, "reply" if legs == 1 else "proxy")
    costs, lates, rates = [], [], []
    for who, where in (("tandem", at_tandem(daemon, crew)), ("kamailio", switch.options)):
        said = shown(who, where, *kind, "--rate", rate, "--seconds", 10)
        costs.append(figure(said, COST))
        lates.append(figure(said, LATE))
        rates.append(figure(shown(who, where, *kind, "--rate", begin, "--seconds", 3, "--hold", 50, "--search"), MOST))
    switch.stop()
    ratio(f"processor seconds for 10,000 calls of {legs}", *costs)
    ratio(f"p99 from INVITE to 200 at {rate} a second, ms", *lates)
    ratio("highest rate that is kept up with, calls a second", *rates)


def sounding(daemon, folder, agents, sound, calls):
    """Calls with sound, all at once: at Tandem, then at kamailio with rtpengine."""
    plan = ["--at-once", calls, "--rate", 20, "--seconds", 10, "--sound", sound]
    ours = shown("tandem", at_tandem(daemon, agents), *plan)
    switch = Switch(folder, "proxy", sound)
    theirs = shown("kamailio with rtpengine", switch.options, *plan)
    switch.stop()
    ratio(f"share of a core for a call, {sound}, %", figure(ours, SHARE), figure(theirs, SHARE))
    ratio("p99 of a packet's way, ms", figure(ours, WAY), figure(theirs, WAY))


def held(daemon, calls):
    """Calls of one leg that hear nothing: what they hold, and what they leave."""
    shown("tandem", at_tandem(daemon, []), "--one-leg", "--inactive", "--at-once", calls, "--rate", 100, "--seconds", 5, "--settle", 60)


def overload(seconds=3):
    """More calls of one leg than can be taken, at a daemon of its own."""
    print(f"$ tandem-load overload --seconds {seconds}    # load average {os.getloadavg()[0]:.1f}", flush=True)
    mine = ["--core", 0] if core(0) else []
    command = [*core(1), LOAD, "overload", *mine, "--seconds", seconds]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    print(done.stdout + done.stderr, end="")
    for times in ("1.5 times", "3 times"):
        kept = figure(done.stdout, rf"{times} .*\( *(\d+) % of what can be\)")
        if kept is not None:
            print(f"  kept at {times}: {kept:.0f} % of what can be taken")


def soak(daemon, agents, seconds):
    """Calls of two legs for a while, twice: what is more after the second time than after the first does not come from warming up."""
    for _ in range(2):
        shown("tandem", at_tandem(daemon, agents), "--rate", 50, "--seconds", seconds, "--settle", 60)
