"""What RFC 3261 and RFC 3264 prescribe for odd requests, and what is refused to strangers. Nobody is ready, so the queue
answers every call itself."""
import re, socket

from lib.people import Visitor
from lib.processes import expect, until
from lib.sip import Client, read


def call(daemon, *args, **named):
    client = Client(daemon.address)
    answer = client.call("support", *args, **named)
    return client, answer


def a_bye_ends_a_call_once(daemon):
    client, answer = call(daemon)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    expect("INVITE" in answer.get("allow"), f"Allow is {answer.get('allow')!r}")
    expect(client.bye().code == 200, "the BYE was not answered 200")
    expect(client.bye().code == 481, "a second BYE was not answered 481")


def a_bye_for_no_call_is_told_so(daemon):
    client = Client(daemon.address)
    uri = f"sip:support@{daemon.address}"
    expect(client.request("BYE", uri, to=f"<{uri}>;tag=nosuch").code == 481, "a BYE for no call was not answered 481")


def a_repeated_invite_makes_one_call(daemon):
    client = Client(daemon.address, twice=True)
    answer = client.call("support")
    expect(answer.code == 200, f"the call was answered {answer.code}")
    expect(daemon.metric("tandem_calls_total") == 1, "one INVITE sent twice made two calls")
    expect(client.bye().code == 200, "the BYE was not answered 200")


def an_unknown_method_is_refused(daemon):
    answer = Client(daemon.address).request("FROBNICATE", f"sip:support@{daemon.address}")
    expect(answer.code in (405, 501), f"an unknown method was answered {answer.code}")
    expect(answer.code == 501 or answer.get("allow"), "405 came without Allow")


def an_unknown_extension_is_refused_by_name(daemon):
    _, answer = call(daemon, headers=["Require: nosuch-extension"])
    expect(answer.code == 420, f"Require of an unknown extension was answered {answer.code}")
    expect("nosuch-extension" in answer.get("unsupported"), f"Unsupported is {answer.get('unsupported')!r}")


def no_common_codec_is_refused(daemon):
    client = Client(daemon.address)
    body = client.sdp(formats="96").replace("a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000", "a=rtpmap:96 nosuch/8000")
    answer = client.call("support", body=body)
    expect(answer.code in (488, 606), f"an offer without a codec of ours was answered {answer.code}")


def an_invite_without_offer_gets_one(daemon):
    client, answer = call(daemon, body="")
    expect(answer.code == 200 and "m=audio" in answer.body, f"answered {answer.code} with {answer.body!r}")
    expect(client.bye().code == 200, "the BYE was not answered 200")


def directions_are_answered_as_rfc_3264_says(daemon):
    client, answer = call(daemon)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    table = {"sendonly": {"recvonly", "inactive"}, "inactive": {"inactive"}, "recvonly": {"sendonly", "inactive"}, "sendrecv": {"sendrecv"}}
    for version, (offered, allowed) in enumerate(table.items(), 2):
        answer = client.again(client.sdp(direction=offered, version=version))
        found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\r?$", answer.body, re.M)
        said = found.group(1) if found else "sendrecv"
        expect(answer.code == 200 and said in allowed, f"{offered} was answered {answer.code} {said}")
    expect(client.bye().code == 200, "the BYE was not answered 200")


def rubbish_does_no_harm(daemon):
    client = Client(daemon.address)
    for junk in (b"\0" * 64, b"\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"INVITE", b"INVITE sip:x SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n",
                 b"A" * 60000, b"INVITE sip:a@b SIP/2.0\r\nVia: \r\nCSeq: x\r\n\r\n", b"\xff\xfe" * 200):
        client.raw(junk)
    expect(Client(daemon.address).request("OPTIONS", f"sip:{daemon.address}").code == 200, "OPTIONS after rubbish was not answered 200")
    until(lambda: daemon.metric("tandem_sip_malformed_total") > 0, 5, "rubbish was not counted")


def tcp_may_come_in_small_pieces(daemon):
    host, _, number = daemon.address.rpartition(":")
    with socket.create_connection((host, int(number)), 5) as link:
        request = (f"OPTIONS sip:{daemon.address} SIP/2.0\r\nv: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKpieces;rport\r\nMax-Forwards: 70\r\n"
                   f"f: <sip:tester@127.0.0.1>;tag=1\r\nt: <sip:{daemon.address}>\r\ni: pieces\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n").encode()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(request), 7):
            link.sendall(request[at:at + 7])
        link.settimeout(5)
        answer = read(link.recv(65536))
    expect(answer.code == 200, f"OPTIONS in pieces was answered {answer.code}")


def wrong_passwords_and_foreign_origins_are_refused_and_counted(daemon):
    status, answer = daemon.api("/api/v1/login", "POST", {"agent": "anna", "password": "wrong"})
    expect(status == 401 and answer.get("detail"), f"a wrong password was answered {status} {answer}")
    status, answer = daemon.api("/api/v1/visitors", "POST", {"zone": "shop"}, origin="https://elsewhere.example")
    expect(status == 403, f"a foreign origin was answered {status} {answer}")
    status, _ = daemon.api("/api/v1/visitors", "POST", {"zone": "nosuch"})
    expect(status in (403, 404), f"an unknown zone was answered {status}")
    expect(daemon.metric("tandem_refusals_total") >= 2, "refusals were not counted")


def records_are_for_agents_only(daemon):
    visitor, other = Visitor(daemon), Visitor(daemon)
    interaction = visitor.open("Something private")
    tokens = [next(frame["token"] for frame in one.frames if "token" in frame) for one in (visitor, other)]
    for token in [None, "nonsense", *tokens]:
        status, answer = daemon.api(f"/api/v1/interactions/{interaction}", token=token)
        expect(status in (401, 403), f"the record was given to {token and token[:8]}: {status} {answer}")
    other.ask("message", mid="x1", text="Let me in")
    other.see("a refusal", lambda frame: "error" in frame)
    messages = [entry for entry in daemon.record(interaction)["timeline"] if entry.get("what") == "message"]
    expect(len(messages) == 1, f"a stranger wrote into the chat: {messages}")


CHECKS = [
    a_bye_ends_a_call_once,
    a_bye_for_no_call_is_told_so,
    a_repeated_invite_makes_one_call,
    an_unknown_method_is_refused,
    an_unknown_extension_is_refused_by_name,
    no_common_codec_is_refused,
    an_invite_without_offer_gets_one,
    directions_are_answered_as_rfc_3264_says,
    rubbish_does_no_harm,
    tcp_may_come_in_small_pieces,
    wrong_passwords_and_foreign_origins_are_refused_and_counted,
    records_are_for_agents_only,
]
