"""What called customers answer, by sipp: retries, suppression, record."""
import time

from lib import sipp, trace
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until

NUMBER = "+4930900400"


def again(daemon, **settings):
    """Starts Tandem with other settings; customers may be called at any hour of the day."""
    daemon.stop()
    daemon.env |= {"TANDEM_CALLBACK__CALLING_HOURS": "", **settings}
    daemon.start()


def promised(daemon, calls, code, reason):
    """A customer who is called back by an agent who is there, and answers with a status each time."""
    again(daemon, TANDEM_WORK__RETRIES='["1s"]')
    far = sipp.far_side(daemon, "callee-refuses", words={"CODE": code, "REASON": reason}, calls=calls)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Call me back")
    agent.contact()
    visitor.ask("callback", number=NUMBER)
    visitor.see("the promise", lambda frame: (frame.get("ok") or {}).get("done") == "promised")
    return far, agent, visitor, interaction


def state(visitor, kind, seconds=20):
    """Waits until the timeline says that the callback stands so."""
    def matches(frame):
        entry = frame.get("entry") or {}
        return entry.get("what") == "callback" and entry.get("state", {}).get("is") == kind
    return visitor.see(f"callback {kind}", matches, seconds)["entry"]["state"]


def dialled(far):
    """Returns the calls that arrived there, each once."""
    invites = [m for m in far.messages() if m.first.startswith("INVITE") and m.by_tandem]
    return {m.header("call-id") for m in invites}


def in_record(daemon, interaction):
    """Returns the states of the callback in the record, in order."""
    entries = daemon.record(interaction)["timeline"]
    return [entry["state"]["is"] for entry in entries if entry.get("what") == "callback"]


def is_tried_again(daemon, code, reason):
    far, agent, visitor, interaction = promised(daemon, 2, code, reason)
    state(visitor, "retrying")
    ended = state(visitor, "ended")
    far.done()
    expect(len(dialled(far)) == 2, f"one retry is configured, and the customer was called {len(dialled(far))} times")
    trace.one_session(far.messages(), interaction)
    states = in_record(daemon, interaction)
    expect(states == ["promised", "dialling", "retrying", "dialling", "ended"], f"the record says {states}")
    expect(ended["reason"], "the end has no reason")
    # It was no word against being called.
    visitor.ask("callback", number=NUMBER)
    until(lambda: sum((frame.get("ok") or {}).get("done") == "promised" for frame in visitor.frames) == 2, 10,
          "the number could not be promised a call again")


def is_never_called_again(daemon, code, reason):
    far, agent, visitor, interaction = promised(daemon, 2, code, reason)
    state(visitor, "ended")
    # Longer than the next attempt would have been waited for.
    time.sleep(3)
    expect(len(dialled(far)) == 1, f"after {code} the customer was called {len(dialled(far))} times")
    states = in_record(daemon, interaction)
    expect(states == ["promised", "dialling", "ended"], f"the record says {states}")
    after = visitor.mark()
    visitor.ask("callback", number=NUMBER)
    refused = visitor.see("a refusal", lambda frame: "error" in frame, after=after)
    expect(refused["error"]["code"] == "suppressed", f"another promise was refused as {refused['error']}")
    daemon.kill()
    daemon.start()
    visitor = Visitor(daemon)
    visitor.open("Once more", mid="m9")
    visitor.ask("callback", number=NUMBER)
    refused = visitor.see("a refusal after a crash", lambda frame: "error" in frame)
    expect(refused["error"]["code"] == "suppressed", f"after a crash it was refused as {refused['error']}")


def a_busy_customer_is_called_again(daemon):
    is_tried_again(daemon, 486, "Busy Here")


def a_customer_who_is_not_there_is_called_again(daemon):
    is_tried_again(daemon, 480, "Temporarily Unavailable")


def a_customer_who_declines_is_called_again(daemon):
    is_tried_again(daemon, 603, "Decline")


def a_customer_to_whom_it_is_unwanted_is_never_called_again(daemon):
    is_never_called_again(daemon, 607, "Unwanted")


def a_customer_whose_network_rejects_it_is_never_called_again(daemon):
    is_never_called_again(daemon, 608, "Rejected")


CHECKS = [
    a_busy_customer_is_called_again,
    a_customer_who_is_not_there_is_called_again,
    a_customer_who_declines_is_called_again,
    a_customer_to_whom_it_is_unwanted_is_never_called_again,
    a_customer_whose_network_rejects_it_is_never_called_again,
]
