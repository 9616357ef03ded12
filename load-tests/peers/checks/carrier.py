"""Kamailio as the carrier in front of Tandem: calls in both directions through a proxy that stays in the route."""
from lib import sipp, trace
from lib.baresip import Phone
from lib.kamailio import Carrier
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.sip import Client

from .calls import sealed

NUMBER = "+4930900300"


def a_call_comes_in_through_the_carrier(daemon):
    carrier = Carrier(daemon.folder, daemon.address, "127.0.0.1:9")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    call = sipp.call(daemon, "caller-hangs-up", "-d", "1500", target=carrier.address)
    interaction = agent.contact()["interaction"]
    call.done()
    routes = [m for m in call.messages() if m.by_tandem and m.header("record-route")]
    expect(routes, "no Record-Route came back")
    sealed(daemon, interaction, legs=2)


def the_agent_ends_a_call_that_came_through_the_carrier(daemon):
    carrier = Carrier(daemon.folder, daemon.address, "127.0.0.1:9")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    call = sipp.call(daemon, "agent-hangs-up", target=carrier.address)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    agent.ask("hang_up", interaction=interaction)
    call.done()
    bye = next(m for m in call.messages() if m.first.startswith("BYE"))
    expect(len([v for k, v in bye.headers if k == "via"]) == 2, "the BYE did not come through the carrier")
    sealed(daemon, interaction, legs=2)


def goes_out(daemon, authenticate):
    far = port()
    carrier = Carrier(daemon.folder, daemon.address, f"127.0.0.1:{far}", port_=daemon.far, authenticate=authenticate)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    customer = Phone(daemon.folder, NUMBER, carrier.address, 660, register=False, sip=far)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("connected")
    anna.hears(660)
    customer.hears(440)
    agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    visitor.ask("end")
    agent.change("released", interaction=interaction)
    sealed(daemon, interaction, legs=4)


def an_escalation_goes_out_through_the_carrier(daemon):
    goes_out(daemon, authenticate=False)


def the_carrier_asks_for_digest(daemon):
    daemon.stop()
    daemon.env |= {"TANDEM_TRUNK__TEST__USER": "trunk1", "TANDEM_TRUNK__TEST__PASSWORD": "trunk-pw"}
    daemon.start()
    goes_out(daemon, authenticate=True)


def a_wrong_password_reaches_nobody_and_is_told(daemon):
    daemon.stop()
    daemon.env |= {"TANDEM_TRUNK__TEST__USER": "trunk1", "TANDEM_TRUNK__TEST__PASSWORD": "wrong"}
    daemon.start()
    far = sipp.Sipp(daemon.folder, "callee-answers")
    Carrier(daemon.folder, daemon.address, f"127.0.0.1:{far.port}", port_=daemon.far, authenticate=True)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("failed", seconds=20)
    expect(not far.messages(), "a call reached the far side without the carrier's consent")
    legs = [leg for leg in daemon.record(interaction)["legs"] if "407" in str(leg)]
    expect(legs, f"the record does not say that the carrier refused: {daemon.record(interaction)['legs']}")
    visitor.ask("message", mid="m2", text="Let us go on here")
    agent.entry("message", mid="m2")
    far.stop()


def registered(carrier):
    client = Client(carrier.address)
    answer = client.request("OPTIONS", f"sip:{carrier.address}")
    client.close()
    return answer.code == 200


def our_registration_is_renewed_when_its_connection_closes_and_taken_back_at_the_end(daemon):
    carrier = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", port_=daemon.far, defined=["REGISTRAR"])
    daemon.stop()
    daemon.env |= {"TANDEM_TRUNK__TEST__USER": "trunk1", "TANDEM_TRUNK__TEST__PASSWORD": "trunk-pw", "TANDEM_TRUNK__TEST__REGISTER": "1h",
                   "TANDEM_TRUNK__TEST__DOMAIN": "carrier.test", "TANDEM_TRUNK__TEST__TRANSPORT": "tcp"}
    daemon.start()
    until(lambda: registered(carrier), 10, "Tandem did not register at the carrier")
    carrier.restart()
    expect(not registered(carrier), "the carrier remembers who was registered")
    until(lambda: registered(carrier), 45, "Tandem did not register anew when its connection was closed")
    daemon.stop()
    expect(not registered(carrier), "the carrier still sends calls to where nobody is")
    daemon.start()
    until(lambda: registered(carrier), 10, "Tandem did not register at its next start")


CHECKS = [
    our_registration_is_renewed_when_its_connection_closes_and_taken_back_at_the_end,
    a_call_comes_in_through_the_carrier,
    the_agent_ends_a_call_that_came_through_the_carrier,
    an_escalation_goes_out_through_the_carrier,
    the_carrier_asks_for_digest,
    a_wrong_password_reaches_nobody_and_is_told,
]
