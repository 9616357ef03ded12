"""sipp, as a carrier that calls in and as one that is called. Debian's speaks no TLS, which a relay adds to its TCP."""
import re, secrets, socket
from pathlib import Path

from . import trace
from .tunnel import Tunnel
from .processes import Failure, Process, expect, port

SCENARIOS = Path(__file__).resolve().parents[1] / "sipp"


class Sipp:
    """One run of a scenario; `words` are put in place of others in it."""

    count = 0

    def __init__(self, folder, scenario, *options, target=None, service="support", transport="udp", local=None, calls=1, seconds=40,
                 words=None):
        Sipp.count += 1
        self.scenario = scenario
        self.folder = Path(folder) / f"sipp-{Sipp.count}-{scenario}"
        self.folder.mkdir(parents=True)
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for name, value in (words or {}).items():
            text = text.replace(name, str(value))
        (self.folder / "s.xml").write_text(text)
        self.port = local or port()
        media = port()
        command = ["sipp", *([target] if target else []), "-sf", "s.xml", "-s", service, "-i", "127.0.0.1", "-mi", "127.0.0.1",
                   "-p", self.port, "-mp", media, "-m", calls, "-r", "1", "-nostdin", "-timeout", seconds, "-recv_timeout", "20000",
                   "-t", {"udp": "u1", "tcp": "t1", "tls": "t1"}[transport], "-trace_err", "-trace_msg", "-message_file", "messages.log", *options]
        self.seconds = seconds
        self.process = Process("sipp", command, self.folder, {"TERM": "dumb"})

    def messages(self):
        return trace.sipp(self.folder / "messages.log")

    def statuses(self, method="INVITE"):
        """Returns the final and provisional statuses Tandem gave to requests of `method`, in order."""
        return [int(m.first.split(" ")[1]) for m in self.messages() if m.by_tandem and m.first.startswith("SIP/") and m.method == method]

    def statuses_of_ours(self, method):
        """Returns what it answered to requests of Tandem, in order."""
        return [int(m.first.split(" ")[1]) for m in self.messages() if not m.by_tandem and m.first.startswith("SIP/") and m.method == method]

    def trace(self):
        """Returns all that came and went as it was written."""
        file = self.folder / "messages.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def go_on(self):
        """Lets a scenario over UDP go on that waits for an OPTIONS; nobody answers that."""
        call_id = self.messages()[0].header("call-id")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as check:
            check.bind(("127.0.0.1", 0))
            at = f"127.0.0.1:{check.getsockname()[1]}"
            lines = [f"OPTIONS sip:127.0.0.1:{self.port} SIP/2.0", f"Via: SIP/2.0/UDP {at};branch=z9hG4bK{secrets.token_hex(8)}", "Max-Forwards: 70",
                     f"From: <sip:check@{at}>;tag=check", f"To: <sip:127.0.0.1:{self.port}>", f"Call-ID: {call_id}", "CSeq: 1 OPTIONS",
                     "Content-Length: 0"]
            check.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", self.port))

    def done(self):
        """Waits for the end of the scenario; fails with sipp's own reason."""
        code = self.process.wait(self.seconds + 10)
        if code != 0:
            raise Failure(f"{self.scenario} ended with {code}: {self._reason()} [{self.folder}]")
        return self

    def _reason(self):
        texts = [file.read_text(errors="replace") for file in self.folder.glob("*errors.log")] + [self.process.text()]
        for text in texts:
            if found := re.search(r"^.*(?:borting|unexpected|Failed|imeout).*$", text, re.M):
                return found.group(0).strip()[:240]
        return f"statuses {self.statuses()}"

    def stop(self):
        self.process.stop()


def call(daemon, scenario, *options, apart=False, **named):
    """Starts a call into Tandem; what comes `apart` comes a message at a time, as all does by TLS."""
    tls = named.get("transport") == "tls"
    if not tls and not apart:
        named.setdefault("target", daemon.address)
        return Sipp(daemon.folder, scenario, *options, **named)
    host, _, number = (daemon.secure if tls else named.pop("target", daemon.address)).rpartition(":")
    host = host.strip("[]")
    tunnel = Tunnel((host, int(number)), daemon.folder / "data/certs/ca.pem" if tls else None, host)
    run = Sipp(daemon.folder, scenario, *options, target=tunnel.address, **named)
    run.tunnel = tunnel
    return run


def far_side(daemon, scenario, *options, **named):
    """Starts what the test trunk reaches."""
    side = Sipp(daemon.folder, scenario, *options, local=daemon.far, **named)
    expect(side.process.running(), f"{scenario} did not start")
    return side
