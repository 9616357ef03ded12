"""What callers press, by baresip with RFC 4733."""
import time

from lib.baresip import Phone
from lib.people import Agent
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
    token = daemon.login()

    def sealed():
        _, record = daemon.api(f"/api/v1/interactions/{interaction}", token=token)
        return record if record.get("sealed_at") else None
    record = until(sealed, 30, "the record was not sealed")
    scores = [entry.get("score") for entry in record["timeline"] if entry.get("what") == "rated"]
    expect(scores == [4], f"the record has the scores {scores}")


CHECKS = [
    a_waiting_caller_keeps_the_place_by_a_key,
    a_caller_rates_by_a_key,
]
