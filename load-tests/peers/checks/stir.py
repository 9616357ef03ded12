"""Who vouches for numbers (STIR/SHAKEN): sipp calls with signatures made by Python, and Python checks those of Tandem."""
import json, time

from lib import sipp
from lib.baresip import Phone
from lib.numbers import Network, data, read
from lib.people import Agent, Visitor
from lib.processes import expect, until

from .edges import hire

CALLED = "+4930900100"
ALLOW = "Allow: INVITE, ACK, CANCEL"


def network(daemon, numbers=None, **settings):
    """Starts Tandem so that it checks and signs; returns the network that vouches."""
    folder = daemon.folder / "numbers"
    folder.mkdir(parents=True)
    made = Network(folder, numbers)
    daemon.stop()
    settings = {"verify": "note", "trust": folder / "roots.pem", "private": "true", **settings}
    daemon.env |= {f"TANDEM_TRUNK__TEST__STIR__{key.upper()}": str(value) for key, value in settings.items()}
    daemon.env["SSL_CERT_FILE"] = str(folder / "roots.pem")
    daemon.start()
    return made


def calls(daemon, caller, *headers, rings=300):
    """Starts a call of `caller` that rings so many milliseconds and is given up."""
    words = {'"load" <sip:load@': f"<sip:{caller}@", "To: <sip:[service]@": f"To: <sip:{CALLED}@",
             ALLOW: "\n      ".join([*headers, ALLOW]), '"300"': f'"{rings}"'}
    return sipp.call(daemon, "caller-cancels", words=words)


def shown(agent, caller, call):
    """Waits until the call is put before the agent; returns what its card says of the number."""
    def offered(frame):
        offer = (frame.get("change") or {}).get("offer") or {}
        return (offer.get("card") or {}).get("number") == caller
    frame = agent.see(f"the offer of {caller}", offered)
    call.done()
    return frame["change"]["offer"]["card"].get("caller")


def what_a_network_vouches_for_is_on_the_card(daemon):
    net = network(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, accept=False)
    said = lambda caller, **how: "Identity: " + net.identity(caller, CALLED, **how)
    other = said("+4930107", key=net.other_key)
    cases = [
        ("+4930100", [said("+4930100")], {"attestation": "full"}),
        ("+4930101", [said("+4930101", attest="B")], {"attestation": "partial"}),
        ("+4930102", [said("+4930102", attest="C")], {"attestation": "gateway"}),
        ("+4930103", [said("+4930103", age=90)], {"attestation": "failed", "flaw": "stale"}),
        ("+4930104", [said("+4930999")], {"attestation": "failed", "flaw": "number"}),
        ("+4930107", [other], {"attestation": "failed", "flaw": "signature"}),
        ("+4930105", [], {"attestation": "absent"}),
        ("+4930106", [said("+4930999"), said("+4930106")], {"attestation": "full"}),
        ("+4930108", ["Identity: junk"], {"attestation": "failed", "flaw": "form"}),
        ("+4930109", [f"P-Asserted-Identity: <sip:+4930109;verstat=TN-Validation-Passed@carrier.example;user=phone>"],
         {"attestation": "absent", "carrier": "passed"}),
    ]
    for caller, headers, want in cases:
        got = shown(agent, caller, calls(daemon, caller, *headers))
        expect(got == want, f"the card of {caller} says {got}, not {want}")
    expect(net.asked == ["/net.pem"], f"the certificate was fetched as {net.asked}, not once")
    for result, count in (("full", 2), ("partial", 1), ("gateway", 1), ("failed", 4), ("absent", 2), ("unchecked", 0)):
        got = daemon.metric("tandem_attestations_total", result=result)
        expect(got == count, f"{got} calls are counted as {result}, not {count}")
    # A certificate server that hesitates: the call comes to the agent all the same, soon.
    began = time.monotonic()
    call = calls(daemon, "+4930110", said("+4930110", file="slow.pem"))
    got = shown(agent, "+4930110", call)
    expect(got == {"attestation": "unchecked", "flaw": "unreachable"}, f"the card says {got}")
    expect(time.monotonic() - began < 5, "the caller waited for the certificate")
    # It is told at once that the call is here, though nothing has a name yet.
    told = [(m.first, m.header("session-id")[:32]) for m in call.messages() if m.by_tandem and m.method == "INVITE"]
    expect(told[0] == ("SIP/2.0 100 Trying", "0" * 32), f"the caller was told {told[0]} first")
    expect(all(name == told[-1][1] != "0" * 32 for _, name in told[1:]), f"what follows has several names: {told}")


def a_call_that_was_diverted_is_vouched_for_by_its_own_network(daemon):
    net = network(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, accept=False)
    first, second = "+4930900200", "+4930900300"
    said = lambda caller: "Identity: " + net.identity(caller, first, attest="B")
    sent_on = lambda caller, left, called, **how: "Identity: " + net.diversion(caller, left, called, **how)
    cases = [
        ("+4930101", [said("+4930101"), sent_on("+4930101", first, CALLED)], {"attestation": "partial", "diverted": first}),
        ("+4930102", [sent_on("+4930102", second, CALLED), said("+4930102"), sent_on("+4930102", first, second)],
         {"attestation": "partial", "diverted": first}),
        ("+4930103", [said("+4930103"), sent_on("+4930103", first, CALLED, key=net.other_key)],
         {"attestation": "failed", "flaw": "signature"}),
        ("+4930104", [said("+4930104"), sent_on("+4930999", first, CALLED)], {"attestation": "failed", "flaw": "number"}),
        ("+4930105", [sent_on("+4930105", first, CALLED)], {"attestation": "absent"}),
    ]
    for caller, headers, want in cases:
        got = shown(agent, caller, calls(daemon, caller, *headers))
        expect(got == want, f"the card of {caller} says {got}, not {want}")


def a_record_says_who_vouched(daemon):
    net = network(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440)
    Agent(daemon, accept=False)
    call = calls(daemon, "+4930100", "Identity: " + net.identity("+4930100", CALLED))
    interaction = until(lambda: next((m.header("session-id")[:32] for m in call.messages() if m.by_tandem and m.header("session-id")), None),
                        10, "no Session-ID came")
    call.done()
    def told():
        happened = daemon.record(interaction)["happenings"]
        return next((h["details"] for h in happened if h["details"].get("step") == "caller_shown"), None)
    got = until(told, 5, "the record does not say what came of the signature")
    expect(got["shown"]["attestation"] == "full", f"the record says {got}")
    status, vcon = daemon.api(f"/api/v1/interactions/{interaction}/vcon", token=daemon.token("sam"))
    expect(status == 200, f"the vCon was answered {status}")
    report = json.loads(data(vcon["payload"]))["analysis"][0]
    expect('"attestation": "full"' in json.dumps(report), f"the vCon does not say who vouched: {report}")


def calls_that_nobody_vouches_for_are_refused_where_that_is_wanted(daemon):
    # [2] "4930100" and [1] "4930200", 10 (RFC 8226).
    listed = b"\x30\x1b\xa2\x09\x16\x074930100\xa1\x0e\x30\x0c\x16\x074930200\x02\x01\x0a"
    net = network(daemon, listed, verify="require")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, accept=False)
    said = lambda caller, **how: ["Identity: " + net.identity(caller, CALLED, **how)]
    for caller, headers, answer in [
        ("+4930105", [], 428),
        ("+4930100", said("+4930100", age=90), 403),
        ("+4930100", said("+4930100", file="slow.pem"), 436),
        ("+4930300", said("+4930300"), 437),
        ("+4930100", said("+4930100", key=net.other_key), 438),
    ]:
        call = calls(daemon, caller, *headers)
        final = until(lambda: next((s for s in call.statuses() if s >= 200), None), 10, f"{caller} was not answered")
        call.stop()
        expect(final == answer, f"{caller} was answered {final}, not {answer}")
        expect(daemon.metric("tandem_unvouched_calls_total", answer=answer) == 1, f"{answer} is not counted")
    for caller in ("+4930100", "+4930205"):
        got = shown(agent, caller, calls(daemon, caller, *said(caller)))
        expect(got == {"attestation": "full"}, f"the card of {caller} says {got}")


def calls_that_leave_are_signed(daemon):
    daemon.env["TANDEM_TRUNK__TEST__CALLER__NUMBER"] = "+4930555000"
    url = "https://certificates.example/ours.pem"
    folder = daemon.folder / "numbers"
    net = network(daemon, verify="off", key_file=folder / "net.key", certificate_url=url)
    far = sipp.far_side(daemon, "callee-answers")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900400")
    invite = until(lambda: next((m for m in far.messages() if m.by_tandem and m.first.startswith("INVITE")), None), 40, "nobody was called")
    expect(invite.header("identity"), "the call is not signed")
    head, said, params = read(invite.header("identity"), net.certificate.public_key())
    expect(head == {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": url}, f"the head is {head}")
    expect(said["orig"] == {"tn": "4930555000"} and said["dest"] == {"tn": ["4930900400"]}, f"it is signed for {said}")
    expect(said["attest"] == "A" and abs(said["iat"] - time.time()) < 60, f"it says {said}")
    expect(params == {"info": f"<{url}>", "alg": "ES256", "ppt": "shaken"}, f"the parameters are {params}")
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")


OURS = "https://certificates.example/ours.pem"
EXTENSION, CALLER = "+4930900555", "+4930100"


def goes_on(daemon, signs):
    """Starts Tandem so that it signs, and a call that goes on to an agent's extension under its caller's number; returns the network
    that vouches, what `signs` made of it for the caller, and the Identity header fields of the INVITE to the extension."""
    net = network(daemon, key_file=daemon.folder / "numbers" / "net.key", certificate_url=OURS)
    hire(daemon, ida=EXTENSION)
    far = sipp.far_side(daemon, "callee-rings")
    Agent(daemon, "ida")
    came = signs(net)
    call = calls(daemon, CALLER, *(f"Identity: {one}" for one in came), rings=5000)
    leaves = lambda m: m.by_tandem and m.first.startswith("INVITE") and CALLER in m.header("from")
    invite = until(lambda: next((m for m in far.messages() if leaves(m)), None), 40, "the extension was not called")
    call.done()
    return net, came, [value for name, value in invite.headers if name == "identity"]


def signed(net, told, kind):
    """Reads what Tandem signed of the call to the extension; returns what it says."""
    head, said, params = read(told, net.certificate.public_key())
    expect(head == {"alg": "ES256", "ppt": kind, "typ": "passport", "x5u": OURS} and params["ppt"] == kind, f"{head} {params}")
    expect(said["orig"] == {"tn": CALLER[1:]} and said["dest"] == {"tn": [EXTENSION[1:]]}, f"it says {said}")
    expect(abs(said["iat"] - time.time()) < 60, f"it says {said}")
    return said


def a_call_that_goes_on_to_an_extension_is_signed_as_diverted(daemon):
    net, came, told = goes_on(daemon, lambda net: [net.identity(CALLER, CALLED)])
    expect(len(told) == 2 and told[0] == came[0], f"it leaves with {told}")
    said = signed(net, told[1], "div")
    expect(said["div"] == {"tn": CALLED[1:]}, f"it says {said}")


def a_call_that_nobody_signed_goes_on_as_of_a_gateway(daemon):
    net, _, told = goes_on(daemon, lambda net: [])
    expect(len(told) == 1, f"it leaves with {told}")
    said = signed(net, told[0], "shaken")
    expect(said["attest"] == "C" and said["origid"], f"it says {said}")


CHECKS = [what_a_network_vouches_for_is_on_the_card, a_call_that_was_diverted_is_vouched_for_by_its_own_network, a_record_says_who_vouched,
          calls_that_nobody_vouches_for_are_refused_where_that_is_wanted, calls_that_leave_are_signed,
          a_call_that_goes_on_to_an_extension_is_signed_as_diverted, a_call_that_nobody_signed_goes_on_as_of_a_gateway]
