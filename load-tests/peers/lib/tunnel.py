"""TLS for a program that has none, such as Debian's sipp: a relay on loopback that takes TCP and passes it on by TLS. It proves
the server by its authority, and what either side says of TCP it says of TLS to the other, in as many letters."""
import socket, ssl, threading

SAID = ((b"SIP/2.0/TCP", b"SIP/2.0/TLS"), (b"transport=TCP", b"transport=TLS"), (b"transport=tcp", b"transport=tls"))


class Tunnel:
    """Relays what is sent to `host` and `port` to the server at `target`, a pair of address and port, and back."""

    def __init__(self, target, authority, host="127.0.0.1"):
        self.target, self.context = target, ssl.create_default_context(cafile=str(authority))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.door = socket.socket(family, socket.SOCK_STREAM)
        self.door.bind((host, 0))
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
            far = self.context.wrap_socket(socket.create_connection(self.target, 5), server_hostname=self.target[0])
            far.settimeout(None)
            self.versions.append(far.version())
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, words in ((near, far, SAID), (far, near, [pair[::-1] for pair in SAID])):
                threading.Thread(target=self._relay, args=(source, sink, words), daemon=True).start()

    def _relay(self, source, sink, words):
        kept = b""
        try:
            while data := source.recv(65536):
                # No word is cut: every message, and every description, ends with a line.
                whole, end, kept = (kept + data).rpartition(b"\n")
                for old, new in words:
                    whole = whole.replace(old, new)
                if whole + end:
                    sink.sendall(whole + end)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.door.close()
