"""Plain relays on Node, which Tandem is measured beside: `ws` and socket.io. They keep nothing."""
import re, subprocess
from pathlib import Path

from .daemon import LOAD, PASSWORD, ROOT
from .processes import Failure, Process, expect, port, until

RELAYS = ROOT / "load-tests" / "peers" / "node"
KINDS = ("ws", "socketio")


class Relay:
    """A running relay; by TLS where it is given a certificate and its key."""

    def __init__(self, kind, folder, *secured):
        expect((RELAYS / "node_modules" / "ws").exists(), "the relays' packages are missing; run load-tests/setup/install.sh test")
        self.kind, self.port = kind, port()
        self.process = Process(f"{kind}{'-tls' if secured else ''}", ["node", RELAYS / f"{kind}.mjs", self.port, *secured], folder)
        until(self._ready, 20, lambda: f"the relay was not ready within 20 s: {self.process.text()[-400:]}")

    def _ready(self):
        if not self.process.running():
            raise Failure(f"the relay ended: {self.process.text()[-400:]}")
        return "listening" in self.process.text()

    @property
    def pid(self):
        return self.process.pid

    @property
    def options(self):
        return ["--against", self.kind, "--at", f"127.0.0.1:{self.port}", "--pid", self.pid]


def load(daemon, scenario, *options, agents=None, seconds=900):
    """Runs a scenario of tandem-load; returns its exit code and what it said."""
    command = [LOAD, scenario, "--web", daemon.url, "--sip", daemon.address, "--ops", f"http://127.0.0.1:{daemon.ops}",
               "--trunk", f"127.0.0.1:{daemon.far}", "--password", PASSWORD, "--agents", ",".join(agents or ["anna"]), *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds)
    return done.returncode, done.stdout + done.stderr


def figure(said, pattern):
    """Returns the number that a pattern of one group finds, or nothing."""
    found = re.search(pattern, said)
    return float(found[1]) if found else None
