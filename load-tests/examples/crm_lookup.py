#!/usr/bin/env python3
"""Answers Tandem's question who comes, as a CRM would. Standard library only.

  crm_lookup.py [PORT]

Tandem's side, with private = true because this machine is not the public internet:

  [lookup]
  url = "http://127.0.0.1:8098/"
  private = true

With lookup.secret the question is signed as webhooks are; webhook_receiver.py shows how that is proved.
"""
import argparse, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What a CRM has; fields and their bounds are in PROTOCOL.md.
CUSTOMERS = {
    "+4930123456": {"name": "Ida Lovelace", "value": 7, "external": {"crm": "4711"}, "note": "Waits for a refund.",
                    "screen_pop": "https://crm.example/customer/4711"},
}


class Lookup(BaseHTTPRequestHandler):
    """Answers 200 with what is known, or 204."""

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
        found = CUSTOMERS.get(question["number"])
        print(question["interaction"], "known" if found else "unknown", flush=True)
        body = json.dumps(found).encode() if found else b""
        self.send_response(200 if found else 204)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing of its own."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", nargs="?", type=int, default=8098, help="where to listen; 8098 if left out")
    port = parser.parse_args().port
    ThreadingHTTPServer(("127.0.0.1", port), Lookup).serve_forever()
