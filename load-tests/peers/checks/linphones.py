"""linphonec as an agent's phone, a caller and somebody who is called: hold by either side, transfer, sound before the answer, keys both
ways, SRTP and another codec within a call, heard at both ends."""
import re

from lib.baresip import Phone
from lib.linphone import Linphone, calling
from lib.people import Agent, Visitor
from lib.processes import expect, until

from .attended import ready
from .menus import DIGITS, HELLO, with_menus
from .transfers import ANNA, BEN, CUSTOMER, again, of_ben, scene

NUMBER = "+4930900400"


def talking(daemon, **customer):
    """A linphonec that calls, and anna who answers at a baresip."""
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    return anna, agent, *calling(daemon, anna, agent, (ANNA, CUSTOMER), **customer)


def hold_by_the_phone_and_by_the_console_is_heard(daemon):
    anna, agent, caller, interaction = talking(daemon)
    caller.command("pause")
    caller.says("Call 1 with .* is now paused")
    caller.silent(ANNA)
    caller.command("resume 1")
    caller.hears_anew(ANNA)
    again(anna, CUSTOMER)
    agent.ask("hold", interaction=interaction, on=True)
    anna.silent(CUSTOMER)
    caller.silent(ANNA)
    agent.ask("hold", interaction=interaction, on=False)
    caller.hears_anew(ANNA)
    again(anna, CUSTOMER)
    agent.ask("hang_up", interaction=interaction)
    caller.says("Call 1 with .* ended")


def an_agents_phone_holds_and_transfers_to_a_colleague(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon, Linphone)
    anna.command("pause")
    anna.says("Call 1 with .* is now paused")
    anna.silent(CUSTOMER)
    anna.command("resume 1")
    anna.hears_anew(CUSTOMER)
    again(customer, ANNA)
    ready(other)
    anna.command(f"transfer 1 sip:ben@{daemon.address}")
    ben.hears(CUSTOMER)
    again(customer, BEN)
    customer.silent(ANNA)
    until(lambda: anna.answered("REFER", 202), 5, "its REFER was not taken")
    anna.says("Call 1 with .* ended")
    of_ben(daemon, interaction)


def who_is_called_is_heard_before_the_answer(daemon):
    far = Linphone(daemon.folder, NUMBER, daemon.address, CUSTOMER, register=False, sip=daemon.far, answers=False, early=True)
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    anna.hears(CUSTOMER, 40)
    expect(far.blocks(ANNA) == 0, "the agent was heard before the answer")
    far.command("answer")
    visitor.call("connected")
    far.hears(ANNA)
    again(anna, CUSTOMER)
    agent.ask("hang_up", interaction=interaction)
    far.says("Call 1 with .* ended")


def keys_are_pressed_by_both_sides(daemon):
    anna, agent, caller, interaction = talking(daemon)
    agent.ask("digits", interaction=interaction, digits="42#")
    for key in "42#":
        caller.says(f"Receiving tone {key} ")
    caller.command("7")
    until(lambda: re.search(r"received event: '7'|Received DTMF.*7", anna.process.text()), 5,
          lambda: f"the agent's phone heard no key: {anna.process.text()[-300:]}")


def keys_of_a_caller_lead_through_a_menu(daemon):
    with_menus(daemon)
    agent = Agent(daemon, "anna")
    Phone(daemon.folder, "anna", daemon.address, ANNA)
    caller = Linphone(daemon.folder, "desk", daemon.address, CUSTOMER, register=False)
    caller.command(f"call sip:main@{daemon.address}")
    caller.hears(HELLO)
    caller.command("1")
    caller.hears(DIGITS)
    for key in "4711#":
        caller.command(key)
    interaction = agent.contact(20)["interaction"]
    kept = daemon.record(interaction)["external_ids"]
    expect(kept.get("customer_number") == "4711", f"the record keeps {kept}")


def voice_is_sealed_both_ways(daemon):
    daemon.stop()
    daemon.env |= {"TANDEM_TRUNK__TEST__SRTP": "require", "TANDEM_RTP__SDES_IN_CLEAR": "true"}
    daemon.start()
    anna, agent, caller, interaction = talking(daemon, sealed=True)
    expect("a=crypto:" in caller.trace() and "RTP/SAVP" in caller.trace(), "no keys were told")
    expect("a=crypto" not in anna.process.text(), "keys were told to the phone in clear")
    caller.command("pause")
    caller.silent(ANNA)
    caller.command("resume 1")
    caller.hears_anew(ANNA)
    again(anna, CUSTOMER)


def another_codec_is_taken_within_a_call(daemon):
    anna, agent, caller, interaction = talking(daemon, codecs=("PCMU", "PCMA"))
    caller.command("pause")
    caller.silent(ANNA)
    for line in ("codec disable 0", "codec enable 1", "resume 1"):
        caller.command(line)
    caller.hears_anew(ANNA)
    again(anna, CUSTOMER)
    offers = re.findall(r"m=audio \d+ RTP/AVPF? ([\d ]+)", caller.trace())
    expect(offers[0].split()[0] == "0" and offers[-1].split()[0] == "8", f"the formats were {offers}")


CHECKS = [
    hold_by_the_phone_and_by_the_console_is_heard,
    an_agents_phone_holds_and_transfers_to_a_colleague,
    who_is_called_is_heard_before_the_answer,
    keys_are_pressed_by_both_sides,
    keys_of_a_caller_lead_through_a_menu,
    voice_is_sealed_both_ways,
    another_codec_is_taken_within_a_call,
]
