"""Phones that prove who they are: REGISTER and INVITE with digest, MD5 by sipp and baresip, both hashes by our own client."""
from lib import sipp
from lib.daemon import PASSWORD
from lib.processes import expect
from lib.sip import Client, digest

from .trunks import again


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


def a_trunk_calls_with_digest_from_an_address_that_nobody_named(daemon):
    """Everybody else there is a stranger, and a wrong password is told nothing that a name does not tell that is not there."""
    again(daemon, trunk_sources='["127.0.0.9"]', trunk_login__user="pbx", trunk_login__password="pbx-secret", trunk_login__md5="false")
    uri = f"sip:support@{daemon.address}"

    def calls(user, password, algorithm):
        client = Client(daemon.address, user="+4930900700")
        first = client.call("support")
        expect(first.code == 401, f"a stranger's call was answered {first.code}")
        challenge = next(one for one in first.all("www-authenticate") if f"algorithm={algorithm}" in one.replace('"', ""))
        return client, client.call("support", headers=["Authorization: " + digest(challenge, "INVITE", uri, user, password)])

    said = []
    for user, password, algorithm in (("pbx", "wrong", "SHA-256"), ("nobody", "wrong", "SHA-256"), ("pbx", "pbx-secret", "MD5")):
        client, refused = calls(user, password, algorithm)
        said.append((refused.code, [name for name, _ in refused.headers]))
        client.close()
    expect(said[0][0] == 401 and all(one == said[0] for one in said), f"they were told {said}")
    expect(daemon.metric("tandem_calls_total") == 0, "a refused call was counted as a call")
    client, taken = calls("pbx", "pbx-secret", "SHA-256")
    expect(taken.code == 200, f"the trunk's call was answered {taken.code}")
    expect(taken.get("x-interaction-id"), "a trusted trunk was not told the interaction")
    legs = daemon.record(taken.get("x-interaction-id"))["legs"]
    expect(legs[0]["party"] == "+4930900700", f"the record has {legs}")
    expect(client.bye().code == 200, "its BYE was refused")
    client.close()


CHECKS = [
    sipp_registers_refreshes_and_leaves,
    sipp_is_refused_with_a_wrong_password,
    registration_with_md5,
    registration_with_sha_256,
    a_phone_calls_with_digest,
    a_foreign_name_without_password_is_refused,
    a_trunk_calls_with_digest_from_an_address_that_nobody_named,
]
