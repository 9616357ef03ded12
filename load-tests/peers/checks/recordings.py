"""Recordings of calls, by frequency: the customer on the left, everybody else on the right, silence while it is paused,
and a file that can be played whatever ended it."""
import time, urllib.request, wave
from pathlib import Path

from lib import sipp, tone
from lib.baresip import Phone
from lib.caller import Caller
from lib.linphone import Linphone
from lib.people import Agent
from lib.processes import expect, until

from .transfers import ANNA, BEN, CUSTOMER, of_ben


def begin(daemon, rule="always", form="wav", announcement="[]", refusal="false"):
    daemon.stop()
    daemon.env |= {"TANDEM_QUEUE__SUPPORT__RECORDING": rule, "TANDEM_RECORDING__FORMAT": form,
                   "TANDEM_RECORDING__ANNOUNCEMENT": announcement, "TANDEM_RECORDING__REFUSAL": refusal}
    daemon.start()


def call(daemon, own=None, theirs=None):
    """A customer who speaks with anna; `own` and `theirs` say more of her phone and of the customer's."""
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA, **(own or {}))
    customer = Phone(daemon.folder, "4930900100", daemon.address, CUSTOMER, register=False, **(theirs or {}))
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(CUSTOMER)
    return anna, customer, agent, interaction


def listed(daemon, interaction, agent="sam"):
    status, answer = daemon.api(f"/api/v1/interactions/{interaction}/recordings", token=daemon.token(agent))
    expect(status == 200, f"the list was answered {status} {answer}")
    return answer["recordings"]


def kept(daemon, interaction, count=1):
    """Waits until so many recordings are whole files."""
    def found():
        there = [one for one in listed(daemon, interaction) if one.get("sha512")]
        return there if len(there) >= count else None
    return until(found, 15, lambda: f"nothing was kept: {listed(daemon, interaction)}")


def fetch(daemon, interaction, n=1, headers=None, agent="sam"):
    """Returns status, headers and bytes of a recording."""
    request = urllib.request.Request(f"{daemon.url}/api/v1/interactions/{interaction}/recordings/{n}", headers=headers or {})
    request.add_header("authorization", f"Bearer {daemon.token(agent)}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.headers, answer.read()


def sides(daemon, data):
    """Writes both channels of a WAV file as two files; returns them."""
    whole = daemon.folder / "fetched.wav"
    whole.write_bytes(data)
    with wave.open(str(whole)) as file:
        expect((file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 16000, 2), f"the file is {file.getparams()}")
        frames = file.readframes(file.getnframes())
    paths = []
    for side in (0, 1):
        path = daemon.folder / f"side-{side}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000)
            file.writeframes(b"".join(frames[at + 2 * side:at + 2 * side + 2] for at in range(0, len(frames), 4)))
        paths.append(path)
    return paths


def heard(path, *tones):
    """Returns for each 100 ms which tones are there, as a list of sets."""
    rate, samples = tone.read(path)
    shares = [tone.blocks(samples, rate, hertz) for hertz in tones]
    return [{hertz for hertz, share in zip(tones, block) if share > 0.8} for block in zip(*shares)]


def two_voices_are_kept_apart_and_found_by_range(daemon):
    begin(daemon)
    anna, customer, agent, interaction = call(daemon)
    time.sleep(3)
    customer.command("hangup")
    found = kept(daemon, interaction)[0]
    status, headers, data = fetch(daemon, interaction)
    expect(status == 200 and len(data) == found["bytes"] and headers["content-type"] == "audio/wav", f"{status} {headers}")
    expect(headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff", f"{headers}")
    left, right = (heard(path, ANNA, CUSTOMER, BEN) for path in sides(daemon, data))
    expect(sum(block == {CUSTOMER} for block in left) >= 20, f"left: {left}")
    expect(sum(block == {ANNA} for block in right) >= 20, f"right: {right}")
    expect(not any(ANNA in block for block in left) and not any(CUSTOMER in block for block in right), "a voice is on the other side")
    status, headers, part = fetch(daemon, interaction, headers={"range": "bytes=44-1043"})
    expect(status == 206 and part == data[44:1044] and headers["content-range"] == f"bytes 44-1043/{len(data)}", f"{status} {headers}")
    status, answer = daemon.api(f"/api/v1/interactions/{interaction}/recordings/1", token=daemon.token("anna"))
    expect(status == 403, f"an agent listened to what is not theirs to ask for: {status}")


def a_pause_is_silent_and_counts(daemon):
    begin(daemon, rule="demand")
    anna, customer, agent, interaction = call(daemon)
    expect(not listed(daemon, interaction), "it was recorded though nobody asked")
    for act, seconds in (("start", 2), ("pause", 2), ("resume", 2), ("stop", 0)):
        agent.ask("record", interaction=interaction, act=act)
        time.sleep(seconds)
    found = kept(daemon, interaction)[0]
    expect(5500 <= found["ms"] <= 7500, f"it lasts {found['ms']} ms")
    for path, hertz in zip(sides(daemon, fetch(daemon, interaction)[2]), (CUSTOMER, ANNA)):
        blocks = heard(path, hertz)
        middle = blocks[len(blocks) // 2 - 7:len(blocks) // 2 + 7]
        expect(not any(middle), f"something is in the pause: {blocks}")
        expect(sum(map(bool, blocks[:20])) >= 12 and sum(map(bool, blocks[-20:])) >= 12, f"before and after: {blocks}")


def a_transfer_goes_on_in_the_same_file(daemon):
    begin(daemon)
    ben, other = Phone(daemon.folder, "ben", daemon.address, BEN), Agent(daemon, "ben", ready=False)
    anna, customer, agent, interaction = call(daemon)
    time.sleep(1)
    agent.ask("hold", interaction=interaction, on=True)
    customer.silent(ANNA)
    agent.ask("hold", interaction=interaction, on=False)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    agent.ask("complete", interaction=interaction)
    customer.hears(BEN)
    time.sleep(2)
    of_ben(daemon, interaction)
    customer.command("hangup")
    found = kept(daemon, interaction)
    expect(len(found) == 1, f"it is cut into {len(found)}")
    left, right = (heard(path, ANNA, CUSTOMER, BEN) for path in sides(daemon, fetch(daemon, interaction)[2]))
    order = [hertz for block in right for hertz in block]
    expect(order.count(ANNA) >= 8 and order.count(BEN) >= 8, f"right: {order}")
    expect(order.index(BEN) > len(order) - 1 - order[::-1].index(ANNA), "they speak in the wrong order")
    # What was said while the customer was on hold was not for them.
    expect(any(not block for block in right), "nothing is silent on the right")
    expect(sum(block == {CUSTOMER} for block in left) >= 30, f"left: {left}")


def a_kill_leaves_a_file_that_can_be_played(daemon):
    begin(daemon)
    anna, customer, agent, interaction = call(daemon)
    time.sleep(4)
    daemon.kill()
    parts = list(Path(daemon.folder).rglob("*.part"))
    expect(len(parts) == 1, f"left over: {parts}")
    daemon.start()
    found = kept(daemon, interaction)[0]
    expect(found["cut"] and found["ms"] >= 2500, f"it is on record as {found}")
    expect(not list(Path(daemon.folder).rglob("*.part")), "the unfinished file is still there")
    left, right = (heard(path, ANNA, CUSTOMER) for path in sides(daemon, fetch(daemon, interaction)[2]))
    expect(sum(block == {CUSTOMER} for block in left) >= 20 and sum(block == {ANNA} for block in right) >= 20, f"{left} {right}")


def who_says_no_after_the_announcement_is_not_recorded(daemon):
    begin(daemon, announcement='["recorded", "refuse-recording"]', refusal="true")
    anna, customer, agent, interaction = call(daemon)
    state = lambda word: agent.see(f"recording {word}", lambda frame: f'"recording":"{word}"' in str(frame).replace(" ", "").replace("'", '"'))
    state("announced")
    customer.command("sndcode", "0")
    state("refused")
    customer.hears(ANNA)
    customer.command("hangup")
    time.sleep(1)
    record = daemon.record(interaction)
    expect(not record["recordings"] and "refused" in str(record["happenings"]), f"{record['recordings']} {record['happenings']}")
    expect(not [file for file in Path(daemon.folder).rglob("recordings/*/*")], "a file is there")


def what_is_announced_is_recorded_as_opus_and_erased(daemon):
    begin(daemon, form="opus", announcement='["recorded"]')
    anna, customer, agent, interaction = call(daemon)
    customer.hears(ANNA)
    agent.see("a recording", lambda frame: "'recording': 'running'" in str(frame), seconds=15)
    time.sleep(3)
    customer.command("hangup")
    found = kept(daemon, interaction)[0]
    status, headers, data = fetch(daemon, interaction)
    expect(data[:4] == b"OggS" and b"OpusHead" in data[:64] and headers["content-type"] == "audio/ogg", f"{headers}")
    expect(found["ms"] >= 2000 and len(data) < found["ms"] * 12, f"{len(data)} bytes for {found['ms']} ms")
    agent.ask("wrap_up", interaction=interaction)
    customer_id = daemon.record(interaction)["customer"]["customer"]
    status, answer = daemon.api(f"/api/v1/customers/{customer_id}/erase", "POST", {"reason": "asked for"}, token=daemon.token("sam"))
    expect(status < 300, f"erasing was answered {status} {answer}")
    until(lambda: not [file for file in Path(daemon.folder).rglob("recordings/*/*.ogg")], 20, "the file is still there")


def preferring(daemon, first, then):
    """Lets a caller's phone say what it would like of a recording in its INVITE, and later; returns the interaction."""
    begin(daemon, announcement='["recorded"]', refusal="true")
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent = Agent(daemon, "anna")
    phone = sipp.call(daemon, "caller-prefers", words={"FIRST": first, "THEN": then})
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    phone.done()
    agent.change("released", interaction=interaction)
    return interaction


def told(daemon, interaction):
    """Returns what the record says of recordings, in order, as (step, wish)."""
    happened = [it["details"] for it in daemon.record(interaction)["happenings"] if it["event"] == "recording"]
    return [(it["step"], it.get("wish")) for it in happened]


def whose_phone_prefers_no_recording_is_not_recorded(daemon):
    interaction = preferring(daemon, "off", "nopreference")
    expect(told(daemon, interaction) == [("wished", "off"), ("refused", None), ("wished", "nothing")], f"{told(daemon, interaction)}")
    expect(not daemon.record(interaction)["recordings"] and not listed(daemon, interaction), "it was recorded")
    expect(not [file for file in Path(daemon.folder).rglob("recordings/*/*")], "a file is there")


def a_phone_that_prefers_a_pause_has_one(daemon):
    interaction = preferring(daemon, "nopreference", "pause")
    expect(told(daemon, interaction) == [("wished", "nothing"), ("announced", None), ("wished", "pause"), ("paused", None)], f"{told(daemon, interaction)}")
    kept(daemon, interaction)
    _, right = (heard(path, ANNA) for path in sides(daemon, fetch(daemon, interaction)[2]))
    spoken = [bool(block) for block in right]
    expect(any(spoken[:30]) and not any(spoken[-20:]), f"{right}")


def a_phone_that_shows_it_is_told_of_every_change(daemon):
    begin(daemon, refusal="false")
    anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
    agent = Agent(daemon, "anna")
    phone = sipp.call(daemon, "caller-is-told")
    interaction = agent.contact()["interaction"]
    told = lambda: phone.statuses_of_ours("INVITE").count(200)
    for count, act in ((1, "pause"), (2, "resume"), (3, "stop"), (4, None)):
        until(lambda: told() == count, 10, lambda: f"it was told {told()} times, not {count}")
        if act:
            agent.ask("record", interaction=interaction, act=act)
    phone.done()
    agent.change("released", interaction=interaction)
    expect("a=record:" not in anna.process.text(), "a phone that does not show it was told")


ANNOUNCED = 1500


def begin_announced(daemon, seconds):
    """Begins with an announcement of so many seconds."""
    path = daemon.folder / "recorded.wav"
    tone.write(path, ANNOUNCED, seconds)
    daemon.env["TANDEM_PROMPT__RECORDED"] = str(path)
    begin(daemon, announcement='["recorded"]')


def what_is_announced_is_heard_before_and_is_not_in_the_file(daemon):
    begin_announced(daemon, 3)
    anna, customer, agent, interaction = call(daemon)
    customer.hears(ANNOUNCED)
    agent.see("a recording", lambda frame: "'recording': 'running'" in str(frame), seconds=15)
    before = tone.heard(customer.recordings()[-1], ANNOUNCED)
    expect(before >= 27, f"of 3 s {before / 10} s were heard before the recording began")
    time.sleep(3)
    expect(tone.heard(customer.recordings()[-1], ANNOUNCED) - before <= 2, "it was said while the recording ran")
    customer.command("hangup")
    kept(daemon, interaction)
    left, right = (heard(path, ANNA, CUSTOMER, ANNOUNCED) for path in sides(daemon, fetch(daemon, interaction)[2]))
    expect(not any(ANNOUNCED in block for block in left + right), f"it is in the file: {left} {right}")
    expect(sum(block == {CUSTOMER} for block in left) >= 20 and sum(block == {ANNA} for block in right) >= 20, f"{left} {right}")


def who_holds_the_call_during_the_announcement_hears_it_again(daemon):
    begin_announced(daemon, 6)
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    customer = Linphone(daemon.folder, "desk", daemon.address, CUSTOMER, register=False)
    customer.command(f"call sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    customer.hears(ANNOUNCED)
    customer.command("pause")
    customer.says("Call 1 with .* is now paused")
    hears = lambda: [it["details"]["on"] for it in daemon.record(interaction)["happenings"] if it["details"].get("step") == "hears"]
    until(lambda: hears() == [False], 10, lambda: f"what the customer hears is told as {hears()}")
    time.sleep(7)
    expect(not list(Path(daemon.folder).rglob("*.part")), "it is recorded before it was announced")
    expect(customer.blocks(ANNOUNCED) < 30, "the customer held too late")
    customer.command("resume 1")
    agent.see("a recording", lambda frame: "'recording': 'running'" in str(frame), seconds=15)
    again = customer.blocks(ANNOUNCED)
    expect(again >= 50, f"{again / 10} s of 6 s were heard before the recording began")
    agent.ask("hang_up", interaction=interaction)
    kept(daemon, interaction)


def whose_network_is_gone_during_the_announcement_hears_it_again(daemon):
    begin_announced(daemon, 6)
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    customer = Caller(daemon.address, "4930900101", CUSTOMER)
    answer = customer.call("support", customer.sdp())
    expect(answer.code == 200, f"the call was answered {answer.code}")
    customer.speaks_to(answer.body)
    interaction = agent.contact()["interaction"]
    customer.hears(ANNOUNCED)
    customer.gone = True
    time.sleep(8)
    expect(not list(Path(daemon.folder).rglob("*.part")), "it is recorded though nobody heard that it would be")
    before = customer.blocks(ANNOUNCED)
    expect(before < 40, f"the network was gone too late: {before / 10} s were heard")
    customer.gone = False
    agent.see("a recording", lambda frame: "'recording': 'running'" in str(frame), seconds=15)
    again = customer.blocks(ANNOUNCED) - before
    expect(again >= 50, f"{again / 10} s of 6 s were heard before the recording began")
    agent.ask("hang_up", interaction=interaction)
    kept(daemon, interaction)
    customer.close()


CHECKS = [
    two_voices_are_kept_apart_and_found_by_range,
    a_pause_is_silent_and_counts,
    a_transfer_goes_on_in_the_same_file,
    a_kill_leaves_a_file_that_can_be_played,
    who_says_no_after_the_announcement_is_not_recorded,
    what_is_announced_is_heard_before_and_is_not_in_the_file,
    who_holds_the_call_during_the_announcement_hears_it_again,
    whose_network_is_gone_during_the_announcement_hears_it_again,
    what_is_announced_is_recorded_as_opus_and_erased,
    whose_phone_prefers_no_recording_is_not_recorded,
    a_phone_that_prefers_a_pause_has_one,
    a_phone_that_shows_it_is_told_of_every_change,
]
