"""kill -9: in the middle of a chat, in the middle of a call, a dozen times under a mixed load, and behind a bad network."""
import subprocess

from lib import sipp
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.daemon import LOAD, TANDEM
from lib.processes import expect, until

VISITORS, MESSAGES = 3, 15


def acknowledged(visitor):
    """Returns the ids of the messages the server said it has: by an answer, or by the entry that came before it."""
    told = [frame.get("ok") or frame.get("entry") or {} for frame in list(visitor.frames)]
    return {entry["mid"] for entry in told if entry.get("mid") and entry.get("from", {}).get("party") != "agent"}


def what_was_acknowledged_survives_a_kill(daemon):
    agent = Agent(daemon, "anna")
    visitors = [Visitor(daemon) for _ in range(VISITORS)]
    chats = [(visitor, visitor.open("Hello")) for visitor in visitors]
    for visitor, _ in chats:
        visitor.entry("joined")
    for number in range(MESSAGES):
        for visitor in visitors:
            visitor.ask("message", mid=f"v{number}", text=f"Message {number}")
    until(lambda: all(len(acknowledged(visitor)) > 4 for visitor in visitors), 20, "the first messages were not acknowledged")
    daemon.kill()
    before = [acknowledged(visitor) for visitor in visitors]
    daemon.start()

    for (visitor, interaction), kept in zip(chats, before):
        # The client sends again what was not acknowledged, so in the end everything is there.
        until(lambda: len(acknowledged(visitor)) > MESSAGES, 40, lambda: f"only {len(acknowledged(visitor))} are acknowledged")
        mids = [entry["mid"] for entry in daemon.record(interaction)["timeline"] if entry.get("what") == "message"]
        expect(not kept - set(mids), f"acknowledged and lost: {sorted(kept - set(mids))}")
        expect(mids == ["m1", *(f"v{number}" for number in range(MESSAGES))], f"lost, doubled or out of order: {mids}")
        agent.see("the last message", lambda frame: frame.get("interaction") == interaction
                  and (frame.get("entry") or {}).get("mid") == f"v{MESSAGES - 1}", seconds=20)
        agent.ask("message", interaction=interaction, mid="a1", text="Still here")
        visitor.entry("message", mid="a1")
        visitor.ask("end")
        agent.change("released", interaction=interaction)


def a_call_of_before_the_kill_is_closed_in_the_record(daemon):
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


def every_promise_is_kept_through_random_kills_under_load(daemon):
    # A daemon of its own is killed; the one of this check only has to be unharmed by it.
    command = [LOAD, "crash", "--binary", TANDEM, "--kills", "12", "--seconds", "30", "--folder", daemon.folder / "killed"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=240)
    expect(done.returncode == 0, f"{done.stdout}{done.stderr}")


def what_was_shown_is_what_the_journal_has_behind_a_bad_network(daemon):
    # A daemon of its own again. Sockets are cut, stalled, half-closed and made deaf; it is killed twice and restarted once.
    command = [LOAD, "oracle", "--binary", TANDEM, "--visitors", "16", "--agents", "4", "--messages", "40", "--trouble", "4",
               "--folder", daemon.folder / "shown"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=400)
    expect(done.returncode == 0, f"{done.stdout}{done.stderr}")


CHECKS = [what_was_acknowledged_survives_a_kill, a_call_of_before_the_kill_is_closed_in_the_record,
          every_promise_is_kept_through_random_kills_under_load,
          what_was_shown_is_what_the_journal_has_behind_a_bad_network]
