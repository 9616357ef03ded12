"""baresip as the agent's phone and as the customer's: what each side says is heard by the other, and nobody else."""
from lib import sipp, trace
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until

NUMBER = "+4930900200"


def an_inbound_call_is_heard_both_ways(daemon):
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    customer = Phone(daemon.folder, "4930900100", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)

    customer.command("hold")
    anna.silent(660)
    customer.command("resume")
    anna.hears(660)
    anna.command("hold")
    customer.silent(440)
    anna.command("resume")
    customer.hears(440)

    customer.command("hangup")
    agent.change("released", interaction=interaction)
    for phone in (anna, customer):
        trace.one_session(trace.baresip(phone.process.text(), phone.sip), interaction)


def two_codecs_are_bridged(daemon):
    anna = Phone(daemon.folder, "anna", daemon.address, 440, codecs="PCMA")
    customer = Phone(daemon.folder, "4930900101", daemon.address, 660, register=False, codecs="PCMU")
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)
    anna.command("hangup")
    until(lambda: "terminated" in customer.process.text() or "closed" in customer.process.text(), 10, "the customer was not released")


def a_chat_becomes_a_call_heard_both_ways(daemon):
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    customer = Phone(daemon.folder, NUMBER, f"127.0.0.1:{daemon.far}", 660, register=False, sip=daemon.far)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("connected")
    anna.hears(660)
    customer.hears(440)

    agent.ask("message", interaction=interaction, mid="a1", text="Can you hear me?")
    visitor.entry("message", mid="a1")
    customer.command("hangup")
    visitor.call("ended")
    visitor.ask("message", mid="m2", text="Thank you")
    agent.entry("message", mid="m2")
    for phone in (anna, customer):
        trace.one_session(trace.baresip(phone.process.text(), phone.sip), interaction)
    record = daemon.record(interaction)
    expect(not record.get("sealed_at"), "the chat was sealed with its call")
    visitor.ask("end")
    agent.change("released", interaction=interaction)


def refused(daemon, scenario, word):
    """Escalates to a customer who does not take the call; the chat must go on and say why."""
    far = sipp.far_side(daemon, scenario)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    entry = visitor.call("failed", seconds=20)["entry"]
    expect(word in entry["call"]["reason"].lower(), f"the reason shown is {entry['call']['reason']!r}")
    visitor.ask("message", mid="m2", text="Let us go on here")
    agent.entry("message", mid="m2")
    far.done()
    trace.one_session(far.messages(), interaction)


def a_busy_customer_returns_to_the_chat(daemon):
    refused(daemon, "callee-is-busy", "busy")


def a_customer_who_does_not_answer_returns_to_the_chat(daemon):
    daemon.stop()
    daemon.env["TANDEM_WORK__RING"] = "2s"
    daemon.start()
    refused(daemon, "callee-rings", "answer")


def a_callback_is_dialled_once(daemon):
    far = sipp.far_side(daemon, "callee-answers")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Call me back")
    agent.contact()
    visitor.ask("callback", number=NUMBER)
    visitor.see("the promise", lambda frame: (frame.get("ok") or {}).get("done") == "promised")
    agent.call("connected", seconds=20)
    invites = [m for m in far.messages() if m.first.startswith("INVITE") and m.by_tandem]
    expect(len({m.header("call-id") for m in invites}) == 1, f"the customer was dialled {len(invites)} times")
    trace.one_session(far.messages(), interaction)
    agent.ask("hang_up", interaction=interaction)
    far.done()


CHECKS = [
    an_inbound_call_is_heard_both_ways,
    two_codecs_are_bridged,
    a_chat_becomes_a_call_heard_both_ways,
    a_busy_customer_returns_to_the_chat,
    a_customer_who_does_not_answer_returns_to_the_chat,
    a_callback_is_dialled_once,
]
