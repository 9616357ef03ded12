"""Phones that prove who they are: REGISTER and INVITE with digest, MD5 by sipp and baresip, both hashes by our own client."""
from lib import sipp
from lib.daemon import PASSWORD
from lib.processes import expect
from lib.sip import Client, digest


def sipp_registers_refreshes_and_leaves(daemon):
    sipp.call(daemon, "register", "-au", "anna", "-ap", PASSWORD, service="anna").done()


def sipp_is_refused_with_a_wrong_password(daemon):
    call = sipp.call(daemon, "register", "-au", "anna", "-ap", "wrong", service="anna", seconds=10)
    call.process.wait(30)
    expect(200 not in call.statuses("REGISTER"), "a wrong password was taken")
    expect(set(call.statuses("REGISTER")) <= {401, 403}, f"a wrong password was answered {call.statuses('REGISTER')}")


def with_hash(daemon, algorithm):
    client = Client(daemon.address, user="anna")
    try:
        uri = f"sip:{daemon.address}"
        first = client.request("REGISTER", uri, ["Expires: 120"])
        expect(first.code == 401, f"REGISTER without credentials was answered {first.code}")
        challenge = next((c for c in first.all("www-authenticate") if f"algorithm={algorithm}".lower() in c.lower().replace('"', "")), None)
        expect(challenge, f"no challenge with {algorithm}: {first.all('www-authenticate')}")
        wrong = client.request("REGISTER", uri, ["Expires: 120", "Authorization: " + digest(challenge, "REGISTER", uri, "anna", "wrong")])
        expect(wrong.code in (401, 403), f"a wrong password was answered {wrong.code}")
        challenge = next((c for c in wrong.all("www-authenticate") if f"algorithm={algorithm}".lower() in c.lower().replace('"', "")), challenge)
        right = client.request("REGISTER", uri, ["Expires: 120", "Authorization: " + digest(challenge, "REGISTER", uri, "anna", PASSWORD, nc=2)])
        expect(right.code == 200, f"the right password was answered {right.code}")
        contact = right.get("contact")
        expect(str(client.port) in contact and "expires" in contact.lower(), f"the answer's Contact is {contact}")
    finally:
        client.close()


def registration_with_md5(daemon):
    with_hash(daemon, "MD5")


def registration_with_sha_256(daemon):
    with_hash(daemon, "SHA-256")


def a_phone_calls_with_digest(daemon):
    call = sipp.call(daemon, "phone-calls-with-digest", "-au", "anna", "-ap", PASSWORD, "-key", "auth_user", "anna").done()
    expect(call.statuses()[0] in (401, 407), f"an INVITE in anna's name was first answered {call.statuses()[0]}")
    expect(200 in call.statuses(), f"with credentials it was answered {call.statuses()}")


def a_foreign_name_without_password_is_refused(daemon):
    client = Client(daemon.address, user="anna")
    try:
        answer = client.request("INVITE", f"sip:support@{daemon.address}", body=client.sdp())
        expect(answer.code in (401, 407), f"an INVITE in anna's name without credentials was answered {answer.code}")
        client.ack(answer, f"sip:support@{daemon.address}")
    finally:
        client.close()
    expect(daemon.metric("tandem_calls_total") == 0, "the refused call was counted as a call")


CHECKS = [
    sipp_registers_refreshes_and_leaves,
    sipp_is_refused_with_a_wrong_password,
    registration_with_md5,
    registration_with_sha_256,
    a_phone_calls_with_digest,
    a_foreign_name_without_password_is_refused,
]
