"""A small DNS server on loopback that says what a zone says, a record a line; what is not in it is not there (RFC 1035)."""
import socket, struct, threading

from .processes import port

KINDS = {"A": 1, "SOA": 6, "AAAA": 28, "SRV": 33, "NAPTR": 35}


def _name(text):
    labels = [label for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def _text(text):
    return bytes([len(text)]) + text.encode()


def _data(kind, words):
    if kind == "A":
        return socket.inet_aton(words[0])
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, words[0])
    if kind == "SRV":
        return struct.pack("!HHH", *map(int, words[:3])) + _name(words[3])
    return struct.pack("!HH", *map(int, words[:2])) + _text(words[2]) + _text(words[3]) + _text("") + _name(words[4])


def _asked(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode().lower())
        at += packet[at] + 1
    return ".".join(labels), struct.unpack("!H", packet[at + 1:at + 3])[0], packet[12:at + 5]


class Dns:
    """Answers from `zone` (text: `NAME KIND fields…`) with this time to live. `dead` makes it say nothing."""

    def __init__(self, zone, ttl=60):
        self.ttl, self.dead, self.asked = ttl, False, []
        self.say(zone)
        self.port = port()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def say(self, zone):
        """Puts another zone in place of the one before."""
        records = {}
        for line in filter(None, map(str.strip, zone.splitlines())):
            name, kind, *words = line.split()
            records.setdefault((name.lower(), KINDS[kind]), []).append(_data(kind, words))
        self.records = records

    def stop(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                packet, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            name, kind, question = _asked(packet)
            self.asked.append((name, kind))
            if self.dead:
                continue
            found = self.records.get((name, kind), [])
            exists = any(known == name for known, _ in self.records)
            answers = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(data)) + data for data in found]
            soa = _name("ns.example") + _name("root.example") + struct.pack("!IIIII", 1, 60, 60, 60, self.ttl)
            authority = b"" if found else b"\0" + struct.pack("!HHIH", KINDS["SOA"], 1, self.ttl, len(soa)) + soa
            flags = 0x8580 if found or exists else 0x8583
            head = packet[:2] + struct.pack("!HHHHH", flags, 1, len(answers), 0 if found else 1, 0)
            self.socket.sendto(head + question + b"".join(answers) + authority, peer)
