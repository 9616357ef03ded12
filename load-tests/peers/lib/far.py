"""What the test trunk reaches, told by a check message by message: for calls that no scenario of sipp can be written for."""
import math, re, secrets, socket, struct, threading, time
from dataclasses import dataclass

from .processes import Failure, expect
from .sip import read


@dataclass
class Request:
    """A request that came."""
    first: str
    headers: list
    body: str
    source: tuple

    @property
    def method(self):
        return self.first.split(" ")[0]

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def get(self, name):
        return (self.all(name) or [""])[0]


class Called:
    """Who is called: `_next` returns what comes next until a time, `_tell` sends an answer where its request came from."""

    def comes(self, method, seconds=20):
        """Waits for a request; what else comes meanwhile, repeated requests and answers, is passed over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._next(end)
            if isinstance(found, Request) and found.method == method:
                return found
        raise Failure(f"no {method} came within {seconds} s")

    def comes_next(self, method, seconds=20):
        """The same, and no other request may come meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._next(end)
            if isinstance(found, Request):
                expect(found.method == method, f"{found.first} came, and no {method}")
                return found
        raise Failure(f"no {method} came within {seconds} s")

    def reply(self, request, code, reason, body="", headers=(), tag=None):
        """Answers a request, as one of several phones where a tag is given."""
        to = request.get("to")
        to += "" if "tag=" in to else f";tag={tag or self.tag}"
        lines = [f"SIP/2.0 {code} {reason}", *(f"Via: {via}" for via in request.all("via")),
                 f"From: {request.get('from')}", f"To: {to}", f"Call-ID: {request.get('call-id')}", f"CSeq: {request.get('cseq')}",
                 f"Contact: {self.contact}", *headers, *(["Content-Type: application/sdp"] if body else []),
                 f"Content-Length: {len(body)}"]
        self._tell(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), request)


def message(data, source=None):
    """Returns a request or an answer."""
    found = read(data)
    return found if found.code else Request(data.split(b"\r\n", 1)[0].decode(), found.headers, found.body, source)


class Far(Called):
    """A user agent server over UDP with one call. It repeats nothing: on loopback nothing is lost."""

    def __init__(self, daemon):
        self.address, self.tag, self.number = ("127.0.0.1", daemon.far), secrets.token_hex(4), 0
        self.contact = f"<sip:far@127.0.0.1:{daemon.far}>"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        self.over = False
        self.moves()

    def moves(self):
        """Sends and hears sound at another port from now on; returns the socket of before."""
        before = getattr(self, "media", None)
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.bind(("127.0.0.1", 0))
        self.media.settimeout(5)
        return before

    def answer(self, method, seconds=5):
        """Waits for the final answer to a request of ours."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._next(end)
            if not isinstance(found, Request) and found.code >= 200 and found.get("cseq").endswith(method):
                return found
        raise Failure(f"our {method} was not answered within {seconds} s")

    def _next(self, end):
        self.socket.settimeout(max(0.01, end - time.monotonic()))
        try:
            data, source = self.socket.recvfrom(65536)
        except TimeoutError:
            raise Failure("nothing came in time") from None
        return message(data, source)

    def _tell(self, data, request):
        self.socket.sendto(data, request.source)

    def send(self, method, invite, body="", number=None, branch=None, headers=(), kind="application/sdp"):
        """Sends a request within the dialog that `invite` began; returns its branch."""
        self.number += number is None
        number, branch = number or self.number, branch or "z9hG4bK" + secrets.token_hex(8)
        there = re.search(r"<([^>]+)>", invite.get("contact")).group(1)
        lines = [f"{method} {there} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{self.address[1]};branch={branch};rport", "Max-Forwards: 70",
                 f"From: {invite.get('to')};tag={self.tag}", f"To: {invite.get('from')}", f"Call-ID: {invite.get('call-id')}",
                 f"CSeq: {number} {method}", f"Contact: {self.contact}",
                 *headers, *([f"Content-Type: {kind}"] if body else []), f"Content-Length: {len(body)}"]
        self.socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), invite.source)
        return branch

    def sdp(self, version=1, formats="0", direction="sendrecv"):
        return (f"v=0\r\no=far 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {self.media.getsockname()[1]} RTP/AVP {formats}\r\na={direction}\r\n")

    def plays(self, hertz, sdp, seconds):
        """Sends a tone in G.711 µ-law where an SDP says, in the background."""
        port = int(re.search(r"m=audio (\d+)", sdp).group(1))

        def play():
            for n in range(seconds * 50):
                if self.over:
                    return
                sound = bytes(mulaw(int(16000 * math.sin(2 * math.pi * hertz * (n * 160 + at) / 8000))) for at in range(160))
                self.media.sendto(struct.pack("!BBHII", 0x80, 0, n, n * 160, 7) + sound, ("127.0.0.1", port))
                time.sleep(0.02)
        threading.Thread(target=play, daemon=True).start()

    def formats(self, packets=10):
        """Returns the payload types of the next packets of sound."""
        found = set()
        for _ in range(packets):
            try:
                found.add(self.media.recv(2048)[1] & 127)
            except TimeoutError:
                raise Failure("no sound came within 5 s") from None
        return found

    def close(self):
        # What plays may be about to send once more, so its socket goes with this object.
        self.over = True
        self.socket.close()


def mulaw(sample):
    """Returns a sample of 16 bits in µ-law (ITU-T G.711)."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 15) & 0xFF
