"""More than two in a call, supervisors in calls, and phones that speak differently, heard at every phone by frequency:
who is to be heard is, and nobody else."""
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

from .recordings import begin, call, kept
from .routing import cli, hire
from .transfers import ANNA, BEN, CUSTOMER, again, of_ben, scene

SAM = 770
CARL = 880
# Of three voices each has a third.
MIXED = 0.25
# What the fullest phone hears of each of three others.
AMONG_FOUR = 0.15


def a_colleague_is_taken_into_the_call(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    for phone in (anna, ben, customer):
        phone.least = MIXED
    agent.ask("conference", interaction=interaction)
    for phone, tones in [(customer, (ANNA, BEN)), (anna, (CUSTOMER, BEN)), (ben, (CUSTOMER, ANNA))]:
        for hertz in tones:
            again(phone, hertz)
    for phone, own in [(customer, CUSTOMER), (anna, ANNA), (ben, BEN)]:
        phone.silent(own)
    # The agent leaves, and the others go on.
    anna.command("hangup")
    again(customer, BEN)
    again(ben, CUSTOMER)
    customer.silent(ANNA)
    of_ben(daemon, interaction)


def a_guest_leaves_and_two_go_on(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    for phone in (anna, ben, customer):
        phone.least = MIXED
    agent.ask("conference", interaction=interaction)
    again(customer, BEN)
    ben.command("hangup")
    customer.silent(BEN)
    again(customer, ANNA)
    again(anna, CUSTOMER)
    agent.ask("mute", interaction=interaction, on=True)
    customer.silent(ANNA)


def one_of_two_guests_is_taken_out_again(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    hire(daemon, "carl", "--queue", "support")
    fourth, carl = Agent(daemon, "carl", ready=False), Phone(daemon.folder, "carl", daemon.address, CARL)
    phones = {ANNA: anna, BEN: ben, CUSTOMER: customer, CARL: carl}
    for phone in phones.values():
        phone.least = AMONG_FOUR
    for who, phone in (("ben", ben), ("carl", carl)):
        agent.ask("consult", interaction=interaction, to={"agent": who})
        phone.hears(ANNA)
        before = agent.mark()
        agent.ask("conference", interaction=interaction)
        contact = agent.change("contact", after=before)["change"]["contact"]
    for own, phone in phones.items():
        for hertz in phones:
            if hertz != own:
                again(phone, hertz)
    first, second = contact["conference"]
    expect((first["agent"], second["agent"]) == ("ben", "carl"), f"the guests are {contact['conference']}")
    agent.ask("dismiss", interaction=interaction, leg=first["leg"])
    until(lambda: "terminated" in ben.process.text() or "closed" in ben.process.text(), 10, "ben was not released")
    for phone in (anna, customer, carl):
        phone.silent(BEN)
    rest = {ANNA: anna, CUSTOMER: customer, CARL: carl}
    for own, phone in rest.items():
        for hertz in rest:
            if hertz != own:
                again(phone, hertz)
    # Two go on, by the API, and it is the same matter.
    key = cli(daemon, "token", "api", "desk", "--scope", "act:agent").split()[-1]
    for leg, said in ((second["leg"], 204), (second["leg"], 404)):
        status, _ = daemon.api(f"/api/v1/agents/anna/contacts/{interaction}/conference/{leg}", "DELETE", None, key)
        expect(status == said, f"the API answered {status}, not {said}")
    for phone, hertz in ((anna, CUSTOMER), (customer, ANNA)):
        phone.silent(CARL)
        again(phone, hertz)
    customer.command("hangup")
    agent.change("released", interaction=interaction)
    record = daemon.record(interaction)
    ends = {leg["leg"]: str(leg) for leg in record["legs"] if leg["cause"] == "consult"}
    expect(list(ends) == [first["leg"], second["leg"]], f"the legs are {record['legs']}")
    expect(all("took them out" in end for end in ends.values()), f"why they ended is not told: {ends}")


def a_supervisor_listens_whispers_and_barges_in(daemon):
    boss = Agent(daemon, "sam", ready=False)
    anna, ben, customer, agent, other, interaction = scene(daemon)
    boss_phone = Phone(daemon.folder, "sam", daemon.address, SAM)
    for phone in (anna, customer, boss_phone):
        phone.least = MIXED
    boss.ask("supervise", interaction=interaction, act="listen")
    for hertz in (ANNA, CUSTOMER):
        boss_phone.hears(hertz)
    for phone in (anna, customer):
        phone.silent(SAM)
    boss.ask("supervise", interaction=interaction, act="whisper")
    anna.hears(SAM)
    again(anna, CUSTOMER)
    customer.silent(SAM)
    boss.ask("supervise", interaction=interaction, act="barge")
    customer.hears(SAM)
    again(customer, ANNA)
    boss.ask("supervise", interaction=interaction, act="listen")
    for phone in (anna, customer):
        phone.silent(SAM)
    boss.ask("supervise", interaction=interaction, act="take_over")
    again(customer, SAM)
    customer.silent(ANNA)
    again(boss_phone, CUSTOMER)
    customer.command("hangup")
    record = str(daemon.record(interaction))
    for step in ("supervision_started", "supervised", "transferred", "monitor"):
        expect(step in record, f"{step} is not on record: {record[-600:]}")


def by_the_api_all_is_done_in_a_call_that_consoles_do(daemon):
    begin(daemon, rule="demand")
    anna, ben, customer, agent, other, interaction = scene(daemon)
    boss, boss_phone = Agent(daemon, "sam", ready=False), Phone(daemon.folder, "sam", daemon.address, SAM)
    key = cli(daemon, "token", "api", "desk", "--scope", "act:agent").split()[-1]

    def does(who, what, kind="contacts", **body):
        path = f"/api/v1/agents/{who}/{kind}/{interaction}{what and '/' + what}"
        status, said = daemon.api(path, "POST", body, key)
        expect(status == 204, f"{path} {body} was answered {status} {said}")
    does("anna", "hold", on=True)
    customer.silent(ANNA)
    does("anna", "hold", on=False)
    again(customer, ANNA)
    does("anna", "mute", on=True)
    customer.silent(ANNA)
    does("anna", "mute", on=False)
    again(customer, ANNA)
    does("anna", "digits", digits="5")
    until(lambda: "received event: '5'" in customer.process.text(), 10, lambda: f"the key was not heard: {customer.process.text()[-300:]}")
    does("anna", "recording", act="start")
    again(customer, ANNA)
    for act in ("pause", "resume", "stop"):
        does("anna", "recording", act=act)
    kept(daemon, interaction)

    for phone in (anna, ben, customer, boss_phone):
        phone.least = MIXED
    does("sam", "", "supervised", act="listen")
    boss_phone.hears(CUSTOMER)
    does("sam", "", "supervised", act="barge")
    customer.hears(SAM)
    does("sam", "", "supervised", act="stop")
    customer.silent(SAM)
    does("anna", "consult", to={"agent": "ben"})
    ben.hears(ANNA)
    customer.silent(ANNA)
    does("anna", "take-back")
    again(customer, ANNA)
    does("anna", "consult", to={"agent": "ben"})
    again(ben, ANNA)
    does("anna", "conference")
    again(customer, BEN)
    again(customer, ANNA)
    ben.command("hangup")
    customer.silent(BEN)
    does("anna", "consult", to={"agent": "ben"})
    again(ben, ANNA)
    does("anna", "complete", note="wants her money back")
    again(ben, CUSTOMER)
    customer.silent(ANNA)
    of_ben(daemon, interaction)
    before, calls = agent.mark(), len(anna.recordings())
    does("ben", "transfer", to={"agent": "anna"})
    agent.change("contact", after=before)
    # What was heard before is in the file of another call.
    until(lambda: len(anna.recordings()) > calls, 10, "the call did not come to anna")
    anna.hears(CUSTOMER)
    customer.silent(BEN)
    does("anna", "hang-up")
    until(lambda: daemon.record(interaction)["legs"][0].get("ended_at"), 10, "the call goes on")


def who_is_no_supervisor_hears_nothing(daemon):
    anna, ben, customer, agent, other, interaction = scene(daemon)
    other.ask("supervise", interaction=interaction, act="listen")
    other.see("a refusal", lambda frame: "only supervisors" in str(frame))
    expect(not ben.recordings(), "ben's phone was called all the same")


def phones_of_different_codecs_hear_each_other(daemon):
    """The registered phone speaks G.722, the caller G.711."""
    hear_each_other(daemon, codecs="G722", modules=("g722",))


def a_phone_that_speaks_opus_and_one_that_does_not_hear_each_other(daemon):
    legs = hear_each_other(daemon, codecs="opus/48000/2", modules=("opus",))
    found = {leg["kind"]: (leg["quality"] or {}).get("codec") for leg in legs}
    expect(found == {"customer_phone": "PCMA", "agent_phone": "opus"}, f"they spoke {found}")


def hear_each_other(daemon, **phone):
    """A call between anna's phone, whatever that speaks, and a caller who speaks A-law; returns its legs."""
    daemon.stop()
    daemon.env["TANDEM_RTP__CODECS"] = '["g722", "opus", "pcma", "pcmu"]'
    daemon.start()
    anna, customer, agent, interaction = call(daemon, own=phone, theirs={"codecs": "PCMA"})
    customer.hears(ANNA)
    for each, own in ((anna, ANNA), (customer, CUSTOMER)):
        each.silent(own)
    customer.command("hangup")
    agent.change("released", interaction=interaction)
    return daemon.record(interaction)["legs"]


CHECKS = [
    a_colleague_is_taken_into_the_call,
    a_guest_leaves_and_two_go_on,
    one_of_two_guests_is_taken_out_again,
    a_supervisor_listens_whispers_and_barges_in,
    by_the_api_all_is_done_in_a_call_that_consoles_do,
    who_is_no_supervisor_hears_nothing,
    phones_of_different_codecs_hear_each_other,
    a_phone_that_speaks_opus_and_one_that_does_not_hear_each_other,
]
