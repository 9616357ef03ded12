"""Tandem itself, in development mode on free loopback ports, with a data folder of its own."""
import json, os, random, signal, subprocess, urllib.error, urllib.request
from pathlib import Path

from .processes import Failure, Process, expect, port, until

PASSWORD = "correct-horse-battery-staple"
ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / os.environ.get("TANDEM_PROFILE", "release")
TANDEM, LOAD = TARGET / "tandem", TARGET / "tandem-load"


class Daemon:
    """A running Tandem. `far` is the port its test trunk calls out to; `before` stands before its command at the next start. A
    setting may be a function of this daemon, which knows its ports by then."""

    def __init__(self, folder, far=None, **settings):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.web, self.sip, self.ops, self.far = port(), port(), port(), far or port()
        first = random.randrange(33000, 60000, 400)
        self.env = {
            "TANDEM_WEB__LISTEN": f"127.0.0.1:{self.web}",
            "TANDEM_SIP__LISTEN": f"127.0.0.1:{self.sip}",
            "TANDEM_OPS__LISTEN": f"127.0.0.1:{self.ops}",
            "TANDEM_WEB_RTC__LISTEN": "127.0.0.1:0",
            "TANDEM_RTP__PORTS": f"{first}-{first + 399}",
            "TANDEM_STORE__PATH": str(self.folder / "data"),
            "TANDEM_DEV__PASSWORD": PASSWORD,
            "TANDEM_TRUNK__TEST__TARGET": f"127.0.0.1:{self.far}",
            "TANDEM_LOG__LEVEL": "debug",
            **{key.upper(): str(value(self) if callable(value) else value) for key, value in settings.items()},
        }
        self.process, self.before, self.tokens = None, [], {}
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.web}"

    @property
    def address(self):
        return f"127.0.0.1:{self.sip}"

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        self.tokens = {}
        self.process = Process("tandem", [*self.before, TANDEM, "serve"], self.folder, self.env)
        until(self._ready, 20, lambda: f"Tandem was not ready within 20 s: {self.process.text()[-800:]}")

    def _ready(self):
        if not self.process.running():
            raise Failure(f"Tandem ended with {self.process.popen.returncode}: {self.process.text()[-800:]}")
        return self.status("/readyz") == 200

    def kill(self):
        """Ends it at once, as a crash would. Another thread may start the next meanwhile, which is not touched."""
        process = self.process
        process.signal(signal.SIGKILL)
        process.wait(5)
        process.stop()

    def stop(self):
        self.process.stop(10)

    def status(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}{path}", timeout=3) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}/metrics", timeout=3) as answer:
            return answer.read().decode()

    def metric(self, name, **labels):
        """Returns the sum of all series of `name` that have these labels."""
        total = 0.0
        for line in self.metrics().splitlines():
            head, _, value = line.rpartition(" ")
            series, _, rest = head.partition("{")
            if series == name and all(f'{key}="{want}"' in rest for key, want in labels.items()):
                total += float(value)
        return total

    def api(self, path, method="GET", body=None, token=None, origin=None):
        """Returns status and JSON of a request."""
        request = urllib.request.Request(f"{self.url}{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        request.add_header("content-type", "application/json")
        request.add_header("origin", origin or self.url)
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, text.decode(errors="replace")

    def login(self, agent="anna"):
        status, answer = self.api("/api/v1/login", "POST", {"agent": agent, "password": PASSWORD})
        expect(status == 200, f"login of {agent} was answered {status} {answer}")
        return answer["token"]

    def token(self, agent="anna"):
        """Returns a credential of an agent, who signs in once: an address may not do so very often."""
        if agent not in self.tokens:
            self.tokens[agent] = self.login(agent)
        return self.tokens[agent]

    def record(self, interaction, agent="anna"):
        """Returns the record of an interaction as the API tells it."""
        status, answer = self.api(f"/api/v1/interactions/{interaction}", token=self.token(agent))
        expect(status == 200, f"GET of interaction {interaction} was answered {status} {answer}")
        return answer


def hire(daemon, count):
    """Puts agents on record and starts the daemon again, so that it knows them; returns their names."""
    names = [f"load{number}" for number in range(count)]
    for name in names:
        subprocess.run([TANDEM, "agent", "add", name, "--queue", "support"], input=PASSWORD + "\n", text=True, check=True,
                       cwd=daemon.folder, env={**os.environ, **daemon.env}, stdout=subprocess.DEVNULL)
    daemon.stop()
    daemon.start()
    return names
