"""A call that says to which interaction it belongs, as a PBX or a carrier sends it back to us: it is the same interaction where the
trunk is trusted, and another where it is not."""
from lib.baresip import Phone
from lib.caller import Caller
from lib.people import Agent, Visitor
from lib.processes import expect

from .trunks import again

ANNA, CALLER = 440, 660
STRANGER = "ab" * 16
# Each of the three headers that name an interaction, in the forms that peers write.
MARKS = {
    "Session-ID": ("{}", "{};remote=" + "0" * 32, STRANGER + ";remote={}"),
    "User-to-User": ("{};encoding=hex",),
    "X-Interaction-ID": ("{}",),
}


def chat(daemon, agent):
    """A visitor who is in a chat with the agent; returns the visitor and the interaction."""
    mark, visitor = agent.mark(), Visitor(daemon)
    interaction = visitor.open("I have a question")
    expect(agent.contact(after=mark)["interaction"] == interaction, "another contact came")
    return visitor, interaction


def arrives(daemon, user, *headers):
    """Somebody calls with these headers; returns who, and the interaction that the answer names."""
    caller = Caller(daemon.address, user, CALLER)
    answer = caller.call("support", headers=headers)
    expect(answer.code == 200, f"the call was answered {answer.code}")
    caller.speaks_to(answer.body)
    return caller, answer.get("session-id").split(";")[0]


def ends(daemon, caller, agent, visitor, interaction):
    caller.bye()
    caller.close()
    visitor.ask("end")
    agent.change("released", interaction=interaction)
    visitor.stop()


def joined_by(daemon, agent, anna, header):
    """A chat and a call that names it are one; both hear each other, and the chat goes on in the call."""
    visitor, interaction = chat(daemon, agent)
    caller, found = arrives(daemon, "4930900700", header.format(interaction))
    expect(found == interaction, f"{header}: the call is {found}, the chat {interaction}")
    visitor.call("connected")
    caller.hears(ANNA)
    anna.hears(CALLER)
    mark = agent.mark()
    visitor.ask("message", mid="m2", text="Do you hear me?")
    expect(agent.entry("message", mid="m2", after=mark)["interaction"] == interaction, "the message came elsewhere")
    ends(daemon, caller, agent, visitor, interaction)
    record = daemon.record(interaction)
    kinds = [leg["kind"] for leg in record["legs"]]
    expect("customer_phone" in kinds and "customer_chat" in kinds, f"{header}: the record has {kinds}")


def a_call_that_names_a_chat_is_the_same_interaction(daemon):
    again(daemon, tandem_rtp__codecs='["pcmu"]')
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    for name, forms in MARKS.items():
        for form in forms:
            joined_by(daemon, agent, anna, f"{name}: {form}")
    expect(daemon.metric("tandem_calls_total") == sum(map(len, MARKS.values())), "there were other calls")


def the_first_that_is_known_counts_whatever_else_is_named(daemon):
    again(daemon, tandem_rtp__codecs='["pcmu"]')
    Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent = Agent(daemon, "anna")
    visitor, interaction = chat(daemon, agent)
    caller, found = arrives(daemon, "4930900700", f"Session-ID: {STRANGER}", f"User-to-User: {interaction};encoding=hex",
                            f"X-Interaction-ID: {'cd' * 16}")
    expect(found == interaction, f"the call is {found}, the chat {interaction}")
    visitor.call("connected")
    # It has a call now, so a second one that names it is by itself.
    second, other = arrives(daemon, "4930900701", f"X-Interaction-ID: {interaction}")
    expect(other not in (interaction, STRANGER), f"a second call joined {other}")
    second.bye()
    second.close()
    ends(daemon, caller, agent, visitor, interaction)


def whoever_is_not_trusted_joins_nothing(daemon):
    again(daemon, tandem_rtp__codecs='["pcmu"]', trunk_trusted="false")
    Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent = Agent(daemon, "anna")
    visitor, interaction = chat(daemon, agent)
    for name, forms in MARKS.items():
        caller, found = arrives(daemon, "4930900700", f"{name}: {forms[0].format(interaction)}")
        expect(found != interaction, f"by {name} a stranger's call joined the chat")
        caller.bye()
        caller.close()
    record = daemon.record(interaction)
    expect([leg["kind"] for leg in record["legs"]] == ["customer_chat", "agent_chat"], f"the chat has {record['legs']}")
    expect("4930900700" not in str(record), "the stranger's number stands in the chat's record")


CHECKS = [
    a_call_that_names_a_chat_is_the_same_interaction,
    the_first_that_is_known_counts_whatever_else_is_named,
    whoever_is_not_trusted_joins_nothing,
]
