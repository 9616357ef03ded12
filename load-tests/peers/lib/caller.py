"""Voices and ears of the checks, and callers that have them: a tone out, and what came in by its frequency, in G.711 µ-law."""
import array, math, re, socket, struct, threading, time
from collections import Counter

from . import tone
from .ears import Ears
from .far import mulaw
from .sip import Client


def linear(byte):
    """Returns the sample of 16 bits that a byte of µ-law stands for (ITU-T G.711)."""
    byte = ~byte & 0xFF
    magnitude = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -magnitude if byte & 0x80 else magnitude


LINEAR = [linear(byte) for byte in range(256)]


class Voice(Ears):
    """Somebody's sound, whoever does the SIP: a tone of `hertz` once told where to; `name` is its name in failures."""

    def __init__(self, hertz, name, host="127.0.0.1", ptime=20):
        self.name, self.host = name, host
        # Milliseconds of a packet, as it is asked for and sent; and the bytes of those that came, with how many of each.
        self.ptime, self.sizes = ptime, Counter()
        # How many packets of each payload type came.
        self.kinds = Counter()
        period = [int(16000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(8000)]
        self.voice = bytes(map(mulaw, period))
        self.there, self.over, self.sent = None, False, 0
        # Whether the network is gone: what is said goes nowhere, and nothing comes.
        self.gone = False
        self.move()
        threading.Thread(target=self._speak, daemon=True).start()

    def move(self, host=None):
        """Goes on from another port, or another address, where nothing was heard yet; what comes to the one before is not heard."""
        self.host = host or self.host
        self.media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.media.bind((self.host, 0))
        self.samples = array.array("h")
        threading.Thread(target=self._hear, args=(self.media, self.samples), daemon=True).start()

    def sdp(self, direction="sendrecv", formats="0", version=1):
        return (f"v=0\r\no=- 1 {version} IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
                f"m=audio {self.media.getsockname()[1]} RTP/AVP {formats}\r\na=rtpmap:0 PCMU/8000\r\na=ptime:{self.ptime}\r\na={direction}\r\n")

    def speaks_to(self, sdp):
        """Begins to speak where an SDP says."""
        self.there = re.search(r"c=IN IP4 (\S+)", sdp)[1], int(re.search(r"m=audio (\d+)", sdp)[1])

    def packet(self):
        """Returns the next packet of the tone."""
        size = 8 * self.ptime
        at = self.sent * size % len(self.voice)
        head = struct.pack("!BBHII", 0x80, 0, self.sent & 0xFFFF, self.sent * size, 7)
        self.sent += 1
        return head + (self.voice * 2)[at:at + size]

    def _speak(self):
        while not self.over:
            there = self.there
            packet = there and self.packet()
            if packet and not self.gone:
                self.media.sendto(packet, there)
            time.sleep(self.ptime / 1000)

    def _hear(self, media, samples):
        media.settimeout(0.2)
        while not self.over and media is self.media:
            try:
                data = media.recv(2048)
            except TimeoutError:
                continue
            if self.gone:
                continue
            self.kinds[data[1] & 127] += 1
            if data[1] & 127 == 0:
                self.sizes[len(data) - 12] += 1
                samples.extend(LINEAR[byte] for byte in data[12:])

    def blocks(self, hertz):
        """Returns in how many tenths of a second since the last move the tone was heard."""
        return sum(share > 0.8 for share in tone.blocks(self.samples[:], 8000, hertz))

    def hears(self, hertz):
        """Waits until the tone was heard for half a second more."""
        self.hears_anew(hertz, 10)

    def close(self):
        self.over = True


class Caller(Voice, Client):
    """A caller with a voice."""

    def __init__(self, server, user, hertz, host="127.0.0.1", ptime=20):
        Client.__init__(self, server, user, host=host)
        Voice.__init__(self, hertz, "the caller", host, ptime)

    def close(self):
        Voice.close(self)
        Client.close(self)
