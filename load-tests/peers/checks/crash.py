"""kill -9 in the middle of a chat: what was acknowledged is there, once and in order, and both sides go on."""
from lib.people import Agent, Visitor
from lib.processes import expect, until

COUNT = 200


def what_was_acknowledged_survives_a_kill(daemon):
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Hello")
    agent.contact()
    written = lambda: {(frame.get("ok") or {}).get("mid") for frame in list(visitor.frames)} - {None}
    for number in range(COUNT):
        visitor.ask("message", mid=f"v{number}", text=f"Message {number}")
    until(lambda: len(written()) > COUNT // 4, 20, "the first messages were not acknowledged")
    daemon.kill()
    acknowledged = written()
    daemon.start()

    # The clients send again what was not acknowledged, so in the end everything is there.
    until(lambda: len(written()) > COUNT, 40, lambda: f"after the restart {len(written())} of {COUNT + 1} messages are acknowledged")
    agent.entry("message", mid=f"v{COUNT - 1}", seconds=20)
    record = daemon.record(interaction)
    mids = [entry["mid"] for entry in record["timeline"] if entry.get("what") == "message"]
    expect(not acknowledged - set(mids), f"acknowledged and lost: {sorted(acknowledged - set(mids))[:5]}")
    expect(len(mids) == len(set(mids)), "a message is in the record twice")
    expect(mids == ["m1", *(f"v{number}" for number in range(COUNT))], f"the order is wrong: {mids[:10]}")
    seen = [mid for mid, _ in agent.messages()]
    expect(set(seen) == set(mids), f"the agent saw {len(set(seen))} of {len(mids)} messages")

    agent.ask("message", interaction=interaction, mid="a1", text="Still here")
    visitor.entry("message", mid="a1")
    visitor.ask("end")
    agent.change("released", interaction=interaction)


def a_call_of_before_the_kill_is_closed_in_the_record(daemon):
    from lib import sipp, trace
    from lib.baresip import Phone
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    sipp.call(daemon, "caller-hangs-up", "-d", "20000")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    daemon.kill()
    daemon.start()

    def closed():
        record = daemon.record(interaction)
        return record if all(leg.get("ended_at") for leg in record["legs"]) else None
    record = until(closed, 20, lambda: f"legs of before the crash are still open: {daemon.record(interaction)['legs']}")
    expect(len(record["legs"]) == 2, f"the record has {len(record['legs'])} legs")


CHECKS = [what_was_acknowledged_survives_a_kill, a_call_of_before_the_kill_is_closed_in_the_record]
