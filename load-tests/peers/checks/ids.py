"""One interaction, whatever becomes of its call: who joins, who is taken out and comes back, consultations, transfers and supervisors. Every
SIP message of every phone, every fact of the journal and every row of the record names it, and each leg its own number in it. Who is
heard then, `rooms`, `transfers` and `attended` tell."""
import json, sqlite3
from contextlib import closing

from lib import trace
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

from .attended import connects_both
from .calls import sealed
from .rooms import MIXED
from .routing import hire
from .transfers import ANNA, BEN, CUSTOMER, ELSEWHERE, OUTSIDE, outside, ready, scene

SAM, CARL = 770, 880


def rows(daemon, file, query):
    with closing(sqlite3.connect(f"file:{daemon.folder}/data/{file}?mode=ro", uri=True)) as base:
        return base.execute(query).fetchall()


def stamps(phone):
    """Returns what Tandem sent a phone in calls, as pairs of Call-ID and leg, in order; both headers name one interaction. A challenge is of none yet."""
    sent = [m for m in trace.baresip(phone.process.text(), phone.sip) if m.by_tandem and m.method not in ("REGISTER", "OPTIONS") and " 401 " not in m.first]
    expect(sent, f"{phone.name} was in no call")
    for message in sent:
        named = message.header("session-id").split(";")[0]
        expect(message.header("x-interaction-id") == named, f"{phone.name} got {message} of two interactions")
        expect(message.header("x-leg-id").startswith(f"{named}."), f"{phone.name} got {message} of another leg")
    return [(message.header("call-id"), message.header("x-leg-id")) for message in sent]


def one_everywhere(daemon, interaction, phones, legs):
    """The call is over: nothing anywhere names another interaction; returns the legs of the record by their name."""
    record = {leg["leg"]: leg for leg in sealed(daemon, interaction, legs=legs)["legs"]}
    expect(list(record) == [f"{interaction}.{n}" for n in range(1, legs + 1)], f"the legs are {list(record)}")
    expect(all(leg["parent"] in record for leg in record.values() if leg["parent"]), f"a leg has a parent that is none: {record}")
    for phone in phones:
        trace.one_session(trace.baresip(phone.process.text(), phone.sip), interaction)
        found = set(stamps(phone))
        expect(len({call for call, _ in found}) == len(found), f"a call of {phone.name} was of several legs: {found}")
        parties = {record[leg]["party"] for _, leg in found}
        expect(parties == {phone.user}, f"{phone.name} got messages of legs of {parties}")
    dialled = [leg for phone in phones for _, leg in set(stamps(phone))]
    expect(sorted(dialled) == sorted(record), f"legs of the record {sorted(record)}, and of the phones {sorted(dialled)}")
    of_facts(daemon, {interaction})
    return record


def of_facts(daemon, known):
    """Expects that all that is stored names these interactions and no others."""
    facts = [(named, json.loads(fact)) for named, fact in rows(daemon, "journal.db", "SELECT interaction, fact FROM journal WHERE interaction IS NOT NULL")]
    expect({named for named, _ in facts} == known, f"the journal has facts of {({named for named, _ in facts})}")
    for named, fact in facts:
        legs = [value for name, value in fact.items() if name in ("leg", "parent", "a", "b", "assignment") and value]
        expect(fact["interaction"] == named and all(leg.split(".")[0] == named for leg in legs), f"a fact of {named} is {fact}")
    tables = [name for name, in rows(daemon, "tandem.db", "SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if any(column[1] == "interaction" for column in rows(daemon, "tandem.db", f"PRAGMA table_info({table})")):
            found = {named for named, in rows(daemon, "tandem.db", f"SELECT interaction FROM {table} WHERE interaction IS NOT NULL")}
            expect(found <= known, f"the table {table} has rows of {found}")


def asked_in(agent, interaction, who, phone):
    """Anna asks a colleague and takes them in; returns who is in the conference."""
    calls = len(phone.recordings())
    agent.ask("consult", interaction=interaction, to={"agent": who})
    until(lambda: len(phone.recordings()) > calls, 10, f"{who} was not called")
    phone.hears(ANNA)
    mark = agent.mark()
    agent.ask("conference", interaction=interaction)
    return agent.change("contact", after=mark)["change"]["contact"]["conference"]


def gone(phone):
    until(lambda: not in_call(phone), 10, f"{phone.name} is still in a call")


def in_call(phone):
    came = trace.baresip(phone.process.text(), phone.sip)
    ended = {m.header("call-id") for m in came if m.method == "BYE"}
    return [m for m in came if m.first.startswith("INVITE ") and m.header("call-id") not in ended]


def of_five_who_join_and_split_all_that_is_said_and_stored_has_one_id(daemon):
    boss = Agent(daemon, "sam", ready=False)
    anna, ben, customer, agent, other, interaction = scene(daemon)
    hire(daemon, "carl", "--queue", "support")
    fourth, carl = Agent(daemon, "carl", ready=False), Phone(daemon.folder, "carl", daemon.address, CARL)
    sam = Phone(daemon.folder, "sam", daemon.address, SAM)
    phones = (anna, ben, carl, sam, customer)
    for phone in phones:
        phone.least = 0.1
    asked_in(agent, interaction, "ben", ben)
    first, _ = asked_in(agent, interaction, "carl", carl)
    for act in ("listen", "whisper", "barge"):
        boss.ask("supervise", interaction=interaction, act=act)
        sam.hears(CUSTOMER)
    customer.hears_anew(SAM)
    # One is taken out and comes back, as another leg; the supervisor leaves, and listens again.
    agent.ask("dismiss", interaction=interaction, leg=first["leg"])
    gone(ben)
    second = asked_in(agent, interaction, "ben", ben)[-1]
    expect(second["leg"] != first["leg"], f"two legs are {first['leg']}")
    boss.ask("supervise", interaction=interaction, act="stop")
    gone(sam)
    boss.ask("supervise", interaction=interaction, act="listen")
    until(lambda: in_call(sam), 10, "sam was not called again")
    sam.hears_anew(CUSTOMER)
    # The agent leaves, and the others go on.
    anna.command("hangup")
    gone(anna)
    carl.hears_anew(BEN)
    customer.command("hangup")
    for phone in phones:
        gone(phone)
    record = one_everywhere(daemon, interaction, phones, legs=7)
    causes = [(leg["party"], leg["cause"]) for leg in record.values()]
    expect(causes == [("4930900100", "inbound"), ("anna", "outbound"), ("ben", "consult"), ("carl", "consult"), ("sam", "monitor"),
                      ("ben", "consult"), ("sam", "monitor")], f"the legs began because of {causes}")


def of_a_call_that_goes_from_hand_to_hand_all_has_one_id(daemon):
    """Anna asks a number and takes back, asks ben and gives it to him; he gives it back by the queue; a supervisor takes it over, who asks the
    number again and gives it away. What goes by the trunk is of it too."""
    phone, anna, ben, customer, agent, other, interaction = outside(daemon)
    boss = Agent(daemon, "sam", ready=False)
    sam = Phone(daemon.folder, "sam", daemon.address, SAM)
    agent.ask("consult", interaction=interaction, to={"number": ELSEWHERE})
    phone.hears(ANNA)
    agent.ask("take_back", interaction=interaction)
    gone(phone)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    agent.ask("complete", interaction=interaction)
    ben.hears_anew(CUSTOMER)
    gone(anna)
    agent.change("released", interaction=interaction)
    calls = len(anna.recordings())
    other.ask("transfer", interaction=interaction, to={"agent": "anna"}, note=None)
    # What was connected before is told her too, so it is listened for.
    until(lambda: len(anna.recordings()) > calls, 10, "it did not come back to anna")
    anna.hears(CUSTOMER)
    gone(ben)
    sam.least = MIXED
    expect(boss.answer("supervise", interaction=interaction, act="listen") == "ok", "sam may not listen")
    until(lambda: in_call(sam), 10, "sam was not called")
    sam.hears(CUSTOMER)
    mark = boss.mark()
    boss.ask("supervise", interaction=interaction, act="take_over")
    boss.contact(after=mark)
    gone(anna)
    boss.ask("consult", interaction=interaction, to={"number": ELSEWHERE})
    until(lambda: in_call(phone), 10, "the number was not called again")
    phone.hears_anew(SAM)
    boss.ask("complete", interaction=interaction)
    gone(sam)
    phone.hears_anew(CUSTOMER)
    customer.hears_anew(OUTSIDE)
    customer.command("hangup")
    phones = (anna, ben, sam, customer, phone)
    for each in phones:
        gone(each)
    record = one_everywhere(daemon, interaction, phones, legs=7)
    causes = [(leg["party"], leg["cause"]) for leg in record.values()]
    expect(causes == [("4930900100", "inbound"), ("anna", "outbound"), (ELSEWHERE, "consult"), ("ben", "consult"), ("anna", "outbound"),
                      ("sam", "monitor"), (ELSEWHERE, "consult")], f"the legs began because of {causes}")


def a_phone_that_connects_its_calls_moves_the_colleague_into_the_customer_s(daemon):
    """What the phone did by itself was a call of its own until then: that is over, and from then on the colleague's phone is a leg of the other."""
    anna, ben, customer, interaction = connects_both(daemon)
    customer.command("hangup")
    for phone in (anna, ben, customer):
        gone(phone)
    trace.one_session(trace.baresip(customer.process.text(), customer.sip), interaction)
    _, legs = zip(*stamps(ben))
    own = legs[0].split(".")[0]
    expect(own != interaction and legs[-1] == f"{interaction}.3", f"the legs of ben's phone were {legs}")
    moves = sum(before != after for before, after in zip(legs, legs[1:]))
    expect(moves == 1 and set(legs) == {f"{own}.2", f"{interaction}.3"}, f"the legs of ben's phone were {legs}")
    of_anna = {leg for _, leg in stamps(anna)}
    expect(of_anna == {f"{interaction}.2", f"{own}.1"}, f"the legs of anna's phone were {of_anna}")
    sealed(daemon, interaction, legs=3)
    of_facts(daemon, {interaction, own})


CHECKS = [
    of_five_who_join_and_split_all_that_is_said_and_stored_has_one_id,
    of_a_call_that_goes_from_hand_to_hand_all_has_one_id,
    a_phone_that_connects_its_calls_moves_the_colleague_into_the_customer_s,
]
