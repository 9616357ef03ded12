"""Transfer, consultation, hold and mute, heard at every phone: who is to be heard is, and nobody else."""
from lib.baresip import Phone
from lib.far import Far
from lib.people import Agent
from lib.processes import expect, until
from lib.webphone import WebPhone

ANNA, BEN, CUSTOMER = 440, 550, 660


def scene(daemon, phone=Phone):
    """A customer who hears anna, at a `phone`, and is heard by her; ben is signed in and away."""
    anna = phone(daemon.folder, "anna", daemon.address, ANNA)
    ben = Phone(daemon.folder, "ben", daemon.address, BEN)
    customer = Phone(daemon.folder, "4930900100", daemon.address, CUSTOMER, register=False)
    agent, other = Agent(daemon, "anna"), Agent(daemon, "ben", ready=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(CUSTOMER)
    customer.hears(ANNA)
    return anna, ben, customer, agent, other, interaction


def of_ben(daemon, interaction):
    """Waits until the record says that ben has it; returns the record."""
    def found():
        record = daemon.record(interaction, agent="ben")
        return record if any(stay["agent"] == "ben" for stay in record["assignments"]) else None
    return until(found, 10, lambda: f"ben never had it: {daemon.record(interaction)['assignments']}")


def a_consultation_is_completed(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    anna.hears(BEN)
    customer.silent(ANNA)
    ben.silent(CUSTOMER)
    agent.ask("complete", interaction=interaction)
    ben.hears(CUSTOMER)
    customer.hears(BEN)
    agent.change("released", interaction=interaction)
    record = of_ben(daemon, interaction)
    causes = [leg["cause"] for leg in record["legs"]]
    expect("consult" in causes, f"the legs began because of {causes}")
    customer.command("hangup")
    until(lambda: "terminated" in ben.process.text() or "closed" in ben.process.text(), 10, "ben was not released")


def a_customer_is_taken_back(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    customer.silent(ANNA)
    agent.ask("take_back", interaction=interaction)
    anna.silent(BEN)
    again(customer, ANNA)
    again(anna, CUSTOMER)


def again(phone, hertz):
    """Waits until a tone is heard anew."""
    phone.hears_anew(hertz, 10)


def hold_and_mute_are_heard(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    agent.ask("hold", interaction=interaction, on=True)
    customer.silent(ANNA)
    anna.silent(CUSTOMER)
    agent.ask("hold", interaction=interaction, on=False)
    again(customer, ANNA)
    agent.ask("mute", interaction=interaction, on=True)
    customer.silent(ANNA)
    again(anna, CUSTOMER)
    agent.ask("mute", interaction=interaction, on=False)
    again(customer, ANNA)


def ready(other):
    before = other.mark()
    other.ask("presence", presence={"is": "ready"})
    other.change("presence", after=before)


def given_away(daemon, to):
    """The agent gives the call to ben at once; he and the customer hear each other, and the agent is free."""
    anna, ben, customer, agent, other, interaction = scene(daemon)
    ready(other)
    agent.ask("transfer", interaction=interaction, to=to, note="wants the blue one")
    contact = other.contact()
    expect(contact["interaction"] == interaction, f"ben got {contact}")
    ben.hears(CUSTOMER)
    customer.hears(BEN)
    customer.silent(ANNA)
    agent.change("released", interaction=interaction)
    record = of_ben(daemon, interaction)
    expect([stay["agent"] for stay in record["assignments"]] == ["anna", "ben"], f"it was with {record['assignments']}")
    customer.command("hangup")
    return contact


def an_agent_gives_the_call_to_a_colleague_with_a_note(daemon):
    contact = given_away(daemon, {"agent": "ben"})
    texts = [note["text"] for note in contact.get("notes") or []]
    expect(texts == ["wants the blue one"], f"whoever has it now reads {texts}")


def an_agent_gives_the_call_to_a_queue(daemon):
    given_away(daemon, {"queue": "support"})


OUTSIDE, ELSEWHERE = 880, "+4940111222"


def outside(daemon):
    """The same as `scene`, and somebody outside whom a rule lets be called."""
    daemon.stop()
    daemon.env["TANDEM_TRANSFER__NUMBERS"] = '["+4940*"]'
    daemon.start()
    phone = Phone(daemon.folder, ELSEWHERE, f"127.0.0.1:{daemon.far}", OUTSIDE, register=False, sip=daemon.far)
    return phone, *scene(daemon)


def is_outside(daemon, phone, anna, customer, agent, interaction):
    """The customer talks to who is outside, and the agent is free."""
    again(phone, CUSTOMER)
    again(customer, OUTSIDE)
    for each in (customer, phone):
        each.silent(ANNA)
    agent.change("released", interaction=interaction)
    legs = daemon.record(interaction)["legs"]
    expect(any(leg["party"] == ELSEWHERE and not leg["ended_at"] for leg in legs), f"the record has {legs}")
    phone.command("hangup")
    until(lambda: "terminated" in customer.process.text() or "closed" in customer.process.text(), 10, "the customer was not released")


def an_agent_gives_the_call_to_a_number(daemon):
    phone, anna, ben, customer, agent, other, interaction = outside(daemon)
    agent.ask("transfer", interaction=interaction, to={"number": ELSEWHERE}, note=None)
    phone.hears(CUSTOMER)
    is_outside(daemon, phone, anna, customer, agent, interaction)


def a_number_is_asked_first(daemon):
    phone, anna, ben, customer, agent, other, interaction = outside(daemon)
    agent.ask("consult", interaction=interaction, to={"number": ELSEWHERE})
    phone.hears(ANNA)
    anna.hears(OUTSIDE)
    phone.silent(CUSTOMER)
    customer.silent(ANNA)
    agent.ask("complete", interaction=interaction)
    is_outside(daemon, phone, anna, customer, agent, interaction)


def a_phone_transfers_by_refer(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    ready(other)
    anna.command("transfer", f"sip:ben@{daemon.address}")
    ben.hears(CUSTOMER)
    customer.hears(BEN)
    customer.silent(ANNA)
    of_ben(daemon, interaction)
    text = anna.process.text()
    expect("202 Accepted" in text and "NOTIFY" in text, "the phone was not told 202 and how it went")


def a_phone_is_told_after_its_bye_that_the_number_it_named_is_busy(daemon):
    record = told_after_its_bye(daemon, (486, "Busy Here"))
    expect(not any(leg["party"] == "4930900100" and leg["ended_at"] for leg in record["legs"]), f"the customer is gone: {record['legs']}")


def a_phone_is_told_after_its_bye_that_the_number_it_named_answered(daemon):
    record = told_after_its_bye(daemon, (200, "OK"))
    expect(any(leg["party"] == ELSEWHERE and not leg["ended_at"] for leg in record["legs"]), f"the record has {record['legs']}")


def told_after_its_bye(daemon, answer):
    """Anna's phone gives its call to a number that answers so, and is told that; returns the record."""
    daemon.stop()
    daemon.env["TANDEM_TRANSFER__NUMBERS"] = '["+4940*"]'
    daemon.start()
    far, phone, agent = Far(daemon), WebPhone(daemon, "anna"), Agent(daemon, "anna")
    customer = Phone(daemon.folder, "4930900100", daemon.address, CUSTOMER, register=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    invite = phone.comes("INVITE")
    phone.reply(invite, 200, "OK", phone.sdp())
    phone.comes("ACK")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    there = invite.get("contact").split("<")[1].split(">")[0]
    refer = [f"REFER {there} SIP/2.0", "Via: SIP/2.0/WS phone.invalid;branch=z9hG4bKrefer", "Max-Forwards: 70", f"From: {invite.get('to')};tag={phone.tag}",
             f"To: {invite.get('from')}", f"Call-ID: {invite.get('call-id')}", "CSeq: 1 REFER", f"Contact: {phone.contact}",
             f"Refer-To: <sip:{ELSEWHERE}@{daemon.address}>", "Content-Length: 0"]
    phone.socket.send(("\r\n".join(refer) + "\r\n\r\n").encode())
    first = phone.comes_next("NOTIFY")
    phone.reply(first, 200, "OK")
    phone.reply(phone.comes_next("BYE"), 200, "OK")
    dialled = far.comes("INVITE")
    far.reply(dialled, 180, "Ringing")
    far.reply(dialled, *answer, body=far.sdp() if answer[0] == 200 else "")
    last = phone.comes_next("NOTIFY")
    phone.reply(last, 200, "OK")
    told = [(one.body.strip(), one.get("subscription-state").split(";")[0]) for one in (first, last)]
    expect(told == [("SIP/2.0 100 Trying", "active"), (f"SIP/2.0 {answer[0]} {answer[1]}", "terminated")], f"it was told {told}")
    return daemon.record(interaction)


CHECKS = [
    a_consultation_is_completed,
    a_customer_is_taken_back,
    hold_and_mute_are_heard,
    an_agent_gives_the_call_to_a_colleague_with_a_note,
    an_agent_gives_the_call_to_a_queue,
    an_agent_gives_the_call_to_a_number,
    a_number_is_asked_first,
    a_phone_transfers_by_refer,
    a_phone_is_told_after_its_bye_that_the_number_it_named_is_busy,
    a_phone_is_told_after_its_bye_that_the_number_it_named_answered,
]
