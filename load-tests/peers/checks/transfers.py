"""Transfer, consultation, hold and mute, heard at every phone: who is to be heard is, and nobody else."""
from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

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
    count = lambda: tone.heard(phone.recordings()[-1], hertz, least=phone.least)
    before = count()
    until(lambda: count() >= before + 5, 10, f"{phone.user} did not hear {hertz} Hz again")


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


def a_phone_transfers_by_refer(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    before = other.mark()
    other.ask("presence", presence={"is": "ready"})
    other.change("presence", after=before)
    anna.command("transfer", f"sip:ben@{daemon.address}")
    ben.hears(CUSTOMER)
    customer.hears(BEN)
    customer.silent(ANNA)
    of_ben(daemon, interaction)
    text = anna.process.text()
    expect("202 Accepted" in text and "NOTIFY" in text, "the phone was not told 202 and how it went")


CHECKS = [
    a_consultation_is_completed,
    a_customer_is_taken_back,
    hold_and_mute_are_heard,
    a_phone_transfers_by_refer,
]
