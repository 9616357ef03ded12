"""A few SIP requests over UDP, exactly as they are told, so that a check sees what Tandem answers. No timers, no retries."""
import hashlib, re, secrets, socket
from dataclasses import dataclass

from .processes import Failure


@dataclass
class Answer:
    """A response."""
    code: int
    headers: list
    body: str

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def get(self, name):
        return (self.all(name) or [""])[0]


def read(data):
    head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
    lines = head.split("\r\n")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    first = lines[0].split(" ")
    return Answer(int(first[1]) if first[0] == "SIP/2.0" else 0, headers, body)


class Client:
    """A user agent client with one Call-ID, over UDP. With `twice`, every request leaves two times, as after a lost answer."""

    def __init__(self, server, user="tester", twice=False, host="127.0.0.1"):
        there, _, number = server.rpartition(":")
        self.server, self.user, self.twice, self.host = server, user, twice, host
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.connect((there, int(number)))
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]
        self._begin()

    via = "UDP"
    # What is said of the contact, where it is a flow (RFC 5626).
    flow = ""

    def _begin(self):
        self.call_id, self.tag, self.number = secrets.token_hex(10), secrets.token_hex(4), 0

    def request(self, method, uri, headers=(), body="", to=None, kind="application/sdp"):
        """Sends a request; returns the final answer."""
        self.number += 1
        self.branch = "z9hG4bK" + secrets.token_hex(8)
        self._send(method, uri, self.number, headers, body, to, kind)
        while True:
            try:
                answer = read(self._receive())
            except TimeoutError:
                raise Failure(f"{method} was not answered within 5 s") from None
            if answer.code >= 200 and answer.get("cseq") == f"{self.number} {method}":
                return answer

    def _receive(self):
        return self.socket.recv(65536)

    def ack(self, answer, uri):
        """Acknowledges a final answer other than 2xx, in the transaction of its INVITE."""
        self._send("ACK", uri, self.number, (), "", answer.get("to"))

    def _send(self, method, uri, number, headers, body, to, kind="application/sdp"):
        own = f"sip:{self.user}@{self.server}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.via} {self.host}:{self.port};branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: <{own}>;tag={self.tag}",
            f"To: {to or ('<' + (own if method == 'REGISTER' else uri) + '>')}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self.user}@{self.host}:{self.port}{'' if self.via == 'UDP' else ';transport=' + self.via.lower()}>{self.flow}",
            *headers,
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        for _ in range(2 if self.twice else 1):
            self.socket.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def call(self, number, body=None, headers=()):
        """Calls and acknowledges; what follows by `within` and `bye` is inside the dialog."""
        self.peer = f"sip:{number}@{self.server}"
        return self._invite(self.sdp() if body is None else body, headers, None)

    def again(self, body):
        """Sends a re-INVITE and acknowledges its answer."""
        return self._invite(body, (), self.to)

    def _invite(self, body, headers, to):
        answer = self.request("INVITE", self.peer, headers, body, to)
        if answer.code >= 300:
            self.ack(answer, self.peer)
            return answer
        self.to = answer.get("to")
        self.peer = re.search(r"<([^>]+)>", answer.get("contact")).group(1)
        self.branch = "z9hG4bK" + secrets.token_hex(8)
        late = "" if body else self.sdp()
        self._send("ACK", self.peer, self.number, (), late, self.to)
        return answer

    def key(self, key):
        """Presses a key by INFO."""
        return self.request("INFO", self.peer, body=f"Signal={key}\r\nDuration=160\r\n", to=self.to, kind="application/dtmf-relay")

    def bye(self):
        return self.request("BYE", self.peer, to=self.to)

    def bye_because(self, reason):
        """Hangs up and says why (RFC 3326)."""
        return self.request("BYE", self.peer, ["Reason: " + reason], to=self.to)

    def raw(self, data):
        """Sends bytes as they are."""
        self.socket.send(data)

    def sdp(self, direction="sendrecv", formats="0 8", version=1):
        return (f"v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio 39990 RTP/AVP {formats}\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na={direction}\r\n")

    def close(self):
        self.socket.close()


class Line(Client):
    """The same over a connection; with `tls`, an `ssl.SSLContext`, under TLS."""

    def __init__(self, server, user="tester", tls=None, host="127.0.0.1"):
        there, _, number = server.rpartition(":")
        self.server, self.user, self.twice, self.host = server, user, False, host
        self.via, self.buffer = "TLS" if tls else "TCP", b""
        self.socket = socket.create_connection((there.strip("[]"), int(number)), 5)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]
        self._begin()

    def _receive(self):
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            length = int((re.search(rb"(?im)^content-length:\s*(\d+)", head) or [0, 0])[1])
            if found and len(rest) >= length:
                self.buffer = rest[length:]
                return head + found + rest[:length]
            more = self.socket.recv(65536)
            if not more:
                raise Failure("the connection was closed")
            self.buffer += more


def digest(challenge, method, uri, user, password, nc=1):
    """Answers a digest challenge (RFC 7616 and RFC 8760)."""
    part = {name.lower(): quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', challenge)}
    algorithm = part.get("algorithm", "MD5")
    new = hashlib.sha256 if algorithm.upper() == "SHA-256" else hashlib.md5
    hash = lambda text: new(text.encode()).hexdigest()
    ha1, ha2 = hash(f"{user}:{part['realm']}:{password}"), hash(f"{method}:{uri}")
    fields = [f'username="{user}"', f'realm="{part["realm"]}"', f'nonce="{part["nonce"]}"', f'uri="{uri}"', f"algorithm={algorithm}"]
    if "qop" in part:
        cnonce, count = secrets.token_hex(8), f"{nc:08x}"
        fields += ["qop=auth", f"nc={count}", f'cnonce="{cnonce}"']
        response = hash(f"{ha1}:{part['nonce']}:{count}:{cnonce}:auth:{ha2}")
    else:
        response = hash(f"{ha1}:{part['nonce']}:{ha2}")
    if "opaque" in part:
        fields.append(f'opaque="{part["opaque"]}"')
    return "Digest " + ", ".join([*fields, f'response="{response}"'])
