"""Scenarios of sipp for what carriers and PBXs do less often, by ear where it has sound: offers that come late, forks that are heard
before the answer, User-to-User both ways, and IPv6 and TCP beyond a plain call."""
from lib import sipp, trace
from lib.baresip import Phone
from lib.caller import Voice
from lib.far import Far
from lib.people import Agent, Visitor
from lib.processes import expect, until
from lib.sip import Client

from .attended import OTHER, transferred
from .calls import held, scene, sealed
from .transfers import ANNA, again

ONE, TWO, NUMBER = 1300, 1700, "+4930900400"
# For sipp at ::1.
SIX = ("-i", "::1", "-mi", "::1")


def places(*tones):
    """Returns voices for a scenario, and the words that name where they are."""
    voices = [Voice(hertz, f"who speaks {hertz} Hz") for hertz in tones]
    ports = [voice.media.getsockname()[1] for voice in voices]
    return voices, dict(zip(("FIRST", "SECOND"), ports))


def an_offer_that_comes_late_is_answered_and_heard(daemon):
    """Over TCP, where sipp has no events and hears by INFO what anna presses: then it goes on, as its scenario says."""
    agent, anna = scene(daemon)
    (first, second), words = places(ONE, TWO)
    call = sipp.call(daemon, "caller-offers-late", transport="tcp", words=words, seconds=80)
    interaction = agent.contact(seconds=20)["interaction"]
    agent.call("connected")
    first.speaks_to(call.trace())
    first.hears(ANNA)
    anna.hears(ONE)
    agent.ask("digits", interaction=interaction, digits="1")
    until(lambda: call.statuses().count(200) == 2, 20, lambda: f"the second INVITE was answered {call.statuses()}")
    second.speaks_to(call.trace())
    second.hears(ANNA)
    anna.hears(TWO)
    # Who was there before goes on speaking, and is heard no more.
    first.silent(ANNA)
    anna.silent(ONE)
    agent.ask("hang_up", interaction=interaction)
    call.done()
    sealed(daemon, interaction, legs=2)
    for voice in (first, second):
        voice.close()


def of_the_phones_of_a_fork_the_one_that_answers_is_heard(daemon):
    """Before the answer it is the one that speaks then; it speaks on all the while, and is neither heard afterwards nor hears."""
    (one, two), words = places(ONE, TWO)
    far = sipp.far_side(daemon, "callee-forks", words=words, seconds=100)
    anna, agent, visitor = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    until(lambda: "SIP/2.0 180" in far.trace(), 40, "no INVITE came")
    one.speaks_to(far.trace())
    anna.hears(ONE)
    far.go_on()
    visitor.call("connected")
    two.speaks_to(far.trace())
    two.hears(ANNA)
    anna.hears(TWO)
    one.silent(ANNA)
    anna.silent(ONE)
    # Another answer changes nothing.
    far.go_on()
    told = lambda: [m.method for m in far.messages() if m.by_tandem and m.method in ("ACK", "BYE")]
    until(lambda: told() == ["ACK", "ACK", "BYE"], 20, lambda: f"the phones were told {told()}")
    two.hears(ANNA)
    again(anna, TWO)
    agent.ask("hang_up", interaction=interaction)
    far.done()
    visitor.call("ended")
    record = daemon.record(interaction)
    expect([leg["party"] for leg in record["legs"]].count(NUMBER) == 1, f"its legs are {record['legs']}")
    for voice in (one, two):
        voice.close()


def whoever_answers_is_heard_from_where_that_says_though_another_began_to_speak_then(daemon):
    """Two phones of a fork speak at once before the answer, the first of them from elsewhere at the same host (RFC 3264 §8.3.1)."""
    (one, two), _ = places(ONE, TWO)
    far, anna, agent, visitor = Far(daemon), Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    invite = far.comes("INVITE", 40)
    far.reply(invite, 183, "Session Progress", one.sdp(), tag="one")
    far.reply(invite, 183, "Session Progress", two.sdp(), tag="two")
    one.speaks_to(invite.body)
    until(lambda: one.sent > 3, 10, "it does not speak")
    two.speaks_to(invite.body)
    far.reply(invite, 200, "OK", two.sdp(), tag="two")
    far.comes("ACK")
    visitor.call("connected")
    two.hears(ANNA)
    anna.hears(TWO)
    one.silent(ANNA)
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes("BYE"), 200, "OK")
    visitor.call("ended")
    for each in (one, two, far):
        each.close()


def user_to_user_is_read_in_every_form_of_its_grammar(daemon):
    """RFC 7433 §4: several values behind commas are as several fields, and a value may be a quoted string."""
    agent, _ = scene(daemon)
    for form in ("3132333435;encoding=hex, {};encoding=hex", '"{}";encoding=hex'):
        mark, visitor = agent.mark(), Visitor(daemon)
        interaction = visitor.open("I have a question")
        agent.contact(after=mark)
        caller = Client(daemon.address)
        answer = caller.call("support", headers=["User-to-User: " + form.format(interaction)])
        found = answer.get("session-id").split(";")[0]
        expect(found == interaction, f"User-to-User: {form}: the call is {found}, the chat {interaction}")
        caller.bye()
        caller.close()
        visitor.ask("end")
        agent.change("released", interaction=interaction, after=mark)


def what_another_system_says_by_user_to_user_is_on_the_agent_s_card(daemon):
    """Of a PBX's own, 16 octets: as many as our mark has."""
    agent, _ = scene(daemon)
    said, caller = "04c8134163000000000000000000000a;encoding=hex;purpose=isdn-uui", Client(daemon.address)
    caller.call("support", headers=[f"User-to-User: {said}"])
    contact = agent.contact()
    expect(contact["card"].get("caller", {}).get("user_to_user") == said, f"the card is {contact['card']}")
    expect(daemon.record(contact["interaction"])["external_ids"].get("User-to-User") == said, "it does not stand in the record")
    caller.bye()
    caller.close()


def an_invite_that_came_by_two_ways_is_one_call_and_one_that_went_too_far_is_none(daemon):
    for transport in ("udp", "tcp"):
        call = sipp.call(daemon, "caller-merges", transport=transport).done()
        # A refusal is of no interaction.
        sealed(daemon, trace.one_session(m for m in call.messages() if " 482 " not in m.first), legs=1)
        call = sipp.call(daemon, "caller-went-too-far", transport=transport).done()
        expect(call.statuses()[-1] == 483, f"it was answered {call.statuses()}")
    expect(daemon.metric("tandem_calls_total") == 2, f"{daemon.metric('tandem_calls_total')} calls were made")


def user_to_user_goes_out_and_brings_the_call_back_to_its_interaction(daemon):
    agent, anna = scene(daemon)
    far, visitor = sipp.far_side(daemon, "callee-answers"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("connected", seconds=20)
    mark = visitor.mark()
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    far.done()
    for side, came in (("who is called", far.messages()), ("the agent's phone", trace.baresip(anna.process.text(), anna.sip))):
        invite = next(m for m in came if m.by_tandem and m.first.startswith("INVITE"))
        told = invite.header("user-to-user")
        expect(told == f"{interaction};encoding=hex", f"{side} was told {told!r} of {interaction}")
    # The chat goes on; whoever was called calls back, and says what was said.
    call = sipp.call(daemon, "caller-names-itself", transport="tcp", words={"INTERACTION": interaction}, seconds=60)
    visitor.call("connected", seconds=20, after=mark)
    agent.ask("hang_up", interaction=interaction)
    call.done()
    trace.one_session(call.messages(), interaction)
    customers = [leg for leg in daemon.record(interaction)["legs"] if leg["kind"] == "customer_phone"]
    expect([leg["cause"] for leg in customers] == ["escalation", "inbound"], f"the customer's legs are {customers}")


def with_six(daemon):
    """Listens on both families; the trunk is at ::1."""
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__LISTEN": f'["127.0.0.1:{daemon.sip}", "[::1]:{daemon.sip}"]', "TANDEM_TRUNK__TEST__TARGET": f"[::1]:{daemon.far}"}
    daemon.start()
    return {"target": f"[::1]:{daemon.sip}"}


def a_caller_at_ipv6_holds_and_resumes(daemon):
    call = held(daemon, "udp", *SIX, **with_six(daemon))
    answers = call.trace().count("c=IN IP6 ::1")
    expect(answers >= 6 and "IP4" not in call.trace(), f"of three offers and answers {answers} name ::1")


def a_caller_at_ipv6_transfers_to_somebody_at_ipv6_who_is_held(daemon):
    options = with_six(daemon)
    anna, agent, far, interaction = transferred(daemon, "udp", *SIX, six=True, **options)
    agent.ask("hold", interaction=interaction, on=True)
    far.silent(ANNA)
    anna.silent(OTHER)
    agent.ask("hold", interaction=interaction, on=False)
    again(far, ANNA)
    again(anna, OTHER)


def a_pbx_transfers_over_tcp(daemon):
    transferred(daemon, "tcp", apart=True)


CHECKS = [
    an_offer_that_comes_late_is_answered_and_heard,
    of_the_phones_of_a_fork_the_one_that_answers_is_heard,
    whoever_answers_is_heard_from_where_that_says_though_another_began_to_speak_then,
    user_to_user_is_read_in_every_form_of_its_grammar,
    what_another_system_says_by_user_to_user_is_on_the_agent_s_card,
    an_invite_that_came_by_two_ways_is_one_call_and_one_that_went_too_far_is_none,
    user_to_user_goes_out_and_brings_the_call_back_to_its_interaction,
    a_caller_at_ipv6_holds_and_resumes,
    a_caller_at_ipv6_transfers_to_somebody_at_ipv6_who_is_held,
    a_pbx_transfers_over_tcp,
]
