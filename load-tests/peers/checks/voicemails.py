"""Messages that callers leave, by baresip and by frequency: ended by hanging up, by a key, by silence and by a crash; taken by an
agent, listened to and called back."""
import array, time, wave
from pathlib import Path

from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

from .recordings import fetch, heard, sides

NUMBER, CALLER, HELLO, BEEP, ANNA = "+4930900700", 660, 1500, 1000, 440


def begin(daemon):
    """Starts Tandem with a queue that takes messages while nobody is there."""
    daemon.stop()
    hello = daemon.folder / "hello.wav"
    tone.write(hello, HELLO, 2)
    daemon.env |= {"TANDEM_PROMPT__HELLO": str(hello), "TANDEM_VOICEMAIL__GREETING": '["hello"]', "TANDEM_VOICEMAIL__SILENCE": "3s",
                   "TANDEM_QUEUE__SUPPORT__WHEN_UNSTAFFED": '["voicemail"]', "TANDEM_RECORDING__FORMAT": "wav"}
    daemon.start()


def speaks(caller, silent, spoken, then=120):
    """Writes what the phone says: silence, its tone, silence."""
    parts = []
    for seconds, hertz in ((silent, None), (spoken, caller.hertz), (then, None)):
        path = caller.folder / "part.wav"
        if hertz is None:
            parts.append(bytes(2 * tone.RATE * seconds))
            continue
        tone.write(path, hertz, seconds)
        with wave.open(str(path)) as file:
            parts.append(file.readframes(file.getnframes()))
    with wave.open(str(caller.folder / "in.wav"), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(tone.RATE)
        file.writeframes(array.array("h", b"".join(parts)).tobytes())


def calls(daemon, silent=0, spoken=60):
    """Lets somebody call, and hear the greeting."""
    caller = Phone(daemon.folder, NUMBER, daemon.address, CALLER, register=False, sip=daemon.far)
    speaks(caller, silent, spoken)
    caller.command("dial", f"sip:support@{daemon.address}")
    caller.hears(HELLO)
    return caller


def a_caller(daemon, silent=0, spoken=60):
    """Lets somebody call, and hear the greeting and the tone."""
    caller = calls(daemon, silent, spoken)
    until(lambda: list(Path(daemon.folder).rglob("*.part")), 10, "nothing is recorded after the tone")
    return caller


def only(daemon):
    """Returns the one interaction there is."""
    status, answer = daemon.api("/api/v1/interactions", token=daemon.token("sam"))
    expect(status == 200 and len(answer["interactions"]) == 1, f"{status} {answer}")
    return answer["interactions"][0]["interaction"]


def left(daemon, interaction):
    """Waits until a message was left; returns it as the record has it."""
    def found():
        recordings = daemon.record(interaction, "sam")["recordings"]
        return [one for one in recordings if one["message_left_at"]] or None
    return until(found, 20, lambda: f"no message was left: {daemon.record(interaction, 'sam')}")[0]


def is_heard(daemon, interaction, seconds):
    """Checks that the caller's tone, and nothing of ours, is in the file."""
    status, _, data = fetch(daemon, interaction)
    expect(status == 200, f"it was answered {status}")
    ours, theirs = (heard(path, CALLER, HELLO, BEEP) for path in sides(daemon, data))
    spoken = sum(block == {CALLER} for block in ours)
    expect(spoken >= seconds * 8, f"{spoken} tenths of a second were spoken: {ours}")
    expect(not any({HELLO, BEEP} & block for block in ours + theirs), f"the greeting is in it: {ours} {theirs}")
    return ours


def a_message_left_by_hanging_up_is_taken_heard_and_called_back(daemon):
    begin(daemon)
    caller = a_caller(daemon)
    time.sleep(3)
    caller.command("hangup")
    interaction = only(daemon)
    message = left(daemon, interaction)
    is_heard(daemon, interaction, 2)
    expect(daemon.metric("tandem_voicemails_total", queue="support") == 1, "it is not counted")

    anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent = Agent(daemon, "anna")
    contact = agent.contact()
    expect(contact["interaction"] == interaction and not contact["chat"], f"the contact is {contact}")
    expect(contact["voicemail"]["ms"] == message["ms"] and contact["card"]["number"] == NUMBER, f"the contact is {contact}")
    status, answer = daemon.api(f"/api/v1/agents/anna/contacts/{interaction}/recordings/1", token=daemon.token("ben"))
    expect(status == 403, f"a colleague who never had it listened: {status}")
    expect(agent.answer("message", interaction=interaction, mid="m1", text="Hello?") == "conflict", "a message was written to nobody")
    expect(agent.answer("escalate", interaction=interaction, number=NUMBER) == "ok", "it was not called back")
    caller.hears(ANNA)
    anna.hears(CALLER)
    agent.ask("hang_up", interaction=interaction)
    agent.call("ended")
    agent.ask("end", interaction=interaction)
    until(lambda: daemon.record(interaction)["outcome"], 10, lambda: f"it is not sealed: {daemon.record(interaction)}")


def a_key_ends_a_message_and_the_call(daemon):
    begin(daemon)
    caller = a_caller(daemon)
    time.sleep(3)
    caller.command("sndcode", "#")
    interaction = only(daemon)
    message = left(daemon, interaction)
    expect(2000 <= message["ms"] <= 6000, f"it lasts {message['ms']} ms")
    is_heard(daemon, interaction, 2)
    until(lambda: all(leg["ended_at"] for leg in daemon.record(interaction, "sam")["legs"]), 15, "the caller was not let go")


def silence_ends_a_message(daemon):
    begin(daemon)
    caller = a_caller(daemon, spoken=8)
    interaction = only(daemon)
    message = left(daemon, interaction)
    blocks = is_heard(daemon, interaction, 3)
    expect(25 <= sum(not block for block in blocks[-40:]) <= 38, f"it does not end with three seconds of silence: {blocks}")
    expect(message["ms"] < 15000, f"it lasts {message['ms']} ms")
    text = str(daemon.record(interaction, "sam")["happenings"])
    expect("said nothing more" in text, f"the record says {text}")
    caller.stop()


def who_says_nothing_left_nothing(daemon):
    begin(daemon)
    caller = a_caller(daemon, silent=60, spoken=1)
    interaction = only(daemon)
    sealed = lambda: daemon.record(interaction, "sam")["outcome"]
    until(sealed, 30, lambda: f"it is not sealed: {daemon.record(interaction, 'sam')}")
    expect(sealed() == "abandoned", f"it is {sealed()}")
    until(lambda: not [file for file in Path(daemon.folder).rglob("recordings/*/*")], 20, "a file of nothing is kept")
    caller.stop()


def a_kill_in_the_middle_leaves_what_was_said(daemon):
    begin(daemon)
    caller = a_caller(daemon)
    time.sleep(4)
    daemon.kill()
    daemon.start()
    interaction = only(daemon)
    message = left(daemon, interaction)
    expect(message["cut"] and message["ms"] >= 2500, f"it is on record as {message}")
    is_heard(daemon, interaction, 2)
    caller.stop()
    agent = Agent(daemon, "anna")
    expect(agent.contact()["interaction"] == interaction, "it is offered to nobody")


CHECKS = [
    a_message_left_by_hanging_up_is_taken_heard_and_called_back,
    a_key_ends_a_message_and_the_call,
    silence_ends_a_message,
    who_says_nothing_left_nothing,
    a_kill_in_the_middle_leaves_what_was_said,
]
