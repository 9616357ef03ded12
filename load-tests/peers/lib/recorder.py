"""A recorder outside (SIPREC, RFC 7866) over UDP, TCP or TLS: it takes what it is told to, keeps every request, and every stream by its label."""
import array, hashlib, re, secrets, select, socket, struct, threading, time
from xml.etree import ElementTree

from . import sealed, shaken, tone
from .far import Called, Request, message
from .processes import expect, until

SPACE = "{urn:ietf:params:xml:ns:recording:1}"
OURS = "{urn:tandem:recording:1}"


class Recorder(Called):
    """Answers by itself. `code` refuses every INVITE, None answers nothing; with `password` it challenges. With `tcp`, or an
    `ssl.SSLContext` as `tls`, it is reached by that alone; with `keys` it wants every stream sealed (RFC 4568). With `shakes` keys
    are made by a handshake (RFC 5764) that it begins ("active"), awaits ("passive") or leaves undone ("never"), in `folder`;
    with `shown` its description names another certificate. `early` answers in a reliable 183 (RFC 3262), and not in the 200."""

    def __init__(self, number, code=200, formats="8 0", password=None, tcp=False, tls=None, keys=False, shakes=None, shown=None, folder=None,
                 early=False):
        self.keys, self.streams, self.listener, self.tls, self.unproved = keys, {}, None, tls, []
        self.shakes, self.folder, self.shown = shakes, folder, shown
        self.early = early
        if shakes:
            own = shaken.certificate(folder)
            self.shown = shown or own
        self.number, self.code, self.formats, self.password = number, code, formats, password
        self.tag, self.nonce, self.contact = secrets.token_hex(4), secrets.token_hex(8), f"<sip:srs@127.0.0.1:{number}>;+sip.srs"
        self.requests, self.answers, self.version, self.over = [], [], 0, False
        self.lines, self.packets = [], {}
        self.via, self.socket = "TLS" if tls else "TCP" if tcp else "UDP", socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if tcp or tls:
            self.contact = f"<sip:srs@127.0.0.1:{number};transport={self.via.lower()}>;+sip.srs"
            self.listener = socket.create_server(("127.0.0.1", number))
        else:
            self.socket.bind(("127.0.0.1", number))
        threading.Thread(target=self._serve, daemon=True).start()

    # What comes in, by SIP and on every stream.
    def _serve(self):
        while not self.over:
            shaking = {line["shaken"].near: line for line in self.lines if "shaken" in line}
            sockets = [self.socket, *self.streams, *(line["socket"] for line in self.lines), *shaking, *([self.listener] if self.listener else [])]
            for ready in select.select(sockets, [], [], 0.05)[0]:
                if ready is self.listener:
                    self._welcome(ready.accept()[0])
                    continue
                if ready in self.streams:
                    self._read(ready)
                    continue
                if ready in shaking:
                    line = shaking[ready]
                    line["socket"].sendto(line["shaken"].give(), line["there"])
                    continue
                try:
                    data, source = ready.recvfrom(65536)
                except OSError:
                    return
                if ready is self.socket:
                    self._found(data, source)
                else:
                    self._hear(next(line for line in self.lines if line["socket"] is ready), data)

    # RFC 5764 §5.1.2: what is no packet is of the handshake.
    def _hear(self, line, data):
        if self.shakes and data[0] < 128:
            return "shaken" in line and line["shaken"].take(data)
        if self.shakes and "opener" not in line:
            line["opener"] = line["shaken"].opener()
        data = line["opener"].open(data) if self.keys or self.shakes else data
        self.packets.setdefault(line["label"], []).append((time.monotonic(), data))

    def _welcome(self, link):
        try:
            link.settimeout(5)
            self.streams[self.tls.wrap_socket(link, server_side=True) if self.tls else link] = b""
        except OSError as error:
            self.unproved.append(str(error))
            link.close()

    # A stream has one message after the other.
    def _read(self, link):
        data = link.recv(65536)
        while self.tls and link.pending():
            data += link.recv(65536)
        buffer = self.streams[link] + data
        if not data:
            del self.streams[link]
            return
        while b"\r\n\r\n" in buffer:
            head, _, rest = buffer.partition(b"\r\n\r\n")
            size = int(re.search(rb"Content-Length: *(\d+)", head, re.I).group(1))
            if len(rest) < size:
                break
            self._found(head + b"\r\n\r\n" + rest[:size], link)
            buffer = rest[size:]
        self.streams[link] = buffer

    def _found(self, data, source):
        found = message(data, source)
        self._take(found) if isinstance(found, Request) else self.answers.append(found)

    def _take(self, request):
        repeated = any(one.method == request.method and one.get("cseq") == request.get("cseq")
                       and one.get("call-id") == request.get("call-id") for one in self.requests)
        if not repeated:
            self.requests.append(request)
        if request.method == "ACK" or self.code is None:
            return
        if request.method == "PRACK" and not repeated:
            self.reply(request, 200, "OK")
            return self.reply(self.last("INVITE"), 200, "OK", headers=["Require: siprec"])
        if request.method != "INVITE":
            return self.reply(request, 200, "OK")
        if self.code != 200:
            return self.reply(request, self.code, "Refused")
        if self.password and not self._proved(request):
            ask = f'WWW-Authenticate: Digest realm="srs", nonce="{self.nonce}", algorithm=MD5, qop="auth"'
            return self.reply(request, 401, "Unauthorized", headers=[ask])
        if repeated:
            return
        if self.early and "tag=" not in request.get("to"):
            return self.reply(request, 183, "Session Progress", self._answer(parts(request)[0]), ["Require: 100rel", "RSeq: 1"])
        self.reply(request, 200, "OK", self._answer(parts(request)[0]), ["Require: siprec"])

    def _proved(self, request):
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', request.get("authorization")))
        if not said:
            return False
        md5 = lambda text: hashlib.md5(text.encode()).hexdigest()
        first, second = md5(f"{said['username']}:srs:{self.password}"), md5(f"INVITE:{said['uri']}")
        return said["response"] == md5(f"{first}:{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}:{second}")

    def _answer(self, offer):
        lines = offered(offer)
        for at, line in enumerate(lines):
            if at == len(self.lines):
                own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                own.bind(("127.0.0.1", 0))
                self.lines.append({"socket": own})
            self.lines[at]["label"] = line["label"]
            if self.keys and "opener" not in self.lines[at]:
                tag, told = line["keys"][sealed.SUITE]
                self.lines[at] |= {"opener": sealed.Opener(told), "own": f"{tag} {sealed.SUITE} inline:{sealed.key()}"}
            if self.shakes in ("active", "passive") and "shaken" not in self.lines[at]:
                made = shaken.Handshake(self.folder, f"openssl-{self.number}-{at}", self.shakes == "active")
                self.lines[at] |= {"there": ("127.0.0.1", line["port"]), "shaken": made}
        return self.sdp(["recvonly" if line["direction"] == "sendonly" else line["direction"] for line in lines])

    def sdp(self, directions):
        self.version += 1
        head = f"v=0\r\no=srs 1 {self.version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        def section(line, direction):
            own, profile = f"a=crypto:{line['own']}\r\n" if self.keys else "", f"RTP/{'S' * self.keys}AVP"
            if self.shakes:
                setup = "passive" if self.shakes == "passive" else "active"
                own, profile = f"a=setup:{setup}\r\na=fingerprint:sha-256 {self.shown}\r\n", "UDP/TLS/RTP/SAVP"
            return f"m=audio {line['socket'].getsockname()[1]} {profile} {self.formats}\r\na={direction}\r\n{own}"
        return head + "".join(section(line, direction) for line, direction in zip(self.lines, directions))

    def _tell(self, data, request):
        if self.listener:
            request.source.sendall(data)
        else:
            self.socket.sendto(data, request.source)

    def send(self, method, body=""):
        """Sends a request within the dialog of the last INVITE; returns its answer."""
        invite = self.last("INVITE")
        there, number = re.search(r"<([^>]+)>", invite.get("contact")).group(1), 1000 + len(self.answers)
        lines = [f"{method} {there} SIP/2.0", f"Via: SIP/2.0/{self.via} 127.0.0.1:{self.number};branch=z9hG4bK{secrets.token_hex(8)}",
                 "Max-Forwards: 70", f"From: {invite.get('to').split(';tag')[0]};tag={self.tag}", f"To: {invite.get('from')}",
                 f"Call-ID: {invite.get('call-id')}", f"CSeq: {number} {method}", f"Contact: {self.contact}", "Require: siprec",
                 *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}"]
        data = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        self._tell(data, invite)
        of = lambda: next((one for one in list(self.answers) if one.code >= 200 and one.get("cseq") == f"{number} {method}"), None)
        answer = until(of, 5, f"our {method} was not answered")
        if method == "INVITE":
            ack = data.replace(b"INVITE ", b"ACK ", 1).replace(f"CSeq: {number} INVITE".encode(), f"CSeq: {number} ACK".encode())
            head = re.sub(rb"Content-\w+: [^\r]+\r\n|Require: siprec\r\n", b"", ack.partition(b"\r\n\r\n")[0] + b"\r\n")
            to = answer.get("to").encode()
            head = re.sub(rb"To: [^\r]+", b"To: " + to, head)
            self._tell(head + b"Content-Length: 0\r\n\r\n", invite)
        return answer

    # What was told.
    def all(self, method):
        return [request for request in list(self.requests) if request.method == method]

    def last(self, method):
        return self.all(method)[-1]

    def told(self, what, matches, method="INVITE", seconds=15):
        """Waits for a request whose metadata matches; returns its description, its metadata and itself."""
        def found():
            for request in reversed(self.all(method)):
                sdp, metadata = parts(request)
                if metadata and matches(offered(sdp or ""), Metadata(metadata)):
                    return offered(sdp or ""), Metadata(metadata), request
            return None
        return until(found, seconds, lambda: f"never told {what}: {[parts(one) for one in self.all(method)][-1:]}")

    # What was heard.
    def shares(self, label, hertz, since):
        """Returns for each 100 ms of a stream since then whether the tone is in it."""
        sound = array.array("h")
        for at, data in list(self.packets.get(label, [])):
            if at >= since and data[1] & 127 in (0, 8):
                law = ALAW if data[1] & 127 == 8 else ULAW
                sound.extend(law[byte] for byte in data[12:])
        return [share > 0.8 for share in tone.blocks(sound, 8000, hertz)]

    def hears(self, label, hertz, least=12, seconds=15):
        """Waits until a stream carries a tone from now on."""
        since = time.monotonic()
        until(lambda: sum(self.shares(label, hertz, since)) >= least, seconds,
              lambda: f"{hertz} Hz is not on stream {label}: {len(self.packets.get(label, []))} packets, {sum(self.shares(label, hertz, since))} blocks")

    def silent(self, seconds=1.5, labels=None):
        """Expects that no packet comes, after what is on its way."""
        time.sleep(0.3)
        since = time.monotonic()
        time.sleep(seconds)
        late = {label: sum(at > since for at, _ in list(packets)) for label, packets in self.packets.items() if labels is None or label in labels}
        expect(not any(late.values()), f"something is sent: {late}")

    def close(self):
        self.over = True
        self.socket.close()


class Metadata:
    """What the metadata of a request says (RFC 7865), checked for what must hold of all."""

    def __init__(self, text):
        self.root = ElementTree.fromstring(text)
        expect(self.root.tag == SPACE + "recording", f"the root is {self.root.tag}")
        expect(self.root.findtext(SPACE + "datamode") == "complete", "it is not complete")
        one = lambda name: self.root.findall(SPACE + name)
        self.session = one("session")[0]
        self.interaction = self.session.findtext(f"{OURS}tandem/{OURS}interaction")
        self.stopped = self.session.findtext(SPACE + "stop-time")
        self.aor = {item.get("participant_id"): item.find(SPACE + "nameID").get("aor") for item in one("participant")}
        self.label = {item.get("stream_id"): item.findtext(SPACE + "label") for item in one("stream")}
        self.stays = {item.get("participant_id"): item.findtext(SPACE + "disassociate-time") for item in one("participantsessionassoc")}
        self.streams = {item.get("participant_id"): ([x.text for x in item.findall(SPACE + "send")], [x.text for x in item.findall(SPACE + "recv")])
                        for item in one("participantstreamassoc")}
        expect(set(self.stays) == set(self.aor), "not everybody is associated with the session")
        session = self.session.get("session_id")
        expect(all(item.get("session_id") == session for name in ("stream", "sessionrecordingassoc", "participantsessionassoc") for item in one(name)),
               "there is another session")
        said = {stream for sent, heard in self.streams.values() for stream in sent + heard}
        expect(said <= set(self.label), "a stream is sent that is not there")

    def sender(self, label):
        """Returns the address of record whose stream has a label."""
        for who, (sent, _) in self.streams.items():
            if any(self.label[stream] == label for stream in sent):
                return self.aor[who]
        return None

    def left(self):
        """Returns who has left."""
        return {self.aor[who] for who, until in self.stays.items() if until}


def parts(request):
    """Returns description and metadata of a request, where they are there."""
    kind = request.get("content-type")
    found = {kind: request.body} if not kind.startswith("multipart/mixed") else {}
    if not found and kind:
        boundary = "--" + kind.split("boundary=")[1].strip('"')
        pieces = request.body.split(boundary)
        expect(pieces[0] == "" and pieces[-1].startswith("--"), "the body is no multipart")
        for piece in pieces[1:-1]:
            head, _, content = piece.lstrip("\r\n").partition("\r\n\r\n")
            named = dict(line.split(": ", 1) for line in head.split("\r\n"))
            found[named["Content-Type"]] = content.removesuffix("\r\n")
            if named["Content-Type"].endswith("+xml"):
                expect(named["Content-Disposition"] == "recording-session", f"it is for {named['Content-Disposition']}")
    return found.get("application/sdp"), found.get("application/rs-metadata+xml")


def offered(sdp):
    """Returns the lines of a description."""
    lines = []
    for text in sdp.split("\r\n"):
        if text.startswith("m="):
            lines.append({"port": int(text.split(" ")[1]), "formats": text.split(" ")[3:], "label": None, "direction": "sendrecv", "keys": {}})
        elif text.startswith("a=label:"):
            lines[-1]["label"] = text[8:]
        elif lines and text.startswith("a=crypto:"):
            tag, suite, key = text.removeprefix("a=crypto:").split(" ")[:3]
            lines[-1]["keys"][suite] = tag, key.removeprefix("inline:").split("|")[0]
        elif lines and text in ("a=sendonly", "a=inactive", "a=recvonly", "a=sendrecv"):
            lines[-1]["direction"] = text[2:]
    return lines


def _alaw(byte):
    byte ^= 0x55
    exponent, mantissa = byte >> 4 & 7, byte & 15
    magnitude = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 0x108 << exponent - 1
    return magnitude if byte & 0x80 else -magnitude


def _ulaw(byte):
    byte = ~byte & 0xFF
    magnitude = ((byte & 15) << 3) + 132 << (byte >> 4 & 7)
    return 132 - magnitude if byte & 0x80 else magnitude - 132


ALAW, ULAW = [_alaw(byte) for byte in range(256)], [_ulaw(byte) for byte in range(256)]
