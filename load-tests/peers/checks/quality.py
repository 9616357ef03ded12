"""How calls are heard: baresip by a network that loses packets, and by one that does not."""
import random

from lib.baresip import Phone
from lib.loss import Loss
from lib.people import Agent
from lib.processes import expect, until

# Where phones reach Tandem by the relays: it is bound beside it.
OUTSIDE = "127.0.0.2"
LOST = 0.15


def network(daemon, share):
    """Starts Tandem anew behind relays, of which those of the first leg's ports lose a share both ways."""
    first = random.randrange(20000, 32000, 8)
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__ADVERTISE": OUTSIDE, "TANDEM_RTP__PORTS": f"{first}-{first + 7}"}
    daemon.start()
    relays = [Loss(("127.0.0.1", first + n), share if n < 2 else 0, n, (OUTSIDE, first + n)) for n in range(8)]
    return [*relays, Loss(("127.0.0.1", daemon.sip), 0, 9, (OUTSIDE, daemon.sip))]


def called(daemon, share, during):
    """A caller and an agent talk over that network; returns the legs' qualities as the record has them."""
    relays = network(daemon, share)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    caller = Phone(daemon.folder, "4930900110", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    caller.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    during(agent)
    agent.ask("hang_up", interaction=interaction)

    def ended():
        legs = daemon.record(interaction)["legs"]
        return {leg["kind"]: leg for leg in legs} if all(leg.get("ended_at") for leg in legs) else None
    legs = until(ended, 10, "the legs did not end")
    lost = sum(relay.lost for relay in relays[:1]) / max(1, sum(relay.lost + relay.passed for relay in relays[:1]))
    for relay in relays:
        relay.stop()
    for kind, leg in legs.items():
        expect(leg["quality"], f"nothing was measured of {kind}: {leg}")
    return legs["customer_phone"]["quality"], legs["agent_phone"]["quality"], lost, interaction


def lines(agent, **fields):
    def matches(frame):
        change = frame.get("change") or {}
        found = change.get("contact", {}).get("lines", []) if isinstance(change, dict) else []
        return any(all(line[key] == value for key, value in fields.items()) for line in found)
    return agent.see(f"a line {fields}", matches, 40)


def a_caller_whose_packets_are_lost_is_measured_and_the_agent_is_warned(daemon):
    def warned(agent):
        lines(agent, customer=True, poor=True)
    customer, agents, lost, _ = called(daemon, LOST, warned)
    expect(abs(customer["lost"] / 10_000 - lost) < 0.05, f"{lost:.1%} were lost, {customer} were counted")
    expect(abs(customer["party_lost"] / 10_000 - lost) < 0.07, f"the far side lost {lost:.1%} too, it told {customer}")
    expect(customer["mos"] < 330, f"a call with {lost:.1%} lost is no good one: {customer}")
    expect(agents["lost"] == 0 and agents.get("party_lost", 0) == 0, f"nothing was lost on the agent's line: {agents}")
    expect(agents["mos"] > 420, f"the agent's line was good: {agents}")
    expect(daemon.metric("tandem_leg_mos_score_count") == 2, "the histogram has not both legs")
    expect(daemon.metric("tandem_poor_lines_total") == 1, "one line was poor")


def a_call_without_losses_is_measured_as_good(daemon):
    def talks(agent):
        until(lambda: daemon.metric("tandem_rtp_packets_total", direction="received") > 800, 20, "nothing was spoken")
    customer, agents, lost, _ = called(daemon, 0, talks)
    expect(lost == 0 and customer["lost"] == 0 and customer["mos"] > 420, f"a good line was measured as {customer}")
    expect(customer["codec"] == agents["codec"] == "PCMU", f"both spoke PCMU: {customer}, {agents}")
    expect(customer.get("round_trip_ms", 0) < 50, f"on loopback the way is short: {customer}")
    expect(daemon.metric("tandem_poor_lines_total") == 0, "no line was poor")


CHECKS = [
    a_caller_whose_packets_are_lost_is_measured_and_the_agent_is_warned,
    a_call_without_losses_is_measured_as_good,
]
