"""What else can happen in a call: timers of sessions, forks, other codecs, sound before the answer."""
import array, re, socket, struct, time
from urllib.parse import unquote

from lib import sipp, tone
from lib.baresip import Phone
from lib.caller import LINEAR
from lib.far import Far
from lib.people import Agent, Visitor
from lib.processes import expect, until
from lib.sip import Client

from .trunks import again, dials, people

ANNOUNCED = 1300


def a_session_is_refreshed_by_update_and_by_re_invite(daemon):
    sipp.call(daemon, "caller-refreshes").done()


def refreshed(daemon, refresher):
    """An agent calls a far side that agrees to a session of 8 s and says who refreshes it."""
    far, agent, visitor, interaction, invite = called(daemon)
    expect("timer" in invite.get("supported") and invite.get("session-expires"), "the INVITE asks for no session")
    far.reply(invite, 200, "OK", far.sdp(), headers=["Require: timer", f"Session-Expires: 8;refresher={refresher}"])
    far.comes("ACK")
    visitor.call("connected")
    return far, agent, visitor, interaction, invite


def ended_because(daemon, interaction, reason):
    legs = lambda: [leg.get("reason") or "" for leg in daemon.record(interaction)["legs"]]
    until(lambda: any(reason in told for told in legs()), 10, lambda: f"the record says {legs()}, and not {reason!r}")


def pain_7_a_session_that_is_ours_is_refreshed_and_the_call_goes_on(daemon):
    far, agent, visitor, interaction, invite = refreshed(daemon, "uac")
    for _ in range(3):
        refresh = far.comes_next("INVITE", 8)
        expect("refresher=uac" in refresh.get("session-expires"), f"it asks for {refresh.get('session-expires')}")
        far.reply(refresh, 200, "OK", far.sdp(), headers=["Require: timer", "Session-Expires: 8;refresher=uac"])
        far.comes("ACK")
    expect(not any("ended" == (frame.get("entry") or {}).get("call", {}).get("is") for frame in visitor.frames), "the call had ended")
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("BYE"), 200, "OK")
    visitor.call("ended")
    far.close()


def who_moves_by_the_answer_to_our_refresh_is_heard_from_there_and_hears_there(daemon):
    anna, far, agent, visitor = Phone(daemon.folder, "anna", daemon.address, 440), Far(daemon), Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900400")
    session = ["Require: timer", "Session-Expires: 8;refresher=uac"]
    far.reply(far.comes("INVITE", 40), 200, "OK", far.sdp(), headers=session)
    far.comes("ACK")
    visitor.call("connected")
    expect(far.formats() == {0}, "another codec came")
    left = far.moves()
    refresh = far.comes_next("INVITE", 8)
    far.reply(refresh, 200, "OK", far.sdp(version=2), headers=session)
    far.comes("ACK")
    expect(far.formats() == {0}, "another codec came where it moved to")
    until(lambda: silent(left), 5, "sound still comes where it was")
    far.plays(660, refresh.body, 10)
    anna.hears(660)
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("BYE"), 200, "OK")
    visitor.call("ended")
    left.close()
    far.close()


def silent(media):
    """Whether nothing comes to a socket for half a second, beside what is there already."""
    media.setblocking(False)
    try:
        while media.recv(2048):
            pass
    except BlockingIOError:
        media.settimeout(0.5)
    try:
        media.recv(2048)
    except TimeoutError:
        return True
    return False


def pain_7_a_session_that_is_theirs_and_is_not_refreshed_ends_with_its_reason(daemon):
    far, agent, visitor, interaction, invite = refreshed(daemon, "uas")
    bye = far.comes_next("BYE", 10)
    expect("the session was not refreshed" in bye.get("reason"), f"the BYE says {bye.get('reason')!r}")
    far.reply(bye, 200, "OK")
    visitor.call("ended")
    ended_because(daemon, interaction, "the session was not refreshed")
    far.close()


def pain_7_an_answer_that_nobody_acknowledges_ends_after_32_s_and_the_record_says_why(daemon):
    well, client = Client(daemon.address, user="acknowledges"), Client(daemon.address)
    expect(well.call("support").code == 200, "the call was not answered")
    answer = client.request("INVITE", f"sip:support@{daemon.address}", body=client.sdp())
    expect(answer.code == 200, f"the call was answered {answer.code}")
    client.socket.settimeout(40)
    while True:
        data = client._receive()
        if data.startswith(b"BYE "):
            break
        expect(data.startswith(b"SIP/2.0 200 "), f"meanwhile {data[:80]} came")
    interaction = answer.get("session-id").split(";")[0]
    ended_because(daemon, interaction, "the answer was never acknowledged")
    # Who had acknowledged is still there.
    expect(well.bye().code == 200, "the other call had ended as well")
    well.close()
    client.close()


def a_far_side_that_wants_longer_sessions_gets_them(daemon):
    connects_and_ends(daemon, sipp.far_side(daemon, "callee-wants-longer"))


def connects_and_ends(daemon, far):
    agent, visitor = people(daemon)
    interaction, _ = dials(daemon, far, agent, visitor)
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    far.done()


def called(daemon):
    """An agent calls a visitor at a far side that this check is; returns all of them and the INVITE."""
    far = Far(daemon)
    agent, visitor = people(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900400")
    return far, agent, visitor, interaction, far.comes("INVITE", 40)


def of_two_phones_that_answer_one_is_kept(daemon):
    far, agent, visitor, interaction, invite = called(daemon)
    far.reply(invite, 183, "Session Progress", far.sdp(), tag="late")
    far.reply(invite, 180, "Ringing", tag="first")
    far.reply(invite, 200, "OK", far.sdp(), tag="first")
    far.reply(invite, 200, "OK", far.sdp(), tag="late")
    visitor.call("connected")
    told = [far.comes(method) for method in ("ACK", "ACK", "BYE")]
    tags = [request.get("to").split("tag=")[1] for request in told]
    expect(sorted(tags[:2]) == ["first", "late"] and tags[2] == "late", f"ACK, ACK and BYE went to {tags}")
    far.reply(told[2], 200, "OK")
    agent.ask("hang_up", interaction=interaction)
    bye = far.comes("BYE")
    expect(bye.get("to").endswith("tag=first"), f"the call that was kept was not hung up: {bye.get('to')}")
    far.reply(bye, 200, "OK")
    visitor.call("ended")
    far.close()


def connected(daemon):
    """The same as `called`, and the far side has answered."""
    far, agent, visitor, interaction, invite = called(daemon)
    far.reply(invite, 200, "OK", far.sdp())
    far.comes("ACK")
    visitor.call("connected")
    return far, agent, visitor, interaction, invite


def a_pbx_moves_the_customer_to_another_phone(daemon):
    far, agent, visitor, interaction, invite = connected(daemon)
    far.send("REFER", invite, headers=["Refer-To: <sip:+4930900401@127.0.0.1>", "Referred-By: <sip:+4930900400@127.0.0.1>"])
    expect(far.answer("REFER").code == 202, "the REFER was refused")
    moved = far.comes("INVITE")
    expect("sip:+4930900401@" in moved.first and moved.get("call-id") != invite.get("call-id"), f"it dialled {moved.first}")
    expect("+4930900400" in moved.get("referred-by"), f"Referred-By is {moved.get('referred-by')!r}")
    far.reply(moved, 200, "OK", far.sdp())
    seen = []
    while not seen or not seen[-1].get("subscription-state").startswith("terminated"):
        seen.append(far.comes("NOTIFY"))
        far.reply(seen[-1], 200, "OK")
    expect("200 OK" in seen[-1].body, f"the last NOTIFY says {seen[-1].body!r}")
    bye = far.comes("BYE")
    expect(bye.get("call-id") == invite.get("call-id"), "another call than the one that was moved was ended")
    far.reply(bye, 200, "OK")
    record = daemon.record(interaction)
    expect(any(leg["cause"] == "transfer_blind" and not leg.get("ended_at") for leg in record["legs"]), f"the record says {record['legs']}")
    far.close()


def a_pbx_takes_a_call_over_that_leaves_the_house(daemon):
    again(daemon, trunk_refer="true", tandem_transfer__numbers='["+4940*"]')
    far, agent, visitor, interaction, invite = connected(daemon)
    agent.ask("transfer", interaction=interaction, to={"number": "+4940111222"})
    refer = far.comes("REFER")
    expect("+4940111222" in refer.get("refer-to"), f"Refer-To is {refer.get('refer-to')}")
    far.reply(refer, 202, "Accepted")
    event, kind = ["Event: refer", "Subscription-State: terminated;reason=noresource"], "message/sipfrag"
    far.send("NOTIFY", invite, "SIP/2.0 200 OK\r\n", headers=event, kind=kind)
    expect(far.answer("NOTIFY").code == 200, "the NOTIFY was refused")
    far.reply(far.comes("BYE"), 200, "OK")
    agent.change("released", interaction=interaction)
    legs = daemon.record(interaction)["legs"]
    expect(any(leg.get("reason") == "the call was handed out" for leg in legs), f"the record says {legs}")
    far.close()


def asks_outside(daemon):
    """An agent in a call asks a number by the same trunk, which has the two connected; returns the REFER besides."""
    again(daemon, trunk_refer="true", tandem_transfer__numbers='["+4940*"]')
    far, agent, visitor, interaction, invite = connected(daemon)
    agent.ask("consult", interaction=interaction, to={"number": "+4940111222"})
    other = far.comes("INVITE")
    first = far.moves()
    far.reply(other, 200, "OK", far.sdp())
    far.comes("ACK")
    expect(far.formats() == {0}, "who was asked did not hear the agent")
    agent.ask("complete", interaction=interaction)
    refer = far.comes("REFER")
    expect(refer.get("call-id") == invite.get("call-id"), "another call than the customer's was referred")
    to = unquote(refer.get("refer-to"))
    names = f"Replaces={other.get('call-id')};to-tag={far.tag};from-tag={other.get('from').split('tag=')[1]}"
    expect(names in to, f"Refer-To is {to}, without {names}")
    return far, agent, interaction, invite, other, refer, first


def a_pbx_connects_a_customer_with_whom_the_agent_asked(daemon):
    far, agent, interaction, invite, other, refer, _ = asks_outside(daemon)
    far.reply(refer, 202, "Accepted")
    event, kind = ["Event: refer", "Subscription-State: terminated;reason=noresource"], "message/sipfrag"
    far.send("NOTIFY", invite, "SIP/2.0 200 OK\r\n", headers=event, kind=kind)
    expect(far.answer("NOTIFY").code == 200, "the NOTIFY was refused")
    ended = [far.comes("BYE") for _ in range(2)]
    for bye in ended:
        far.reply(bye, 200, "OK")
    expect({bye.get("call-id") for bye in ended} == {invite.get("call-id"), other.get("call-id")}, "not both calls were ended")
    agent.change("released", interaction=interaction)
    legs = daemon.record(interaction)["legs"]
    expect(any(leg.get("reason") == "the call was handed out" for leg in legs), f"the record says {legs}")
    far.close()


def a_pbx_that_connects_nobody_leaves_both_in_the_call(daemon):
    far, agent, interaction, invite, other, refer, first = asks_outside(daemon)
    far.reply(refer, 603, "Decline")
    agent.change("released", interaction=interaction)
    far.plays(ANNOUNCED, other.body, 12)
    samples, heard = array.array("h"), 0
    # What came before they heard each other waits to be read.
    while heard < 10 and len(samples) < 8000 * 12:
        samples.extend(LINEAR[byte] for byte in first.recv(2048)[12:])
        heard = sum(share > 0.8 for share in tone.blocks(samples[-16000:], 8000, ANNOUNCED))
    expect(heard >= 10, f"the customer heard the other side for {heard} tenths of a second")
    far.send("BYE", other)
    expect(far.answer("BYE").code == 200, "the BYE was refused")
    bye = far.comes("BYE")
    expect(bye.get("call-id") == invite.get("call-id"), "the customer was not hung up")
    far.reply(bye, 200, "OK")
    far.close()


def another_codec_is_taken_within_a_call(daemon):
    far, agent, visitor, interaction, invite = called(daemon)
    far.reply(invite, 200, "OK", far.sdp(formats="0"))
    far.comes("ACK")
    visitor.call("connected")
    expect(far.formats() == {0}, "it did not speak G.711 µ-law")
    far.send("INVITE", invite, far.sdp(2, formats="8"))
    answer = far.answer("INVITE")
    expect(answer.code == 200 and " 8" in answer.body, f"it was answered {answer.code} {answer.body}")
    far.send("ACK", invite, number=far.number)
    until(lambda: far.formats(1) == {8}, 5, "it did not go on in A-law")
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("BYE"), 200, "OK")
    far.close()


def what_the_carrier_says_before_the_answer_is_heard(daemon):
    far = Far(daemon)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900400")
    invite = far.comes("INVITE", 40)
    far.reply(invite, 183, "Session Progress", far.sdp())
    far.plays(ANNOUNCED, invite.body, 6)
    anna.hears(ANNOUNCED)
    far.reply(invite, 486, "Busy Here")
    far.comes("ACK")
    visitor.call("failed")
    far.close()


def who_is_muted_and_reports_is_not_hung_up_until_it_is_gone(daemon):
    again(daemon, tandem_rtp__silence="4s")
    sound, reports = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    sound.bind(("127.0.0.1", 0))
    client = Client(daemon.address)
    answer = client.call("support", client.sdp().replace("39990", str(sound.getsockname()[1])))
    there = int(re.search(r"m=audio (\d+)", answer.body)[1])
    for n in range(50):
        sound.sendto(struct.pack("!BBHII", 0x80, 0, n, n * 160, 7) + b"\xff" * 160, ("127.0.0.1", there))
        time.sleep(0.02)
    # An empty receiver report a second, for longer than silence may last.
    for _ in range(9):
        reports.sendto(struct.pack("!BBHI", 0x80, 201, 1, 7), ("127.0.0.1", there + 1))
        time.sleep(1)
    expect(daemon.metric("tandem_calls_live") == 1, "the call of a muted phone ended")
    until(lambda: daemon.metric("tandem_calls_live") == 0, 8, "the call of a phone that neither sends nor reports goes on")
    client.close()


def a_cancel_that_comes_after_the_answer_changes_nothing(daemon):
    client = Client(daemon.address)
    answer = client.request("INVITE", f"sip:support@{daemon.address}", body=client.sdp())
    expect(answer.code == 200, f"the call was answered {answer.code}")
    client.to, branch, number = answer.get("to"), client.branch, client.number
    client._send("CANCEL", f"sip:support@{daemon.address}", number, (), "", None)
    client.peer = answer.get("contact").strip("<>")
    client._send("ACK", client.peer, number, (), "", client.to)
    end = client.bye()
    expect(end.code == 200, f"the call had ended: {end.code}")
    client.close()


CHECKS = [
    a_session_is_refreshed_by_update_and_by_re_invite,
    pain_7_a_session_that_is_ours_is_refreshed_and_the_call_goes_on,
    who_moves_by_the_answer_to_our_refresh_is_heard_from_there_and_hears_there,
    pain_7_a_session_that_is_theirs_and_is_not_refreshed_ends_with_its_reason,
    pain_7_an_answer_that_nobody_acknowledges_ends_after_32_s_and_the_record_says_why,
    a_far_side_that_wants_longer_sessions_gets_them,
    of_two_phones_that_answer_one_is_kept,
    a_pbx_moves_the_customer_to_another_phone,
    a_pbx_takes_a_call_over_that_leaves_the_house,
    a_pbx_connects_a_customer_with_whom_the_agent_asked,
    a_pbx_that_connects_nobody_leaves_both_in_the_call,
    another_codec_is_taken_within_a_call,
    what_the_carrier_says_before_the_answer_is_heard,
    who_is_muted_and_reports_is_not_hung_up_until_it_is_gone,
    a_cancel_that_comes_after_the_answer_changes_nothing,
]
