"""Offers and answers where they seldom stand, by ear: an answer in the ACK, another place within a call, an ACK that never comes,
a carrier that wants to know that its 183 came, and one that moves after it; packets of other lengths, and none."""
import time

from lib import sipp, trace
from lib.baresip import Phone
from lib.caller import Caller
from lib.far import Far
from lib.people import Agent, Visitor
from lib.processes import expect, until

from .calls import sealed
from .flows import ANNOUNCED
from .transfers import again

ANNA, CALLER, MOVED = 440, 660, 1700


def begun(daemon, body=None, formats="0"):
    """A call of ours that an agent serves; returns phone, agent, caller, interaction and the answer."""
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    caller = Caller(daemon.address, "4930900710", CALLER)
    answer = caller.call("support", body=caller.sdp(formats=formats) if body is None else body)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    caller.speaks_to(answer.body)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    return anna, agent, caller, interaction, answer


def an_offer_in_the_answer_is_answered_in_the_ack_and_heard(daemon):
    anna, agent, caller, interaction, answer = begun(daemon, "")
    expect("m=audio" in answer.body, f"nothing was offered: {answer.body!r}")
    caller.hears(ANNA)
    anna.hears(CALLER)
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()
    agent.change("released", interaction=interaction)


def a_caller_moves_to_another_port_and_another_address(daemon):
    """A re-INVITE says where from now on, as a PBX does when its call is parked elsewhere; late packets change nothing."""
    anna, agent, caller, interaction, _ = begun(daemon)
    caller.hears(ANNA)
    anna.hears(CALLER)
    for version, host in enumerate((None, "127.0.0.7"), 2):
        before, there, caller.there = caller.media, caller.there, None
        caller.move(host)
        answer = caller.again(caller.sdp(version=version))
        expect(answer.code == 200, f"the re-INVITE was answered {answer.code}")
        # What was on its way from where the caller was comes later than the answer.
        for _ in range(5):
            before.sendto(caller.packet(), there)
        caller.speaks_to(answer.body)
        caller.hears(ANNA)
        again(anna, CALLER)
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()
    agent.change("released", interaction=interaction)


def a_caller_whose_nat_maps_anew_is_heard_and_hears_on(daemon):
    """Nobody says where from now on: the stream goes on from another port, as after a NAT forgot or was restarted."""
    anna, agent, caller, interaction, _ = begun(daemon)
    caller.hears(ANNA)
    anna.hears(CALLER)
    caller.move()
    caller.hears(ANNA)
    again(anna, CALLER)
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()
    agent.change("released", interaction=interaction)


def who_never_acknowledges_is_let_go_and_the_record_says_why(daemon):
    call = sipp.call(daemon, "caller-never-acknowledges", seconds=80).done()
    expect(call.statuses().count(200) >= 8, f"the answer was not repeated before the BYE: {call.statuses()}")
    leg = sealed(daemon, trace.one_session(call.messages()), legs=1)["legs"][0]
    expect((leg["end_kind"], leg["reason"]) == ("fault", "the answer was never acknowledged"), f"the record says {leg}")


def a_carrier_s_reliable_183_is_acknowledged_and_heard(daemon):
    far, anna = Far(daemon), Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900400")
    invite = far.comes("INVITE", 40)
    expect("100rel" in invite.get("supported"), f"Supported is {invite.get('supported')!r}")
    far.reply(invite, 183, "Session Progress", far.sdp(), headers=["Require: 100rel", "RSeq: 41"])
    far.plays(ANNOUNCED, invite.body, 8)
    prack = far.comes("PRACK")
    expect(prack.get("rack") == f"41 {invite.get('cseq')}", f"RAck is {prack.get('rack')!r}")
    far.reply(prack, 200, "OK")
    # Another one, which says nothing new of the sound.
    far.reply(invite, 180, "Ringing", headers=["Require: 100rel", "RSeq: 42"])
    second = far.comes("PRACK")
    expect(second.get("rack") == f"42 {invite.get('cseq')}", f"RAck is {second.get('rack')!r}")
    far.reply(second, 200, "OK")
    anna.hears(ANNOUNCED)
    far.reply(invite, 200, "OK", far.sdp())
    far.comes("ACK")
    visitor.call("connected")
    again(anna, ANNOUNCED)
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("BYE"), 200, "OK")
    visitor.call("ended")
    far.close()


def a_carrier_that_moves_before_its_answer_is_heard_from_there(daemon):
    """By UPDATE after its reliable 183; one that cannot be taken changes nothing, and the answer says nothing more."""
    first, second = Caller(daemon.address, "4930900720", ANNOUNCED), Caller(daemon.address, "4930900721", MOVED)
    places = [place.media.getsockname()[1] for place in (first, second)]
    far = sipp.far_side(daemon, "callee-moves-early", words={"FIRST": places[0], "SECOND": places[1]}, seconds=80)
    anna, agent, visitor = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900401")
    log = far.folder / "messages.log"
    until(lambda: log.exists() and "m=audio" in log.read_text(), 40, "no INVITE came")
    first.speaks_to(log.read_text())
    anna.hears(ANNOUNCED)
    # Both speak from now on; the UPDATE says who is heard.
    second.speaks_to(log.read_text())
    anna.hears(MOVED)
    visitor.call("connected")
    again(anna, MOVED)
    anna.silent(ANNOUNCED)
    second.hears(ANNA)
    agent.ask("hang_up", interaction=interaction)
    far.done()
    expect(far.statuses("UPDATE") == [488, 200], f"UPDATE was answered {far.statuses('UPDATE')}")
    for place in (first, second):
        place.close()


def packets_are_as_long_as_the_other_side_asks(daemon):
    """Both ways; the agent's phone has 20 ms all the while."""
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    for n, ptime in enumerate((30, 40)):
        mark = agent.mark()
        caller = Caller(daemon.address, f"493090071{n}", CALLER + 110 * n, ptime=ptime)
        answer = caller.call("support")
        expect(answer.code == 200, f"the call was answered {answer.code}")
        caller.speaks_to(answer.body)
        interaction = agent.contact(after=mark, seconds=20)["interaction"]
        agent.call("connected", after=mark)
        caller.sizes.clear()
        caller.hears(ANNA)
        anna.hears(CALLER + 110 * n)
        expect(set(caller.sizes) == {8 * ptime}, f"{ptime} ms were asked for, these came: {caller.sizes}")
        expect(caller.bye().code == 200, "the BYE was refused")
        caller.close()
        agent.change("released", interaction=interaction, after=mark)


def a_caller_who_sends_nothing_is_told_of(daemon):
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    caller = Caller(daemon.address, "4930900710", CALLER)
    expect(caller.call("support").code == 200, "the call was not taken")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    caller.hears(ANNA)
    until(lambda: daemon.metric("tandem_one_way_audio_total") == 1, 30, "nobody noticed that one side hears nothing")
    told = [it for it in daemon.record(interaction)["happenings"] if it["event"] == "one_way_audio"]
    expect(len(told) == 1 and told[0]["details"]["leg"] == f"{interaction}.1", f"the record says {told}")
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()


def who_takes_comfort_noise_is_sent_no_silence_while_the_agent_is_muted(daemon):
    """RFC 3389: five descriptions a second, and sound at once when the agent speaks again."""
    anna, agent, caller, interaction, answer = begun(daemon, formats="0 13")
    expect("a=rtpmap:13 CN/8000" in answer.body, f"comfort noise is not agreed on: {answer.body!r}")
    caller.hears(ANNA)
    for _ in range(2):
        agent.ask("mute", interaction=interaction, on=True)
        caller.silent(ANNA)
        before = caller.kinds.copy()
        time.sleep(2)
        came = caller.kinds - before
        expect(8 <= came[13] <= 12 and came[0] == 0, f"in two seconds of silence came {dict(came)}")
        before = caller.kinds.copy()
        agent.ask("mute", interaction=interaction, on=False)
        until(lambda: caller.kinds[0] > before[0], 1, "no sound came within a second")
        caller.hears_anew(ANNA)
        again(anna, CALLER)
        came = caller.kinds - before
        expect(came[13] <= 6, f"while the agent spoke silence was described {came[13]} times")
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()
    agent.change("released", interaction=interaction)


CHECKS = [
    an_offer_in_the_answer_is_answered_in_the_ack_and_heard,
    a_caller_moves_to_another_port_and_another_address,
    a_caller_whose_nat_maps_anew_is_heard_and_hears_on,
    who_never_acknowledges_is_let_go_and_the_record_says_why,
    a_carrier_s_reliable_183_is_acknowledged_and_heard,
    a_carrier_that_moves_before_its_answer_is_heard_from_there,
    packets_are_as_long_as_the_other_side_asks,
    a_caller_who_sends_nothing_is_told_of,
    who_takes_comfort_noise_is_sent_no_silence_while_the_agent_is_muted,
]
