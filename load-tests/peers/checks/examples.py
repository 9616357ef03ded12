"""The examples of load-tests/examples against a daemon: what README links to runs as it stands there."""
import base64, hashlib, hmac, json, os, subprocess, sys, time, urllib.error, urllib.request

from lib.daemon import TANDEM
from lib.examples import EXAMPLES, SECRET, serve
from lib.processes import expect, until

NUMBER = "+4930123456"


def token(daemon, *scopes):
    """Makes a program's token."""
    command = [TANDEM, "token", "api", "example"]
    for scope in scopes:
        command += ["--scope", scope]
    done = subprocess.run(command, env={**os.environ, **daemon.env}, capture_output=True, text=True, timeout=20)
    expect(done.returncode == 0, f"tandem token api: {done.stderr}")
    return done.stdout.strip()


def run(daemon, name, key, *arguments):
    """Runs an example to its end; returns what it printed."""
    done = subprocess.run([sys.executable, EXAMPLES / name, daemon.url, *arguments], env={**os.environ, "TOKEN": key},
                          capture_output=True, text=True, timeout=30)
    expect(done.returncode == 0, f"{name}: {done.stderr}")
    return done.stdout


def post(url, body, **headers):
    """Returns the status a post is answered with."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def standing(daemon, key):
    status, answer = daemon.api("/api/v1/webhooks/example", token=key)
    expect(status == 200, f"GET of the webhook was answered {status} {answer}")
    return answer["state"]


def the_examples_do_what_they_say(daemon):
    receiver, hook = serve(daemon.folder, "webhook_receiver.py")
    crm, lookup = serve(daemon.folder, "crm_lookup.py")
    daemon.stop()
    daemon.env.update({
        "TANDEM_WEBHOOK_EXAMPLE__URL": hook,
        "TANDEM_WEBHOOK_EXAMPLE__SECRET": SECRET,
        "TANDEM_WEBHOOK_EXAMPLE__PRIVATE": "true",
        "TANDEM_LOOKUP__URL": lookup,
        "TANDEM_LOOKUP__PRIVATE": "true",
        "TANDEM_LOOKUP__DEADLINE": "5s",
    })
    daemon.start()
    watch = token(daemon, "admin:webhooks")
    until(lambda: standing(daemon, watch) == "well", 10, "the webhook did not begin")

    key = token(daemon, "write:callbacks")
    callback, interaction, how = run(daemon, "place_callback.py", key, NUMBER, "1815").split(" ", 2)
    expect(how.strip() == "promised", f"the first request was answered as: {how}")
    again = run(daemon, "place_callback.py", key, NUMBER, "1815").split(" ", 2)
    expect(again[0] == callback and "before" in again[2], f"the second request made {again}")

    told = f"callback.promised {interaction} "
    until(lambda: told in receiver.text(), 10, lambda: f"the receiver never printed {told}: {receiver.text()[-400:]}")
    until(lambda: f"{interaction} known" in crm.text(), 10, lambda: f"the CRM was not asked: {crm.text()[-400:]}")
    looked_up = f"customer.looked_up {interaction} "
    until(lambda: looked_up in receiver.text(), 10, "what the CRM answered was not told")

    rights = token(daemon, "read:customers", "admin:privacy")
    everything = json.loads(run(daemon, "export_customer.py", rights, "external=crm:4711"))
    expect(everything["customer"]["name"] == "Ida Lovelace", f"the export has {everything['customer']}")
    ids = [line["interaction"] for line in everything["customer"]["interactions"]]
    expect(interaction in ids, f"the export has the interactions {ids}")


def the_receiver_refuses_what_is_not_signed_or_old(daemon):
    receiver, hook = serve(daemon.folder, "webhook_receiver.py")
    body = b'{"id": "x-1", "type": "ping", "interaction": null, "data": {}}'

    def signed(name, at, secret=SECRET):
        digest = hmac.new(secret.encode(), f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
        return {"webhook_id": name, "webhook_timestamp": str(at), "webhook_signature": "v1," + base64.b64encode(digest).decode()}

    def listens():
        try:
            return post(hook, body)
        except OSError:
            return None

    now = int(time.time())
    expect(until(listens, 10, "the receiver does not listen") == 401, "a post without a signature was not refused")
    expect(post(hook, body, **signed("x-1", now, SECRET[::-1])) == 401, "a post signed with another secret was taken")
    expect(post(hook, body, **signed("x-1", now - 3_600)) == 401, "a post of an hour ago was taken")
    expect(post(hook, body + b" ", **signed("x-1", now)) == 401, "a body that was changed was taken")
    for _ in range(2):
        expect(post(hook, body, **signed("x-1", now)) == 204, "a good post was refused")
    expect(receiver.text().count("ping -") == 1, f"a fact told twice was not taken once: {receiver.text()}")


def an_example_without_its_arguments_says_how_it_is_used(_):
    for example in sorted(EXAMPLES.glob("*.py")):
        for arguments in ["--help"], ["--nonsense"]:
            done = subprocess.run([sys.executable, example, *arguments], capture_output=True, text=True, timeout=10)
            told = done.stdout + done.stderr
            expect(told.startswith("usage: ") and "Traceback" not in told, f"{example.name} {arguments[0]}: {told}")


CHECKS = [the_examples_do_what_they_say, an_example_without_its_arguments_says_how_it_is_used, the_receiver_refuses_what_is_not_signed_or_old]
