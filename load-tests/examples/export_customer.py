#!/usr/bin/env python3
"""Writes everything the house has about a customer, as privacy law asks. Standard library only.

  TOKEN=tdm_... export_customer.py http://127.0.0.1:8080 number=+4930123456 > customer.json

A customer is found by number=, mail=, subject= (of a signed identity) or external=SYSTEM:ID (another system's). The token needs the scopes read:customers and admin:privacy.
"""
import argparse, json, os, sys, urllib.error, urllib.parse, urllib.request


def get(url, token):
    """Returns the JSON behind an address."""
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def export(url, token, clue):
    """Returns the export of the customer whom a clue leads to."""
    query = urllib.parse.urlencode([clue.partition("=")[::2]])
    found = get(f"{url}/api/v1/customers?{query}", token)["customers"]
    if not found:
        sys.exit(f"nobody is known by {clue}")
    return get(f"{url}/api/v1/customers/{found[0]['customer']}/export", token)


def usage():
    """Returns what reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="where Tandem is, such as http://127.0.0.1:8080")
    parser.add_argument("clue", help="by what the customer is known, such as number=+4930123456")
    return parser


if __name__ == "__main__":
    parser = usage()
    given = parser.parse_args()
    if not os.environ.get("TOKEN"):
        parser.error("the environment has no TOKEN")
    try:
        everything = export(given.url.rstrip("/"), os.environ["TOKEN"], given.clue)
    except urllib.error.HTTPError as error:
        # application/problem+json says in `detail` what was wrong and what would be right.
        sys.exit(json.loads(error.read())["detail"])
    json.dump(everything, sys.stdout, indent=2, ensure_ascii=False)
    print()
