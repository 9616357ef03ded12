"""Every message of RFC 4475 and RFC 5118, sent to the running daemon and answered as those documents say, by datagram and on
a connection, with nothing left behind."""
import json, re, socket, time
from pathlib import Path

from lib.processes import expect, until
from lib.sip import Client, read

FOLDER = Path(__file__).resolve().parents[3] / "sip" / "tests" / "torture"
# Answers go to the port that the message's own Via names, on the address it came from: each message has one that nobody else
# has, so that nobody's answer is taken for another's.
OWN = "127.77.0.{}"
# How long an answer is waited for; a message that is not to be answered is followed by one that is.
PATIENCE = 0.4


def cases():
    return json.loads((FOLDER / "index.json").read_text())


def fits(case, code):
    """Tells whether the documents allow an answer, or none."""
    if code is None:
        return "silent" in case["must"] + case["may"]
    words = case["must"] + case["may"]
    allowed = code in words or "any" in words or ("any4xx" in words and 400 <= code < 500)
    return allowed and code not in case["must_not"]


def ports(data):
    """Returns every port a Via of the message could name; without one it is 5060."""
    head = data.partition(b"\r\n\r\n")[0].decode(errors="replace")
    found = re.findall(r"[\w\].]\s*:\s*(\d{2,5})\b", head)
    return {5060, 5061, *(int(port) for port in found if 1023 < int(port) < 65536)}


class Mailbox:
    """Receives on every port that an answer may go to."""

    def __init__(self, data, number):
        self.sockets = []
        for port in ports(data):
            box = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            box.bind((OWN.format(number), port))
            box.setblocking(False)
            self.sockets.append(box)

    def final(self, seconds):
        """Returns the first final answer that comes, and all that came."""
        end, came = time.monotonic() + seconds, []
        while time.monotonic() < end:
            for box in self.sockets:
                try:
                    came.append(read(box.recv(65536)))
                except BlockingIOError:
                    continue
                if came[-1].code >= 200:
                    return came[-1], came
            time.sleep(0.005)
        return None, came

    def close(self):
        for box in self.sockets:
            box.close()


def alive(daemon):
    answer = Client(daemon.address).request("OPTIONS", f"sip:{daemon.address}")
    return answer.code == 200


def nothing_is_left(daemon):
    left = ("tandem_sip_calls_live", "tandem_sip_transactions", "tandem_calls_live", "tandem_legs_live")
    gone = lambda: not any(daemon.metric(name) for name in left)
    # RFC 3261 §17.2.1, timer H: an answer that nobody acknowledges is kept for 32 s.
    until(gone, 45, lambda: f"left behind: {({name: daemon.metric(name) for name in left})}")


def every_datagram_is_answered_as_its_document_says(daemon):
    wrong = []
    for number, case in enumerate(cases(), 1):
        data = (FOLDER / case["file"]).read_bytes()
        mailbox = Mailbox(data, number)
        sender = mailbox.sockets[0]
        sender.sendto(data, ("127.0.0.1", daemon.sip))
        silent = case["must"] == ["silent"]
        answer, came = mailbox.final(PATIENCE if silent else 4)
        code = answer and answer.code
        if not fits(case, code):
            wrong.append(f"{case['file']} ({case['section']} {case['title']}) was answered {code}, not {case['must']}")
        if case["file"] == "dblreq.dat" and not all("REGISTER" in one.get("cseq") for one in came):
            wrong.append("what follows the message in dblreq.dat was answered too")
        if case["file"] == "bext01.dat" and answer and "nothingSupportsThis" not in ",".join(answer.all("unsupported")):
            wrong.append("bext01.dat was not told what is not supported")
        if not alive(daemon):
            wrong.append(f"no OPTIONS was answered after {case['file']}")
        mailbox.close()
    expect(not wrong, "; ".join(wrong))
    nothing_is_left(daemon)


def every_message_on_a_connection_is_answered_or_ends_it(daemon):
    wrong = []
    for case in cases():
        data = (FOLDER / case["file"]).read_bytes()
        with socket.create_connection(("127.0.0.1", daemon.sip), 5) as line:
            line.settimeout(PATIENCE if "silent" in case["must"] + case["may"] else 4)
            line.sendall(data)
            code, bytes_ = None, b""
            try:
                while code is None and (more := line.recv(65536)):
                    bytes_ += more
                    finals = [int(code) for code in re.findall(rb"^SIP/2.0 (\d{3})", bytes_, re.M) if int(code) >= 200]
                    code = finals[0] if finals else None
                closed = code is None
            except TimeoutError:
                closed = False
            except ConnectionResetError:
                closed = True
        # A length that is not what follows: the rest is waited for. One that cannot be: the connection ends.
        waits = case["file"] == "clerr.dat"
        # On a connection, what has no length has no end (RFC 3261 §18.3).
        framed = re.search(rb"^(content-length|l)\s*:", data, re.I | re.M)
        if not (fits(case, code) or closed or waits or not framed):
            wrong.append(f"{case['file']} was answered {code}, not {case['must']}")
        if not alive(daemon):
            wrong.append(f"no OPTIONS was answered after {case['file']}")
    expect(not wrong, "; ".join(wrong))
    nothing_is_left(daemon)


CHECKS = [every_datagram_is_answered_as_its_document_says, every_message_on_a_connection_is_answered_or_ends_it]
