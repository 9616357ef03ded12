"""TLS for a program that has none, such as Debian's sipp: a relay on loopback that takes TCP and passes it on by TLS, or the other way about.
It proves the server by its authority, and what either side says of TCP it says of TLS to the other, in as many letters. Without an authority it is
TCP on both sides. The program is given one message at a time: sipp takes the second in a segment for one that came before it did what follows the first."""
import re, socket, ssl, threading, time

SAID = ((b"SIP/2.0/TCP", b"SIP/2.0/TLS"), (b"transport=TCP", b"transport=TLS"), (b"transport=tcp", b"transport=tls"))


# Between two messages, in seconds, lest they are read as one segment.
APART = 0.05


def messages(data):
    """Returns the whole messages in what came by a stream (RFC 3261 §18.3), and what is left."""
    found = []
    while (head := data.find(b"\r\n\r\n")) >= 0:
        length = re.search(rb"^(?:content-length|l)[ \t]*:[ \t]*(\d+)", data[:head], re.I | re.M)
        end = head + 4 + int(length[1] if length else 0)
        if len(data) < end:
            break
        found.append(data[:end])
        data = data[end:]
    return found, data


class Tunnel:
    """Relays what is sent to `host` and `port` to the server at `target`, a pair of address and port, and back."""

    def __init__(self, target, authority=None, host="127.0.0.1", number=0):
        self.target, self.context = target, ssl.create_default_context(cafile=str(authority)) if authority else None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.door = socket.socket(family, socket.SOCK_STREAM)
        self.door.bind((host, number))
        self.door.listen()
        self.host, self.port = host, self.door.getsockname()[1]
        # What was agreed on by each connection, such as TLSv1.3.
        self.versions = []
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def address(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def _run(self):
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target, 5)
            except ConnectionRefusedError:
                near.close()  # As it is refused to who came.
                continue
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._join(near, far)

    def _join(self, near, far):
        if self.context:
            far = self.context.wrap_socket(far, server_hostname=self.target[0])
            self.versions.append(far.version())
        self._begin(near, far, SAID if self.context else (), (0, APART))

    def _begin(self, near, far, said, apart):
        """Relays both ways; `said` is what of the near side has other words at the far one, `apart` how far messages are to either from each other."""
        far.settimeout(None)
        for source, sink, words, wait in ((near, far, said, apart[0]), (far, near, [pair[::-1] for pair in said], apart[1])):
            threading.Thread(target=self._relay, args=(source, sink, words, wait), daemon=True).start()

    def _relay(self, source, sink, words, apart):
        kept, last = b"", time.monotonic()
        try:
            while data := source.recv(65536):
                found, kept = messages(kept + data)
                for message in found:
                    for old, new in words:
                        message = message.replace(old, new)
                    time.sleep(max(0.0, last + apart - time.monotonic()))
                    sink.sendall(message)
                    last = time.monotonic()
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.door.close()


class Front(Tunnel):
    """Takes TLS at a port, as who shows a certificate by `context`, and passes it on by TCP to a program that is called: `leads_to` says at which
    port, which has as many digits. Who calls hears of this port alone."""

    def __init__(self, context, number, host="127.0.0.1"):
        self.shows = context
        super().__init__(None, host=host, number=number)

    def leads_to(self, number):
        self.target = (self.host, number)

    def _join(self, near, far):
        near = self.shows.wrap_socket(near, server_side=True)
        self.versions.append(near.version())
        ports = tuple(f":{number}".encode() for number in (self.port, self.target[1]))
        self._begin(near, far, (*(pair[::-1] for pair in SAID), ports), (APART, 0))
