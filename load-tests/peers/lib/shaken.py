"""A DTLS-SRTP handshake (RFC 5764) that openssl makes for a stream of ours; its datagrams pass the stream's own socket."""
import base64, hashlib, re, socket, ssl, subprocess

from . import sealed
from .processes import Process, port, until

PROFILE = "SRTP_AES128_CM_SHA1_80"


class Handshake:
    """`active` begins it, else it waits for the other side. What openssl sends comes out of `near`."""

    def __init__(self, folder, name, active):
        self.active, self.near = active, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        number = port()
        self.there = None if active else ("127.0.0.1", number)
        how = ["s_client", "-connect", f"127.0.0.1:{self.near.getsockname()[1]}"] if active else ["s_server", "-accept", f"127.0.0.1:{number}"]
        command = ["openssl", *how, "-dtls1_2", "-cert", "dtls.pem", "-key", "dtls.key", "-use_srtp", PROFILE,
                   "-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", "60"]
        # It ends with what it reads.
        self.process = Process(name, command, folder, stdin=subprocess.PIPE)
        if not active:
            until(lambda: "ACCEPT" in self.process.text(), 10, "openssl does not wait for a handshake")

    def take(self, data):
        """Takes a datagram of the handshake from the other side."""
        if self.there:
            self.near.sendto(data, self.there)

    def give(self):
        """Returns a datagram for the other side."""
        data, self.there = self.near.recvfrom(65536)
        return data

    def opener(self):
        """Returns what opens the other side's packets, once its key is there."""
        said = until(lambda: re.search(r"Keying material: ([0-9A-F]{120})", self.process.text()), 5, "openssl has no keys")
        keys = bytes.fromhex(said.group(1))
        # The client's comes first; the other side is the server where we begin.
        key, salt = (keys[16:32], keys[46:60]) if self.active else (keys[:16], keys[32:46])
        return sealed.Opener(base64.b64encode(key + salt).decode())


def certificate(folder):
    """Makes dtls.pem and dtls.key; returns their fingerprint as descriptions write it."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=srs",
            "-keyout", "dtls.key", "-out", "dtls.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True, timeout=30)
    der = ssl.PEM_cert_to_DER_cert((folder / "dtls.pem").read_text())
    return hashlib.sha256(der).digest().hex(":").upper()
