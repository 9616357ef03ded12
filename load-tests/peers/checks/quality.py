"""How calls are heard: baresip by a network that loses packets, and by one that does not."""
import random

from lib.baresip import Phone
from lib.loss import Loss
from lib.people import Agent
from lib.processes import expect, until

# Where phones reach Tandem by the relays: it is bound beside it.
OUTSIDE = "127.0.0.2"
LOST = 0.15
# Seconds that the first leg's way takes in one direction, where it is long.
LONG = 0.05


def network(daemon, share, delay):
    """Starts Tandem anew behind relays, of which those of the first leg's ports lose a share both ways, and are that long."""
    first = random.randrange(20000, 32000, 8)
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__ADVERTISE": OUTSIDE, "TANDEM_RTP__PORTS": f"{first}-{first + 7}"}
    daemon.start()
    relays = [Loss(("127.0.0.1", first + n), share if n < 2 else 0, n, (OUTSIDE, first + n), delay if n < 2 else 0) for n in range(8)]
    return [*relays, Loss(("127.0.0.1", daemon.sip), 0, 9, (OUTSIDE, daemon.sip))]


def called(daemon, share, during, delay=0):
    """A caller and an agent talk over that network; returns the legs' qualities as the record has them."""
    relays = network(daemon, share, delay)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    caller = Phone(daemon.folder, "4930900110", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    caller.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    during(agent, relays)
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


def both_reported(relays):
    """Waits until each phone has reported after it was reported to: how long that took can be told then, and what it lost."""
    reports = [relay for relay in relays[:-1] if relay.target[1] % 2]
    until(lambda: sum(relay.answers > 0 for relay in reports) == 2, 40, "the phones did not report")


def a_caller_whose_packets_are_lost_is_measured_and_the_agent_is_warned(daemon):
    def warned(agent, relays):
        lines(agent, customer=True, poor=True)
        both_reported(relays)
    customer, agents, lost, _ = called(daemon, LOST, warned)
    expect(abs(customer["lost"] / 10_000 - lost) < 0.05, f"{lost:.1%} were lost, {customer} were counted")
    expect(abs(customer["party_lost"] / 10_000 - lost) < 0.07, f"the far side lost {lost:.1%} too, it told {customer}")
    expect(customer["mos"] < 330, f"a call with {lost:.1%} lost is no good one: {customer}")
    expect(agents["lost"] == agents.get("party_lost") == 0, f"nothing was lost on the agent's line: {agents}")
    expect(agents["mos"] > 420, f"the agent's line was good: {agents}")
    expect(daemon.metric("tandem_leg_mos_score_count") == 2, "the histogram has not both legs")
    expect(daemon.metric("tandem_poor_lines_total") == 1, "one line was poor")


def a_call_without_losses_by_a_long_way_is_measured_as_good(daemon):
    def talks(agent, relays):
        until(lambda: daemon.metric("tandem_rtp_packets_total", direction="received") > 800, 20, "nothing was spoken")
        both_reported(relays)
    customer, agents, lost, _ = called(daemon, 0, talks, LONG)
    expect(lost == 0 and customer["lost"] == 0 and customer["mos"] > 420, f"a good line was measured as {customer}")
    expect(customer["codec"] == agents["codec"] == "PCMU", f"both spoke PCMU: {customer}, {agents}")
    # Both are measured; what is longer by that way is the customer's alone.
    for leg in (customer, agents):
        expect("round_trip_ms" in leg, f"no round trip was measured: {customer}, {agents}")
    least = 2 * 1000 * LONG - 1
    expect(least <= customer["round_trip_ms"] < 10 * least, f"there and back are at least {least} ms: {customer}")
    expect(agents["round_trip_ms"] < least, f"on loopback the way is short: {agents}")
    count, total = (daemon.metric(f"tandem_leg_round_trip_seconds_{what}") for what in ("count", "sum"))
    expect(count == 2 and least / 1000 <= total < 1, f"the histogram has {count} round trips, {total} s in all")
    expect(daemon.metric("tandem_poor_lines_total") == 0, "no line was poor")


CHECKS = [
    a_caller_whose_packets_are_lost_is_measured_and_the_agent_is_warned,
    a_call_without_losses_by_a_long_way_is_measured_as_good,
]
