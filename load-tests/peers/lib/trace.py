"""What SIP messages were seen, read off the traces that sipp and baresip keep, and what they say of Session-ID."""
import re
from dataclasses import dataclass

SESSION = re.compile(r"^([0-9a-f]{32})(?:;remote=([0-9a-f]{32}))?$")
START = re.compile(r"^(?:SIP/2\.0 \d{3} .*|[A-Z]+ sips?:\S+ SIP/2\.0)$")


@dataclass
class Message:
    """One message of a trace. `by_tandem` tells whether Tandem sent it."""
    by_tandem: bool
    first: str
    headers: list

    def header(self, name):
        values = [value for key, value in self.headers if key == name.lower()]
        return values[0] if values else None

    @property
    def method(self):
        return (self.header("cseq") or "").split(" ")[-1]


def _message(lines, by_tandem):
    first, headers = lines[0].strip(), []
    for line in lines[1:]:
        if not line.strip():
            break
        name, _, value = line.partition(":")
        headers.append((name.strip().lower(), value.strip()))
    return Message(by_tandem, first, headers)


def sipp(path):
    """Reads a sipp message file; what sipp received, Tandem sent."""
    text = path.read_text(errors="replace") if path.exists() else ""
    found = []
    for part in re.split(r"^-{20,}.*$", text, flags=re.M)[1:]:
        lines = part.strip("\n").splitlines()
        at = next((n for n, line in enumerate(lines) if START.match(line.strip())), None)
        if at is not None:
            found.append(_message(lines[at:], "received" in "\n".join(lines[:at])))
    return found


def baresip(text, own_port):
    """Reads baresip's trace (`-s`); it names who sent what to whom."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    found = []
    for part in re.split(r"^#$", plain, flags=re.M)[1:]:
        lines = part.strip("\n").splitlines()
        at = next((n for n, line in enumerate(lines) if START.match(line.strip())), None)
        if at is not None and at > 0:
            source = lines[0].split("->")[0]
            found.append(_message(lines[at:], f":{own_port}" not in source))
    return found


def one_session(messages, interaction=None):
    """Checks that every message Tandem sent in a call has the same local Session-ID; returns it."""
    sent = [m for m in messages if m.by_tandem and m.method != "REGISTER" and m.method != "OPTIONS"]
    if not sent:
        raise AssertionError("no message of Tandem is in the trace")
    local = set()
    for message in sent:
        value = message.header("session-id")
        match = SESSION.match(value or "")
        if not match:
            raise AssertionError(f"Tandem sent {message.first!r} ({message.method}) with Session-ID {value!r}")
        local.add(match.group(1))
    if len(local) != 1:
        raise AssertionError(f"one interaction, but {len(local)} ids in Session-ID: {local}")
    found = local.pop()
    if interaction and found != interaction:
        raise AssertionError(f"Session-ID has {found}, the interaction is {interaction}")
    return found
