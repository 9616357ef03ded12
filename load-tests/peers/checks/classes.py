"""The class that packets are marked with, as whoever receives them sees it, over IPv4 and IPv6."""
import secrets, socket, time

from lib import sip
from lib.processes import expect

from .transports import on_ipv6

# socket has no names for what Linux tells of a packet's class.
IP_RECVTOS, IP_TOS, IPV6_RECVTCLASS, IPV6_TCLASS = 13, 1, 66, 67


class Ear:
    """A socket that sees the class of what it receives."""

    def __init__(self, family):
        self.six = family == socket.AF_INET6
        self.host = "::1" if self.six else "127.0.0.1"
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((self.host, 0))
        self.socket.settimeout(10)
        level, name = (socket.IPPROTO_IPV6, IPV6_RECVTCLASS) if self.six else (socket.IPPROTO_IP, IP_RECVTOS)
        self.socket.setsockopt(level, name, 1)
        self.port = self.socket.getsockname()[1]

    def next(self):
        """Returns a datagram, and its class in the upper six bits."""
        data, notes, _, _ = self.socket.recvmsg(65536, 256)
        wanted = (socket.IPPROTO_IPV6, IPV6_TCLASS) if self.six else (socket.IPPROTO_IP, IP_TOS)
        classes = [value[0] for level, name, value in notes if (level, name) == wanted]
        expect(classes, "the system does not tell the class")
        return data, classes[0] >> 2


def seen(daemon, family):
    """Calls, and returns the classes of Tandem's SIP and of its RTP."""
    signals, voice = Ear(family), Ear(family)
    host = f"[{signals.host}]" if signals.six else signals.host
    kind = "IP6" if signals.six else "IP4"
    body = (f"v=0\r\no=- 1 1 IN {kind} {voice.host}\r\ns=-\r\nc=IN {kind} {voice.host}\r\nt=0 0\r\n"
            f"m=audio {voice.port} RTP/AVP 8\r\na=sendrecv\r\n")
    key, there = secrets.token_hex(8), (signals.host, daemon.sip)
    common = (f"From: <sip:+493012345@{host}>;tag={key}\r\nCall-ID: {key}\r\nMax-Forwards: 70\r\n"
              f"Contact: <sip:me@{host}:{signals.port}>\r\n")

    def send(method, number, to, text=""):
        signals.socket.sendto((
            f"{method} sip:support@{host}:{daemon.sip} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{signals.port};branch=z9hG4bK{key}{method}\r\n"
            f"To: {to}\r\nCSeq: {number} {method}\r\n{common}" + ("Content-Type: application/sdp\r\n" if text else "") +
            f"Content-Length: {len(text)}\r\n\r\n{text}").encode(), there)

    to = f"<sip:support@{host}>"
    send("INVITE", 1, to, body)
    answer, until = None, time.monotonic() + 10
    while answer is None or answer.code < 200:
        expect(time.monotonic() < until, "the call was not answered")
        data, signalling = signals.next()
        answer = sip.read(data)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    send("ACK", 1, answer.get("to"))
    sound = voice.next()[1]
    send("BYE", 2, answer.get("to"))
    return signalling, sound


def packets_are_marked_for_both_families(daemon):
    expect(seen(daemon, socket.AF_INET) == (24, 46), "SIP is not CS3, or voice is not EF")
    daemon.stop()
    daemon.env |= {**on_ipv6(daemon), "TANDEM_SIP__DSCP": "af31", "TANDEM_RTP__DSCP": "cs5"}
    daemon.start()
    found = seen(daemon, socket.AF_INET6)
    expect(found == (26, 40), f"the classes asked for are not those seen over IPv6: {found}")


CHECKS = [packets_are_marked_for_both_families]
