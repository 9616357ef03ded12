"""What callers and agents press, by baresip with RFC 4733, and by INFO where the other side has no events."""
import time

from lib.baresip import Phone
from lib.far import Far
from lib.people import Agent, Visitor
from lib.processes import expect, until

NUMBER = "+4930900400"


def again(daemon, **settings):
    """Starts Tandem with other settings; customers may be called at any hour of the day."""
    daemon.stop()
    daemon.env |= {"TANDEM_CALLBACK__CALLING_HOURS": "", **settings}
    daemon.start()


def in_record(daemon, interaction):
    """Returns the states of the callback in the record, in order."""
    entries = daemon.record(interaction)["timeline"]
    return [entry["state"]["is"] for entry in entries if entry.get("what") == "callback"]


def a_caller(daemon):
    """A customer whom the test trunk reaches, and who calls from there."""
    caller = Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far)
    caller.command("dial", f"sip:support@{daemon.address}")
    until(lambda: "established" in caller.process.text().lower(), 15, lambda: f"the call was not answered: {caller.process.text()[-400:]}")
    return caller


def a_waiting_caller_keeps_the_place_by_a_key(daemon):
    again(daemon, TANDEM_CALLBACK__KEEP_PLACE="true")
    caller = a_caller(daemon)
    time.sleep(1)
    caller.command("sndcode", "1")
    until(lambda: daemon.metric("tandem_callbacks_open") == 1 or "session closed" in caller.process.text().lower(), 20,
          "the key did nothing")
    until(lambda: "closed" in caller.process.text().lower() or "terminated" in caller.process.text().lower(), 30,
          "the caller was not let go")
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    interaction = agent.contact(seconds=20)["interaction"]
    agent.call("connected", seconds=20)
    anna.hears(660)
    states = in_record(daemon, interaction)
    expect(states[0] == "promised" and states[-1] == "done", f"the record says {states}")
    agent.ask("hang_up", interaction=interaction)


def a_caller_rates_by_a_key(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__RATE_CALLS="true")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    caller = a_caller(daemon)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    caller.hears(440)
    agent.ask("hang_up", interaction=interaction)
    agent.entry("rating_asked", seconds=10)
    time.sleep(1)
    caller.command("sndcode", "4")
    token = daemon.token()

    def sealed():
        _, record = daemon.api(f"/api/v1/interactions/{interaction}", token=token)
        return record if record.get("sealed_at") else None
    record = until(sealed, 30, "the record was not sealed")
    scores = [entry.get("score") for entry in record["timeline"] if entry.get("what") == "rated"]
    expect(scores == [4], f"the record has the scores {scores}")


def keys_reach_the_other_side_by_the_way_it_has(daemon):
    far, anna = Far(daemon), Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    invite = far.comes("INVITE", 40)
    # It takes no events.
    far.reply(invite, 200, "OK", far.sdp())
    far.comes("ACK")
    visitor.call("connected")

    def is_told(key):
        info = far.comes_next("INFO")
        expect(info.get("content-type") == "application/dtmf-relay" and f"Signal={key}\r\n" in info.body, f"{key} came as {info.body!r}")
        far.reply(info, 200, "OK")
    anna.command("sndcode", "5")
    is_told("5")
    agent.ask("digits", interaction=interaction, digits="4#")
    is_told("4")
    is_told("#")
    far.send("INFO", invite, "Signal=7\r\nDuration=160\r\n", kind="application/dtmf-relay")
    expect(far.answer("INFO").code == 200, "the INFO was refused")
    until(lambda: "'7'" in anna.process.text(), 5, lambda: f"the key did not come as an event: {anna.process.text()[-400:]}")
    agent.ask("hang_up", interaction=interaction)
    far.reply(far.comes_next("BYE"), 200, "OK")
    far.close()


CHECKS = [
    keys_reach_the_other_side_by_the_way_it_has,
    a_waiting_caller_keeps_the_place_by_a_key,
    a_caller_rates_by_a_key,
]
