"""Attended transfers (RFC 3891, RFC 3515, RFC 4488) as phones and PBXs make them, heard at every phone: linphonec and baresip connect
two calls of their own, a PBX lets one of its people take a call over, and a PBX names who is to take it."""
from urllib.parse import quote

from lib import sipp, trace
from lib.baresip import Phone
from lib.far import Far, Request, message
from lib.linphone import Linphone
from lib.people import Agent
from lib.processes import expect, until
from lib.sip import Client

from .calls import sealed
from .transfers import ANNA, BEN, CUSTOMER, again, of_ben, ready, scene
from .transports import by_tls

OTHER = 880


def replaced(daemon, interaction):
    """Waits until a leg has taken the place of another; returns the record."""
    def found():
        record = daemon.record(interaction)
        moved = [leg for leg in record["legs"] if leg["cause"] == "transfer_attended" and not leg["ended_at"]]
        return record if moved else None
    return until(found, 10, lambda: f"no leg took the place of another: {daemon.record(interaction)['legs']}")


def a_phone_connects_both_of_its_calls(daemon):
    anna, ben, customer, _, other, interaction = scene(daemon, Linphone)
    anna.command("pause 1")
    # What it plays while it holds is its one file.
    anna.says("Call 1 with .* is now paused")
    ready(other)
    anna.command(f"call sip:ben@{daemon.address}")
    anna.says("Media streams established .* for call 2")
    anna.hears(BEN)
    ben.hears(ANNA)
    ben.silent(CUSTOMER)
    anna.command("transfer 1 --to-call 2")
    ben.hears(CUSTOMER)
    again(customer, BEN)
    customer.silent(ANNA)
    until(lambda: "Replaces=" in anna.trace() and anna.answered("REFER", 202), 5, "the phone did not ask for it with Replaces")
    for call in (1, 2):
        anna.says(f"Call {call} with .* ended")
    of_ben(daemon, interaction)
    replaced(daemon, interaction)


def connects_both(daemon):
    """Anna's baresip has a call with the customer and one with ben, and connects both by `transfer`."""
    anna, ben, customer, _, other, interaction = scene(daemon)
    anna.command("hold")
    customer.silent(ANNA)
    ready(other)
    anna.command("dial", f"sip:ben@{daemon.address}")
    anna.hears(BEN)
    ben.hears(ANNA)
    ben.silent(CUSTOMER)
    came = trace.baresip(anna.process.text(), anna.sip)
    asked = next(m for m in came if not m.by_tandem and m.first.startswith("INVITE sip:ben@"))
    answer = next(m for m in came if m.by_tandem and m.first.startswith("SIP/2.0 200") and m.header("call-id") == asked.header("call-id"))
    tags = [answer.header(name).split("tag=")[1] for name in ("to", "from")]
    second = quote("{};to-tag={};from-tag={}".format(asked.header("call-id"), *tags), safe="")
    anna.command("line", "1")
    anna.command("transfer", f"<sip:ben@{daemon.address}?Replaces={second}>")
    ben.hears_anew(CUSTOMER)
    again(customer, BEN)
    return anna, ben, customer, interaction


def a_baresip_connects_both_of_its_calls(daemon):
    """Debian's (1.0) has no commands of its own for this, such as `atransferexec` of later ones: its `transfer` takes any URI, so it is told
    the one with Replaces that a phone makes of the second call."""
    anna, ben, customer, interaction = connects_both(daemon)
    for phone in (customer, ben):
        phone.silent(ANNA)
    told = lambda: [m for m in trace.baresip(anna.process.text(), anna.sip) if m.by_tandem and m.method in ("REFER", "NOTIFY")]
    until(lambda: [m.first for m in told()][:1] == ["SIP/2.0 202 Accepted"] and "terminated" in told()[-1].header("subscription-state"), 10,
          lambda: f"the phone was told {told()}")
    of_ben(daemon, interaction)
    replaced(daemon, interaction)


def a_pbx_lets_one_of_its_people_take_the_call(daemon):
    """Who called in asks a colleague at the same PBX, whose phone then calls with Replaces. linphonec names no port in Refer-To."""
    daemon.stop()
    daemon.sip = 5060
    daemon.env["TANDEM_SIP__LISTEN"] = daemon.address
    daemon.start()
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    desk = Linphone(daemon.folder, "desk", daemon.address, CUSTOMER, register=False)
    colleague = Linphone(daemon.folder, "colleague", daemon.address, OTHER, register=False)
    desk.command(f"call sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(CUSTOMER)
    desk.command("pause 1")
    desk.says("Call 1 with .* is now paused")
    desk.command(f"call sip:colleague@{colleague.address}")
    desk.says("Media streams established .* for call 2")
    colleague.hears(CUSTOMER)
    desk.command("transfer 2 --to-call 1")
    anna.hears(OTHER)
    colleague.hears(ANNA)
    anna.silent(CUSTOMER)
    expect("\nReplaces: " in colleague.trace().replace("\r", ""), "the colleague's phone did not name the call whose place it takes")
    desk.says("Call 1 with .* ended")
    causes = [leg["cause"] for leg in replaced(daemon, interaction)["legs"]]
    expect(causes == ["inbound", "outbound", "transfer_attended"], f"the legs began because of {causes}")
    agent.ask("hang_up", interaction=interaction)
    colleague.says("Call . with .* ended")


def a_pbx_names_the_call_that_is_to_be_taken_over(daemon):
    """It wants to hear nothing of how it goes (RFC 4488), and knows the call that Replaces names, which we do not."""
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    far = Phone(daemon.folder, "+4930900401", f"127.0.0.1:{daemon.far}", OTHER, register=False, sip=daemon.far)
    pbx = sipp.call(daemon, "caller-names-another")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    far.hears(ANNA)
    anna.hears(OTHER)
    invite = next(m for m in trace.baresip(far.process.text(), far.sip) if m.first.startswith("INVITE "))
    expect("sip:+4930900401@" in invite.first, f"it dialled {invite.first}")
    expect(invite.header("replaces") == "held@pbx.example;to-tag=theirs;from-tag=ours", f"Replaces is {invite.header('replaces')}")
    expect("sip:desk@" in (invite.header("referred-by") or ""), f"Referred-By is {invite.header('referred-by')}")
    pbx.done()
    expect(not any(m.first.startswith("NOTIFY") for m in pbx.messages()), "it was told how it goes, and did not want to be")
    replaced(daemon, interaction)


def a_pbx_that_moves_its_caller_keeps_the_colleague_where_the_agent_hangs_up_meanwhile(daemon):
    """Also where callers are asked how they were served: nobody is there to take the colleague."""
    daemon.stop()
    daemon.env["TANDEM_QUEUE__SUPPORT__RATE_CALLS"] = "true"
    daemon.start()
    Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent, far, pbx = Agent(daemon, "anna"), Far(daemon), Client(daemon.address, user="desk")
    pbx.call("support")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    other = f"<sip:+4930900401@127.0.0.1:{daemon.far}?Replaces=held%40pbx.example%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>"
    taken = pbx.request("REFER", pbx.peer, [f"Refer-To: {other}"], to=pbx.to)
    expect(taken.code == 202, f"REFER was answered {taken.code}")
    invite = far.comes("INVITE")
    expect(invite.get("replaces") == "held@pbx.example;to-tag=theirs;from-tag=ours", f"Replaces is {invite.get('replaces')}")
    far.reply(invite, 180, "Ringing")
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("CANCEL"), 200, "OK")
    far.reply(invite, 487, "Request Terminated")
    said = []
    while not any(one.method == "BYE" for one in said) or not any("terminated" in one.get("subscription-state") for one in said):
        found = message(pbx.socket.recv(65536))
        if isinstance(found, Request):
            copied = [f"{name}: {value}" for name, value in found.headers if name in ("via", "from", "to", "call-id", "cseq")]
            pbx.raw(("\r\n".join(["SIP/2.0 200 OK", *copied, "Content-Length: 0"]) + "\r\n\r\n").encode())
            said.append(found)
    last = next(one for one in said if "terminated" in one.get("subscription-state"))
    expect("SIP/2.0 487 " in last.body, f"it was told {last.body!r}")
    legs = sealed(daemon, interaction, legs=3)["legs"]
    expect([leg["cause"] for leg in legs] == ["inbound", "outbound", "transfer_attended"], f"the legs are {legs}")
    far.close()
    pbx.close()


def transferred(daemon, transport, *options, six=False, **named):
    """Returns anna's phone, her console, who was called in the PBX's place, at ::1 with `six`, and the interaction."""
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    far = Phone(daemon.folder, "+4930900401", f"{'[::1]' if six else '127.0.0.1'}:{daemon.far}", OTHER, register=False, sip=daemon.far, six=six)
    pbx = sipp.call(daemon, "caller-transfers", *options, transport=transport, **named)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    far.hears(ANNA)
    anna.hears(OTHER)
    pbx.done()
    told = [m for m in pbx.messages() if m.by_tandem and m.first.startswith("NOTIFY ")]
    expect("terminated" in told[-1].header("subscription-state"), f"its subscription ended as {told[-1].header('subscription-state')}")
    causes = [leg["cause"] for leg in daemon.record(interaction)["legs"]]
    expect(causes == ["inbound", "outbound", "transfer_blind"], f"the legs began because of {causes}")
    return anna, agent, far, interaction


def a_pbx_transfers_over_tls(daemon):
    """By REFER without a second call of its own; it hears by NOTIFY how that goes, until whom it named has answered."""
    by_tls(daemon, transferred)


CHECKS = [
    a_phone_connects_both_of_its_calls,
    a_baresip_connects_both_of_its_calls,
    a_pbx_lets_one_of_its_people_take_the_call,
    a_pbx_names_the_call_that_is_to_be_taken_over,
    a_pbx_that_moves_its_caller_keeps_the_colleague_where_the_agent_hangs_up_meanwhile,
    a_pbx_transfers_over_tls,
]
