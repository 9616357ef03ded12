"""A SIP phone in a browser, as far as SIP goes: RFC 7118, over the WebSocket at /sip."""
import base64, os, socket, struct, time

from .daemon import PASSWORD
from .far import Called, message
from .processes import Failure, expect
from .sip import Client, digest


class Frames:
    """A WebSocket of a client (RFC 6455) that carries one message a frame."""

    def __init__(self, host, number, origin):
        self.socket, self.buffer = socket.create_connection((host, number), 5), b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /sip HTTP/1.1\r\nHost: {host}:{number}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        expect(b" 101 " in head and b"sip" in head.lower().split(b"sec-websocket-protocol:")[-1], f"no WebSocket for SIP: {head[:200]}")

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Failure("the WebSocket was closed")
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def send(self, data, kind=1):
        mask = os.urandom(4)
        size = bytes([128 | len(data)]) if len(data) < 126 else bytes([128 | 126]) + struct.pack("!H", len(data))
        self.socket.sendall(bytes([128 | kind]) + size + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(data)))

    def recv(self, _):
        """Returns the next message; a ping is answered."""
        while True:
            kind, size = self._take(2)
            size = struct.unpack("!H", self._take(2))[0] if size == 126 else size
            data = self._take(size)
            if kind & 15 == 9:
                self.send(data, 10)
            elif kind & 15 in (1, 2):
                return data
            else:
                raise Failure(f"a frame of kind {kind & 15} came")

    def close(self):
        self.socket.close()


class WebPhone(Called, Client):
    """The registered phone of `user`. Its Contact and Via name a host that does not exist, as browsers cannot tell theirs."""

    via = "WS"

    def __init__(self, daemon, user):
        self.server, self.user, self.twice, self.host, self.port = daemon.address, user, False, "phone.invalid", 1
        self.socket = Frames("127.0.0.1", daemon.web, daemon.url)
        self.contact = f"<sip:{user}@phone.invalid;transport=ws>"
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.bind(("127.0.0.1", 0))
        self._begin()
        uri = f"sip:{daemon.address}"
        first = self.request("REGISTER", uri, ["Expires: 120"])
        expect(first.code == 401, f"REGISTER was answered {first.code}")
        proof = "Authorization: " + digest(first.get("www-authenticate"), "REGISTER", uri, user, PASSWORD)
        second = self.request("REGISTER", uri, ["Expires: 120", proof])
        expect(second.code == 200, f"with the password it was answered {second.code}")

    def _next(self, end):
        self.socket.settimeout(max(0.01, end - time.monotonic()))
        try:
            return message(self.socket.recv(65536))
        except TimeoutError:
            raise Failure("nothing came in time") from None

    def _tell(self, data, request):
        self.socket.send(data)
