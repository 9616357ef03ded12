#!/usr/bin/env python3
"""Takes webhooks: proves each signature, takes each fact once, prints one line a fact. Standard library only.

  SECRET=whsec_... webhook_receiver.py [PORT]

Tandem's side, with private = true because this machine is not the public internet:

  [webhook.example]
  url = "http://127.0.0.1:8099/"
  secret = "whsec_..."
  private = true
"""
import argparse, base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A post whose time is further away than this many seconds may be one that somebody recorded and sends again.
TOLERANCE = 300
# Facts that were taken; a program that does something with them keeps these where it keeps what it did.
TAKEN = set()


def key(secret):
    """Returns the bytes a secret stands for."""
    encoded = secret.removeprefix("whsec_")
    return base64.b64decode(encoded) if encoded != secret else secret.encode()


def is_signed(secret, headers, body, now):
    """Tells whether a post is signed with `secret`, and lately."""
    name, sent, signatures = (headers.get(f"webhook-{part}") or "" for part in ("id", "timestamp", "signature"))
    if not sent.isdigit() or abs(now - int(sent)) > TOLERANCE:
        return False
    digest = hmac.new(key(secret), f"{name}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, one) for one in signatures.split(" "))


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 for what is taken and 401 for what is not signed."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        signed = is_signed(os.environ["SECRET"], self.headers, body, time.time())
        if signed:
            fact = json.loads(body)
            if fact["id"] not in TAKEN:
                TAKEN.add(fact["id"])
                print(fact["type"], fact["interaction"] or "-", json.dumps(fact["data"]), flush=True)
        else:
            print("refused: not signed by us, or long ago", file=sys.stderr, flush=True)
        self.send_response(204 if signed else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing of its own."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", nargs="?", type=int, default=8099, help="where to listen; 8099 if left out")
    port = parser.parse_args().port
    if not os.environ.get("SECRET"):
        parser.error("the environment has no SECRET")
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
