"""A network that vouches for numbers (STIR): who signs its certificate, that certificate on a web server, and its signatures."""
import base64, datetime, http.server, ipaddress, json, ssl, threading, time, uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

TN_AUTH_LIST = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def name(words):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, words)])


def certificate(subject, key, issuer, signer, *extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=2)))
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    return made.sign(signer, hashes.SHA256())


class Network:
    """`numbers` is the certificate's TNAuthList in DER, where it has one. The web server gives the certificate at /net.pem at
    once, and at /slow.pem after ten seconds."""

    def __init__(self, folder, numbers=None):
        self.folder = folder
        self.root_key, self.key, self.other_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        ca = [(x509.BasicConstraints(ca=True, path_length=None), True)]
        self.root = certificate("Root of numbers", self.root_key, "Root of numbers", self.root_key, *ca)
        listed = [(x509.UnrecognizedExtension(TN_AUTH_LIST, numbers), False)] if numbers else []
        self.certificate = certificate("Network", self.key, "Root of numbers", self.root_key, *listed)
        host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        self.web_key = ec.generate_private_key(ec.SECP256R1())
        web = certificate("Web", self.web_key, "Root of numbers", self.root_key, (host, False))
        self.write("roots.pem", self.root)
        self.write("web.pem", web)
        self.write("net.pem", self.certificate)
        for file, key in (("web.key", self.web_key), ("net.key", self.key)):
            (folder / file).write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                          serialization.NoEncryption()))
        self.asked = []
        self.serve()

    def write(self, file, made):
        (self.folder / file).write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def serve(self):
        network = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                network.asked.append(self.path)
                if self.path == "/slow.pem":
                    time.sleep(10)
                body = (network.folder / "net.pem").read_bytes()
                try:
                    self.send_response(200)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # Who asked did not wait.

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.folder / "web.pem", self.folder / "web.key")
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def identity(self, caller, called, attest="A", age=0, file="net.pem", key=None):
        """Returns the Identity header field of a call, `age` seconds old."""
        url = f"{self.url}/{file}"
        said = {"attest": attest, "dest": {"tn": [called.lstrip("+")]}, "iat": int(time.time()) - age,
                "orig": {"tn": caller.lstrip("+")}, "origid": str(uuid.uuid4())}
        return self.signed("shaken", said, url, key)

    def diversion(self, caller, left, called, key=None):
        """Returns the Identity header field of who diverts a call from one number to another (RFC 8946)."""
        said = {"dest": {"tn": [called.lstrip("+")]}, "div": {"tn": left.lstrip("+")}, "iat": int(time.time()),
                "orig": {"tn": caller.lstrip("+")}}
        return self.signed("div", said, f"{self.url}/net.pem", key)

    def signed(self, kind, said, url, key):
        head = {"alg": "ES256", "ppt": kind, "typ": "passport", "x5u": url}
        signed = ".".join(text(json.dumps(part, separators=(",", ":")).encode()) for part in (head, said))
        r, s = decode_dss_signature((key or self.key).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{text(r.to_bytes(32) + s.to_bytes(32))};info=<{url}>;alg=ES256;ppt={kind}"


def read(identity, public_key):
    """Checks the signature of an Identity header field; returns the head, what is said, and the parameters behind."""
    token, *params = identity.split(";")
    head, said, signature = token.split(".")
    made = data(signature)
    signature = encode_dss_signature(int.from_bytes(made[:32]), int.from_bytes(made[32:]))
    public_key.verify(signature, f"{head}.{said}".encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(data(head)), json.loads(data(said)), dict(param.strip().split("=", 1) for param in params)
