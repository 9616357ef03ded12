"""Trunks as carriers have them: numbers in their own forms, who calls and who does not want to be seen, several for one carrier."""
from lib import sipp
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.sip import Client

NUMBER = "+4930900400"


def again(daemon, **settings):
    """Starts Tandem with other settings; those of the test trunk begin with `trunk_`."""
    daemon.stop()
    name = lambda key: key.upper().replace("TRUNK_", "TANDEM_TRUNK__TEST__", 1) if key.startswith("trunk_") else key.upper()
    daemon.env |= {name(key): str(value) for key, value in settings.items()}
    daemon.start()


def dials(daemon, far, agent, visitor):
    """An agent calls a visitor; returns the interaction and the INVITE that the far side got."""
    mark = agent.mark()
    interaction = visitor.open("Please call me")
    agent.contact(after=mark)
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    def invite():
        return next((m for m in far.messages() if m.by_tandem and m.first.startswith("INVITE")), None)
    return interaction, until(invite, 40, "the far side was not called")


def people(daemon):
    Phone(daemon.folder, "anna", daemon.address, 440)
    return Agent(daemon, "anna"), Visitor(daemon)


def a_call_goes_out_in_the_carrier_s_form(daemon):
    again(daemon, trunk_numbers__country=49, trunk_numbers__form="national", trunk_caller__number="+4930555000",
          trunk_caller__headers='["X-CID", "X-Leg-ID"]')
    far = sipp.far_side(daemon, "callee-answers")
    agent, visitor = people(daemon)
    interaction, invite = dials(daemon, far, agent, visitor)
    expect("sip:030900400@" in invite.first, f"it called {invite.first}")
    expect("sip:030555000@" in invite.header("from"), f"From is {invite.header('from')}")
    expect("sip:030555000@" in (invite.header("p-asserted-identity") or ""), "a trusted trunk was not told who calls")
    expect(invite.header("x-leg-id") == f"{interaction}.3", f"X-Leg-ID is {invite.header('x-leg-id')}")
    for name in ("session-id", "x-interaction-id", "user-to-user"):
        expect(not invite.header(name), f"{name} was sent, which the trunk is not to have")
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    legs = daemon.record(interaction)["legs"]
    expect(any(leg["party"] == NUMBER for leg in legs), f"the record does not name {NUMBER}: {legs}")


def a_number_that_is_withheld_is_asserted_to_the_trusted_alone(daemon):
    again(daemon, trunk_caller__number="+4930555000", trunk_caller__withhold="true")
    far = sipp.far_side(daemon, "callee-answers")
    agent, visitor = people(daemon)
    _, invite = dials(daemon, far, agent, visitor)
    expect("anonymous@anonymous.invalid" in invite.header("from"), f"From is {invite.header('from')}")
    expect(invite.header("privacy") == "id", f"Privacy is {invite.header('privacy')}")
    expect("+4930555000" in invite.header("p-asserted-identity"), "the trunk was not told who calls")


def calls(daemon, name, user, *headers):
    """Somebody calls, is served by the agent of that name and hangs up; returns the record and what the card showed."""
    phone, agent = Phone(daemon.folder, name, daemon.address, 440), Agent(daemon, name)
    caller = Client(daemon.address, user=user)
    answer = caller.call("support", headers=headers)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    interaction = answer.get("session-id").split(";")[0]
    card = agent.contact()["card"]
    caller.bye()
    agent.change("released", interaction=interaction)
    agent.stop()
    phone.process.stop()
    return daemon.record(interaction), card


def a_caller_is_who_a_trusted_carrier_asserts(daemon):
    again(daemon, trunk_numbers__country=49)
    record, card = calls(daemon, "anna", "anybody", "P-Asserted-Identity: <sip:030123456@carrier.example>")
    expect(record["legs"][0]["party"] == "+4930123456", f"the caller is {record['legs'][0]['party']}")
    expect(card["number"] == "+4930123456", f"the card shows {card}")
    expect("asserted" not in str(record).lower(), "the header field stands in the record")


ASSERTED = ("P-Asserted-Identity: <sip:030123456@carrier.example>", "Privacy: id", "X-Original-ANI: +4930123456",
            "Diversion: <sip:030123456@carrier.example>;reason=unconditional", "History-Info: <sip:030123456@carrier.example>;index=1",
            "Referred-By: <sip:030123456@carrier.example>", "Subject: from 030123456", "Priority: urgent")


def withheld(daemon):
    """A customer calls, and once more without showing the number; returns the card of the first, the record and the card of the second."""
    _, known = calls(daemon, "anna", "030123456")
    record, card = calls(daemon, "ben", "anonymous", *ASSERTED)
    expect(record["legs"][0]["party"] is None, f"the caller is {record['legs'][0]['party']}")
    expect(card["caller"] == {"withheld": True}, f"the card shows {card}")
    expect("30123456" not in str(record["legs"]) + str(record["happenings"]), f"the number stands in the record: {record}")
    expect(record["external_ids"].get("Priority") == "urgent", f"the record keeps {record['external_ids']}")
    expect("30123456" not in str(record["external_ids"]), f"the record keeps {record['external_ids']}")
    return known, record, card


def who_withholds_the_number_stands_nowhere_with_it(daemon):
    again(daemon, trunk_numbers__country=49)
    known, record, card = withheld(daemon)
    expect(card["customer"] != known["customer"], "a withheld number led to the customer, which nobody configured")
    expect(card["number"] is None and "30123456" not in str(record), f"the number was shown: {card}")


def who_withholds_the_number_is_found_by_what_a_trunk_asserts_where_that_is_wanted(daemon):
    again(daemon, trunk_numbers__country=49, trunk_caller__match_withheld="true")
    known, _, card = withheld(daemon)
    expect(card["customer"] == known["customer"], "the customer was not found by what the trunk asserts")


def a_carrier_s_other_trunk_takes_over(daemon):
    second = port()
    again(daemon, trunk_carrier="telco", tandem_outbound__trunk="telco", tandem_trunk__second__target=f"127.0.0.1:{second}",
          tandem_trunk__second__carrier="telco", tandem_trunk__second__priority=2, tandem_trunk__second__caller__number="+4930444000")
    refuses = sipp.far_side(daemon, "callee-refuses", words={"CODE": 503, "REASON": "Service Unavailable"})
    takes = sipp.Sipp(daemon.folder, "callee-answers", local=second)
    agent, visitor = people(daemon)
    interaction, invite = dials(daemon, takes, agent, visitor)
    refuses.done()
    expect("sip:+4930444000@" in invite.header("from"), f"From is {invite.header('from')}")
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    record = daemon.record(interaction)
    expect(any(leg["trunk"] == "second" for leg in record["legs"]), f"the record does not say by which trunk: {record['legs']}")
    expect(daemon.metric("tandem_call_steps_total", step="rerouted") == 1, "it was not counted")


def sent_on(daemon, takes, **settings):
    """An agent calls somebody by the test trunk, and `takes` is called by another; returns how the record says that it went there."""
    again(daemon, trunk_carrier="telco", tandem_outbound__trunk="telco", **settings)
    agent, visitor = people(daemon)
    interaction, _ = dials(daemon, takes, agent, visitor)
    visitor.call("connected")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    told = [one["details"] for one in daemon.record(interaction)["happenings"] if one["details"].get("step") == "rerouted"]
    return [(one["trunk"], one["why"], one.get("left"), one.get("passed_over")) for one in told]


def a_trunk_at_which_nobody_listens_is_left_at_once(daemon):
    second = port()
    told = sent_on(daemon, sipp.Sipp(daemon.folder, "callee-answers", local=second), tandem_trunk__second__target=f"127.0.0.1:{second}",
                   tandem_trunk__second__carrier="telco", tandem_trunk__second__priority=2)
    expect(told == [("second", "broken", f"UDP 127.0.0.1:{daemon.far}", None)], f"the record has {told}")


def a_trunk_that_is_passed_over_after_another_refused_is_on_record(daemon):
    third = port()
    refuses = sipp.far_side(daemon, "callee-refuses", words={"CODE": 503, "REASON": "Service Unavailable"})
    told = sent_on(daemon, sipp.Sipp(daemon.folder, "callee-answers", local=third), tandem_trunk__second__target="nowhere.invalid",
                   tandem_trunk__second__carrier="telco", tandem_trunk__second__priority=2,
                   tandem_trunk__third__target=f"127.0.0.1:{third}", tandem_trunk__third__carrier="telco", tandem_trunk__third__priority=3)
    refuses.done()
    over = {"trunk": "second", "lack": "unlocated"}
    expect(told == [("third", "refused", f"UDP 127.0.0.1:{daemon.far}", None), ("third", "passed", None, over)], f"the record has {told}")


def too_many_calls_are_told_when_to_come_again(daemon):
    again(daemon, trunk_limits__calls_in=1, trunk_limits__per_second_in=0)
    first, second = Client(daemon.address), Client(daemon.address)
    expect(first.call("support").code == 200, "the first call was not taken")
    answer = second.call("support")
    expect(answer.code == 503 and answer.get("retry-after"), f"the second call was answered {answer.code} {answer.headers}")
    first.bye()
    expect(Client(daemon.address).call("support").code == 200, "the place was not given back")


def forwarded(daemon, number, **settings):
    """A customer's phone forwards calls to `number`; returns the agent, the visitor, the interaction and what was dialled then."""
    again(daemon, trunk_numbers__country=49, trunk_numbers__form="national", **settings)
    far = sipp.far_side(daemon, "callee-forwards", words={"NUMBER": number})
    agent, visitor = people(daemon)
    interaction, _ = dials(daemon, far, agent, visitor)
    return far, agent, visitor, interaction


def a_forwarded_call_goes_where_a_rule_lets_it(daemon):
    far, agent, visitor, interaction = forwarded(daemon, "040111222", tandem_transfer__numbers='["+4940*"]')
    visitor.call("connected")
    invites = [m.first for m in far.messages() if m.by_tandem and m.first.startswith("INVITE")]
    expect("sip:040111222@" in invites[-1], f"it dialled {invites}")
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    far.done()
    expect(daemon.metric("tandem_call_steps_total", step="redirected") == 1, "it was not counted")


def nobody_outside_says_whom_the_house_calls(daemon):
    far, _, visitor, interaction = forwarded(daemon, "00881612345678", tandem_transfer__numbers='["+4940*"]')
    visitor.call("failed")
    invites = {m.first for m in far.messages() if m.by_tandem and m.first.startswith("INVITE")}
    expect(len(invites) == 1, f"it dialled {invites}")
    legs = daemon.record(interaction)["legs"]
    expect(any("no rule allows" in (leg.get("reason") or "") for leg in legs), f"the record does not say why: {legs}")
    expect(daemon.metric("tandem_contacts_refused_total", reason="not_allowed") == 1, "it was not counted")


def causes_are_told_both_ways(daemon):
    far = sipp.far_side(daemon, "callee-refuses", words={"CODE": 503, "REASON": "Service Unavailable\nReason: Q.850;cause=1"})
    agent, visitor = people(daemon)
    interaction, _ = dials(daemon, far, agent, visitor)
    visitor.call("failed")
    leg = next(leg for leg in daemon.record(interaction)["legs"] if leg["party"] == NUMBER)
    expect((leg["end_kind"], leg["reason"]) == ("unreachable", "the number is not assigned"), f"the record says {leg}")
    caller = Client(daemon.address)
    expect(caller.call("support").code == 200, "the call was not taken")
    record = caller.bye_because("Q.850;cause=38")
    expect(record.code == 200, "the BYE was refused")
    interaction = record.get("session-id").split(";")[0]
    until(lambda: daemon.record(interaction)["legs"][0]["ended_at"], 5, "the leg did not end")
    leg = daemon.record(interaction)["legs"][0]
    expect((leg["end_kind"], leg["reason"]) == ("fault", "the network is out of order"), f"the record says {leg}")


def toll_rules_are_kept(daemon):
    again(daemon, tandem_toll__per_agent=1, tandem_toll__prefixes='{ "+49900" = "deny" }')
    far = sipp.far_side(daemon, "callee-refuses", words={"CODE": 486, "REASON": "Busy Here"}, calls=2)
    agent, visitor = people(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    def refused(number, code):
        after = agent.mark()
        agent.ask("escalate", interaction=interaction, number=number)
        error = agent.see("a refusal", lambda frame: "error" in frame, after=after)["error"]
        expect(error["code"] == code, f"{number} was refused as {error}")
    refused("+49900123", "forbidden")
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("failed")
    refused(NUMBER, "unavailable")
    # A promise for now is a call by another name.
    asked = agent.answer("callback", interaction=interaction, number=NUMBER, at=None)
    expect(asked == "unavailable", f"a promise for now was answered {asked}")
    for reason, count in (("denied", 1), ("agent_spent", 2)):
        expect(daemon.metric("tandem_contacts_refused_total", reason=reason) == count, f"{reason} was not counted")
    expect(len({m.header("call-id") for m in far.messages() if m.by_tandem and m.first.startswith("INVITE")}) == 1, "more was dialled")
    happened = [h for h in daemon.record(interaction)["happenings"] if h["event"] == "contact_refused"]
    expect(len(happened) == 3, f"the record has {happened}")


CHECKS = [
    a_call_goes_out_in_the_carrier_s_form,
    a_number_that_is_withheld_is_asserted_to_the_trusted_alone,
    a_caller_is_who_a_trusted_carrier_asserts,
    who_withholds_the_number_stands_nowhere_with_it,
    who_withholds_the_number_is_found_by_what_a_trunk_asserts_where_that_is_wanted,
    a_carrier_s_other_trunk_takes_over,
    a_trunk_at_which_nobody_listens_is_left_at_once,
    a_trunk_that_is_passed_over_after_another_refused_is_on_record,
    too_many_calls_are_told_when_to_come_again,
    a_forwarded_call_goes_where_a_rule_lets_it,
    nobody_outside_says_whom_the_house_calls,
    causes_are_told_both_ways,
    toll_rules_are_kept,
]
