"""SRTP (RFC 3711) under a key that a description told (RFC 4568), as far as a recorder needs it: packets are proved and opened."""
import base64, hashlib, hmac, secrets, struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .processes import expect

SUITE = "AES_CM_128_HMAC_SHA1_80"


def key():
    """Returns a key and salt as descriptions write them."""
    return base64.b64encode(secrets.token_bytes(30)).decode()


def stream(key, counter, size):
    """Returns `size` bytes of AES in counter mode."""
    return Cipher(algorithms.AES(key), modes.CTR(counter.to_bytes(16))).encryptor().update(bytes(size))


class Opener:
    """Opens what one source sends, in order as far as the count of its rollovers goes."""

    def __init__(self, told):
        master = base64.b64decode(told)
        salt = int.from_bytes(master[16:])
        derived = lambda label, size: stream(master[:16], (salt ^ label << 48) << 16, size)
        self.key, self.proof, self.salt = derived(0, 16), derived(1, 20), int.from_bytes(derived(2, 14))
        self.rolled, self.last = 0, None

    def open(self, packet):
        sequence, source = struct.unpack("!2xH4xI", packet[:12])
        if self.last is not None and self.last > 0xF000 and sequence < 0x1000:
            self.rolled += 1
        self.last = sequence
        body, tag = packet[:-10], packet[-10:]
        made = hmac.new(self.proof, body + struct.pack("!I", self.rolled), hashlib.sha1).digest()[:10]
        expect(made == tag, "a packet to the recorder is not proved by its key")
        counter = self.salt << 16 ^ source << 64 ^ (self.rolled << 16 | sequence) << 16
        mask = stream(self.key, counter, len(body) - 12)
        return body[:12] + bytes(byte ^ other for byte, other in zip(body[12:], mask))
