#!/usr/bin/env python3
"""Promises a call, once, however often this is run for the same order. Standard library only.

  TOKEN=tdm_... place_callback.py http://127.0.0.1:8080 +4930123456 ORDER

The token needs the scope write:callbacks (`tandem token api shop --scope write:callbacks`). Prints the callback and its
interaction. The order's number is the idempotency key: a request that timed out is simply sent again.
"""
import argparse, json, os, sys, urllib.error, urllib.request


def place(url, token, number, order, queue="support"):
    """Asks for a call as soon as an agent is free; returns the promise, and whether it had been made before."""
    wish = {"number": number, "queue": queue}
    request = urllib.request.Request(f"{url}/api/v1/callbacks", method="POST", data=json.dumps(wish).encode(), headers={
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "idempotency-key": f"order-{order}",
    })
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read()), answer.headers.get("idempotency-replayed") == "true"


def usage():
    """Returns what reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where Tandem is, such as http://127.0.0.1:8080")
    parser.add_argument("number", help="whom to call, such as +4930123456")
    parser.add_argument("order", help="the order's number")
    return parser


if __name__ == "__main__":
    parser = usage()
    given = parser.parse_args()
    if not os.environ.get("TOKEN"):
        parser.error("the environment has no TOKEN")
    try:
        promise, replayed = place(given.url.rstrip("/"), os.environ["TOKEN"], given.number, given.order)
    except urllib.error.HTTPError as error:
        # application/problem+json says in `detail` what was wrong and what would be right.
        sys.exit(json.loads(error.read())["detail"])
    print(promise["callback"], promise["interaction"], "promised before" if replayed else "promised")
