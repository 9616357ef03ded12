"""Agents whose phones are registered elsewhere: at a Kamailio that is their registrar, where Tandem calls them by their extensions, and
behind one that puts itself into the Path of their registration."""
import os, subprocess

from lib import trace
from lib.baresip import Phone
from lib.daemon import PASSWORD, TANDEM
from lib.kamailio import Carrier
from lib.people import Agent
from lib.processes import expect

from .attended import ready
from .calls import sealed
from .transfers import again

CARL, DORA, ANNA, BEN, CUSTOMER = 440, 550, 440, 550, 660


def hire(daemon, **extensions):
    """Puts agents on record whose phones are extensions behind the test trunk, and starts Tandem again."""
    for name, extension in extensions.items():
        subprocess.run([TANDEM, "agent", "add", name, "--queue", "support", "--extension", f"test:{extension}"], input=PASSWORD + "\n",
                       text=True, check=True, cwd=daemon.folder, env={**os.environ, **daemon.env}, stdout=subprocess.DEVNULL)
    daemon.stop()
    daemon.start()


def caller(daemon):
    customer = Phone(daemon.folder, "4930900100", daemon.address, CUSTOMER, register=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    return customer


def by_extension(daemon):
    """A customer in a call with carl, whose phone is 201 at a registrar in front; dora, at 202, is signed in and away."""
    desk = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", port_=daemon.far, config="registrar")
    hire(daemon, carl=201, dora=202)
    carl, dora = (Phone(daemon.folder, number, desk.address, hertz) for number, hertz in (("201", CARL), ("202", DORA)))
    customer = caller(daemon)
    agent, other = Agent(daemon, "carl"), Agent(daemon, "dora", ready=False)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    carl.hears(CUSTOMER)
    customer.hears(CARL)
    invite = next(m for m in trace.baresip(carl.process.text(), carl.sip) if m.by_tandem and m.first.startswith("INVITE"))
    expect(len([v for k, v in invite.headers if k == "via"]) == 2, "the call did not pass the registrar")
    return desk, carl, dora, customer, agent, other, interaction


def a_phone_at_a_registrar_in_front_is_rung_and_asks_a_colleague(daemon):
    desk, carl, dora, customer, agent, other, interaction = by_extension(daemon)
    agent.ask("consult", interaction=interaction, to={"agent": "dora"})
    dora.hears(CARL)
    carl.hears(DORA)
    customer.silent(CARL)
    agent.ask("complete", interaction=interaction)
    dora.hears(CUSTOMER)
    customer.hears(DORA)
    agent.change("released", interaction=interaction)
    other.ask("hang_up", interaction=interaction)
    record = sealed(daemon, interaction, legs=3)
    expect([leg["cause"] for leg in record["legs"]] == ["inbound", "outbound", "consult"], f"its legs are {record['legs']}")


def taken_over(daemon, customer, phone, colleague, hertz, interaction, other, name):
    """Checks that the call went over to the colleague, and that the phone that asked for that was told so."""
    colleague.hears(CUSTOMER)
    again(customer, hertz)
    customer.silent(phone.hertz)
    text = phone.process.text()
    expect("202 Accepted" in text and "NOTIFY" in text, "the phone was not told 202 and how it went")
    record = daemon.record(interaction, agent=name)
    expect(record["assignments"][-1]["agent"] == name, f"it is of {record['assignments']}")
    other.ask("hang_up", interaction=interaction)


def a_phone_at_a_registrar_in_front_transfers_to_a_colleagues_extension(daemon):
    desk, carl, dora, customer, agent, other, interaction = by_extension(daemon)
    ready(other)
    carl.command("transfer", f"sip:202@{desk.address}")
    taken_over(daemon, customer, carl, dora, DORA, interaction, other, "dora")


def a_phone_behind_a_proxy_transfers_to_a_colleague_behind_it(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge")
    anna, ben = (Phone(daemon.folder, name, edge.address, hertz) for name, hertz in (("anna", ANNA), ("ben", BEN)))
    customer = caller(daemon)
    agent, other = Agent(daemon, "anna"), Agent(daemon, "ben", ready=False)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(CUSTOMER)
    ready(other)
    anna.command("transfer", f"sip:ben@{edge.address}")
    taken_over(daemon, customer, anna, ben, BEN, interaction, other, "ben")


CHECKS = [
    a_phone_at_a_registrar_in_front_is_rung_and_asks_a_colleague,
    a_phone_at_a_registrar_in_front_transfers_to_a_colleagues_extension,
    a_phone_behind_a_proxy_transfers_to_a_colleague_behind_it,
]
