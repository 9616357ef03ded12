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
    interaction = visitor.open("Please call me")
    agent.contact()
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


def calls(daemon, user, *headers):
    """Somebody calls and hangs up; returns the record."""
    agent = Agent(daemon, "anna", accept=False)
    caller = Client(daemon.address, user=user)
    answer = caller.call("support", headers=headers)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    interaction = answer.get("session-id").split(";")[0]
    card = agent.change("offered")["change"]["offer"]["card"]
    caller.bye()
    agent.stop()
    return daemon.record(interaction), card


def a_caller_is_who_a_trusted_carrier_asserts(daemon):
    again(daemon, trunk_numbers__country=49)
    record, card = calls(daemon, "anybody", "P-Asserted-Identity: <sip:030123456@carrier.example>")
    expect(record["legs"][0]["party"] == "+4930123456", f"the caller is {record['legs'][0]['party']}")
    expect(card["number"] == "+4930123456", f"the card shows {card}")
    expect("asserted" not in str(record).lower(), "the header field stands in the record")


def who_withholds_the_number_stands_nowhere_with_it(daemon):
    again(daemon, trunk_numbers__country=49)
    known, _ = calls(daemon, "030123456")
    asserted = ("P-Asserted-Identity: <sip:030123456@carrier.example>", "Privacy: id")
    record, card = calls(daemon, "anonymous", *asserted)
    expect(record["legs"][0]["party"] is None, f"the caller is {record['legs'][0]['party']}")
    expect(card["caller"] == {"withheld": True} and card["number"] is None, f"the card shows {card}")
    expect("30123456" not in str(record), "the number stands in the record")
    expect(record["customer"] != known["customer"], "a withheld number led to the customer, which nobody configured")
    again(daemon, trunk_caller__match_withheld="true")
    found, card = calls(daemon, "anonymous", *asserted)
    expect(found["customer"] == known["customer"], "the customer was not found by what the trunk asserts")
    expect(found["legs"][0]["party"] is None and "30123456" not in str(found["legs"]), f"it was written down: {found['legs']}")


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


def too_many_calls_are_told_when_to_come_again(daemon):
    again(daemon, trunk_limits__calls_in=1, trunk_limits__per_second_in=0)
    first, second = Client(daemon.address), Client(daemon.address)
    expect(first.call("support").code == 200, "the first call was not taken")
    answer = second.call("support")
    expect(answer.code == 503 and answer.get("retry-after"), f"the second call was answered {answer.code} {answer.headers}")
    first.bye()
    expect(Client(daemon.address).call("support").code == 200, "the place was not given back")


CHECKS = [
    a_call_goes_out_in_the_carrier_s_form,
    a_number_that_is_withheld_is_asserted_to_the_trusted_alone,
    a_caller_is_who_a_trusted_carrier_asserts,
    who_withholds_the_number_stands_nowhere_with_it,
    a_carrier_s_other_trunk_takes_over,
    too_many_calls_are_told_when_to_come_again,
]
