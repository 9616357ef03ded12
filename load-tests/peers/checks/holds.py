"""Holds that are signalled (`hold = "signal"` of a trunk): what the far side is told and hears, and how it is when it does not take them."""
import re

from lib import sipp, tone
from lib.baresip import Phone
from lib.linphone import calling
from lib.people import Agent
from lib.processes import expect, until

from .calls import sealed
from .transfers import BEN, again, scene

ANNA, CUSTOMER, MUSIC = 440, 660, 1500


def signalling(daemon, **settings):
    """Starts Tandem with a trunk whose calls are told of holds, and a tone as music."""
    daemon.stop()
    tone.write(daemon.folder / "music.wav", MUSIC, 20)
    daemon.env |= {"TANDEM_TRUNK__TEST__HOLD": "signal", "TANDEM_PROMPT__MUSIC": str(daemon.folder / "music.wav"), **settings}
    daemon.start()
    return Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")


def offers(phone):
    """Returns how often Tandem sent linphonec an INVITE within its call."""
    return len(re.findall(r"^INVITE sip:(?!support)", phone.trace(), re.M))


def talking(daemon, **settings):
    """A linphonec that calls, and anna who answers at a baresip; the music is a tone."""
    anna, agent = signalling(daemon, **settings)
    return anna, agent, *calling(daemon, anna, agent, (ANNA, CUSTOMER))


def never(phone, hertz):
    """A baresip heard nothing of a tone in its call, beside nothing else or beneath it."""
    count = tone.heard(phone.recordings()[-1], hertz, least=0.1)
    expect(count <= 1, f"{phone.name} heard {hertz} Hz, {count} times 100 ms")


def the_music_of_a_signalled_hold_is_heard_and_then_the_agent_again(daemon):
    anna, agent, customer, interaction = talking(daemon)
    agent.ask("hold", interaction=interaction, on=True)
    until(lambda: offers(customer) == 1, 10, lambda: f"{offers(customer)} re-INVITEs came for the hold")
    expect("a=sendonly" in customer.trace(), "the phone was not told that it is on hold")
    customer.hears(MUSIC)
    customer.silent(ANNA)
    anna.silent(CUSTOMER)
    agent.ask("hold", interaction=interaction, on=False)
    until(lambda: offers(customer) == 2, 10, lambda: f"{offers(customer)} re-INVITEs came for hold and resume")
    customer.hears_anew(ANNA)
    customer.silent(MUSIC)
    again(anna, CUSTOMER)
    never(anna, MUSIC)
    agent.ask("hang_up", interaction=interaction)
    customer.says("Call 1 with .* ended")
    sealed(daemon, interaction, legs=2)


def a_hold_of_both_sides_is_inactive_and_taken_back_by_one_after_the_other(daemon):
    anna, agent, customer, interaction = talking(daemon)
    agent.ask("hold", interaction=interaction, on=True)
    customer.hears(MUSIC)
    customer.command("pause")
    customer.says("Call 1 with .* is now paused")
    expect("a=inactive" in customer.trace(), "both hold, and the stream is not inactive")
    customer.silent(MUSIC)
    agent.ask("hold", interaction=interaction, on=False)
    until(lambda: offers(customer) == 2, 10, lambda: f"{offers(customer)} re-INVITEs came")
    customer.silent(ANNA)
    customer.command("resume 1")
    customer.hears_anew(ANNA)
    again(anna, CUSTOMER)
    agent.ask("hang_up", interaction=interaction)
    customer.says("Call 1 with .* ended")


def a_hold_is_signalled_anew_after_it_met_another_offer(daemon):
    _, agent = signalling(daemon)
    call = sipp.call(daemon, "caller-is-held")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    agent.ask("hold", interaction=interaction, on=True)
    until(lambda: call.statuses_of_ours("INVITE") == [491, 200], 15, lambda: f"it answered {call.statuses_of_ours('INVITE')}")
    agent.ask("hold", interaction=interaction, on=False)
    until(lambda: call.statuses_of_ours("INVITE") == [491, 200, 200], 15, lambda: f"it answered {call.statuses_of_ours('INVITE')}")
    agent.ask("hang_up", interaction=interaction)
    call.done()
    sealed(daemon, interaction, legs=2)


def who_refuses_a_hold_is_held_by_music_and_asked_nothing_more(daemon):
    _, agent = signalling(daemon)
    call = sipp.call(daemon, "caller-refuses-hold")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    for on in (True, False, True, False):
        agent.ask("hold", interaction=interaction, on=on)
        if on:
            until(lambda: call.statuses_of_ours("INVITE") == [488], 15, lambda: f"it answered {call.statuses_of_ours('INVITE')}")
    agent.ask("hang_up", interaction=interaction)
    call.done()
    expect(call.statuses_of_ours("INVITE") == [488], f"it answered {call.statuses_of_ours('INVITE')}")
    expect("a change of a call was refused" in daemon.process.text(), "the log does not say that the hold was refused")
    record = sealed(daemon, interaction, legs=2)
    expect(str(record).count("'hold_refused'") == 1, f"that the hold was refused is not on record: {str(record)[-600:]}")
    expect(str(record).count("'held'") >= 2, f"the holds are not on record: {str(record)[-600:]}")


def who_takes_the_only_stream_out_stays_in_the_call_and_brings_it_back(daemon):
    _, agent = signalling(daemon)
    call = sipp.call(daemon, "caller-takes-stream-out")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    call.done()
    sealed(daemon, interaction, legs=2)


def without_the_setting_a_hold_is_music_alone(daemon):
    anna, agent, customer, interaction = talking(daemon, TANDEM_TRUNK__TEST__HOLD="music")
    agent.ask("hold", interaction=interaction, on=True)
    customer.hears(MUSIC)
    customer.silent(ANNA)
    agent.ask("hold", interaction=interaction, on=False)
    customer.hears_anew(ANNA)
    again(anna, CUSTOMER)
    never(anna, MUSIC)
    expect(offers(customer) == 0, f"{offers(customer)} re-INVITEs came")
    agent.ask("hang_up", interaction=interaction)
    customer.says("Call 1 with .* ended")


def whom_a_phone_holds_that_sends_nothing_hears_music(daemon):
    anna, agent, customer, interaction = talking(daemon)
    anna.command("hold")
    customer.hears(MUSIC)
    customer.silent(ANNA)
    anna.command("resume")
    customer.hears_anew(ANNA)
    customer.silent(MUSIC)
    never(anna, MUSIC)
    agent.ask("hang_up", interaction=interaction)
    customer.says("Call 1 with .* ended")
    sealed(daemon, interaction, legs=2)


def of_three_the_one_who_is_held_hears_the_music_alone(daemon):
    """Who is asked meanwhile, and who asks, hear each other and nothing of it; then nobody hears it."""
    daemon.stop()
    tone.write(daemon.folder / "music.wav", MUSIC, 20)
    daemon.env["TANDEM_PROMPT__MUSIC"] = str(daemon.folder / "music.wav")
    daemon.start()
    anna, ben, customer, agent, _, interaction = scene(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    customer.hears_anew(MUSIC)
    customer.silent(ANNA)
    anna.hears(BEN)
    agent.ask("complete", interaction=interaction)
    ben.hears(CUSTOMER)
    customer.hears(BEN)
    customer.silent(MUSIC)
    for phone in (anna, ben):
        never(phone, MUSIC)
    customer.command("hangup")


CHECKS = [
    the_music_of_a_signalled_hold_is_heard_and_then_the_agent_again,
    a_hold_of_both_sides_is_inactive_and_taken_back_by_one_after_the_other,
    a_hold_is_signalled_anew_after_it_met_another_offer,
    who_refuses_a_hold_is_held_by_music_and_asked_nothing_more,
    without_the_setting_a_hold_is_music_alone,
    who_takes_the_only_stream_out_stays_in_the_call_and_brings_it_back,
    whom_a_phone_holds_that_sends_nothing_hears_music,
    of_three_the_one_who_is_held_hears_the_music_alone,
]
