"""What callers hear of the house itself, by baresip: recordings of one's own by frequency, and for how long."""
from datetime import datetime, timezone

from lib import ogg, sipp, tone
from lib.baresip import Phone
from lib.caller import Caller
from lib.people import Agent
from lib.processes import expect, until

FAREWELL, PLACE, WAIT, CLOSED = 1500, 1000, 1900, 1200


def again(daemon, prompts, **settings):
    """Starts Tandem anew with tones in place of what is built in: name to frequency and seconds, stereo at 44.1 kHz."""
    daemon.stop()
    for name, (hertz, seconds) in prompts.items():
        path = daemon.folder / f"{name}.wav"
        tone.write(path, hertz, seconds, rate=44_100, channels=2)
        daemon.env[f"TANDEM_PROMPT__{name.upper()}"] = str(path)
    daemon.env |= settings
    daemon.start()


def called(daemon, number, **more):
    caller = Phone(daemon.folder, number, daemon.address, 660, register=False, **more)
    caller.command("dial", f"sip:support@{daemon.address}")
    return caller


def blocks(caller, hertz):
    files = caller.recordings()
    return tone.heard(files[-1], hertz) if files else 0


def whoever_is_turned_away_hears_why_to_its_end(daemon):
    again(daemon, {"sorry": (FAREWELL, 12)}, TANDEM_QUEUE__SUPPORT__MAX_WAIT="2s", TANDEM_QUEUE__SUPPORT__WHEN_LATE='["message"]')
    caller = called(daemon, "4930900120")
    caller.hears(FAREWELL)
    until(lambda: daemon.metric("tandem_legs_live") == 0, 30, "the caller was not let go")
    expect(blocks(caller, FAREWELL) >= 115, f"of 12 s {blocks(caller, FAREWELL) / 10} s were heard")


def a_caller_hears_how_long_it_will_be(daemon):
    again(daemon, {"wait-is-about": (WAIT, 2), "you-are-number": (PLACE, 2)})
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    first = called(daemon, "4930900121")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    first.hears(440)
    agent.ask("hang_up", interaction=interaction)
    agent.change("released", interaction=interaction, seconds=20)
    mark = agent.mark()
    called(daemon, "4930900122").hears(440, seconds=20)
    agent.call("connected", after=mark)
    third = called(daemon, "4930900123")
    third.hears(PLACE)
    third.hears(WAIT)


def a_prompt_may_be_an_ogg_opus_file(daemon):
    again(daemon, {}, TANDEM_QUEUE__SUPPORT__MAX_WAIT="2s", TANDEM_QUEUE__SUPPORT__WHEN_LATE='["message"]')
    daemon.stop()
    ogg.write(daemon.folder / "sorry.ogg", FAREWELL, 6)
    daemon.env["TANDEM_PROMPT__SORRY"] = str(daemon.folder / "sorry.ogg")
    daemon.start()
    caller = called(daemon, "4930900124")
    caller.hears(FAREWELL)
    until(lambda: daemon.metric("tandem_legs_live") == 0, 30, "the caller was not let go")
    expect(55 <= blocks(caller, FAREWELL) <= 62, f"of 6 s {blocks(caller, FAREWELL) / 10} s were heard")


def never(daemon):
    """Settings of hours that begin on the day after tomorrow only."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    opens = days[(datetime.now(timezone.utc).weekday() + 2) % 7]
    return {"TANDEM_HOURS__NEVER__ZONE": "UTC", "TANDEM_HOURS__NEVER__WEEK": f'{{ {opens} = ["09:00-17:00"] }}'}


def who_calls_a_closed_queue_hears_that_it_is_closed_and_is_let_go(daemon):
    again(daemon, {"closed": (CLOSED, 4)}, TANDEM_QUEUE__SUPPORT__HOURS="never", **never(daemon))
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    caller = called(daemon, "4930900125")
    caller.hears(CLOSED)
    until(lambda: daemon.metric("tandem_legs_live") == 0, 30, "the caller was not let go")
    expect(blocks(caller, CLOSED) >= 36, f"of 4 s {blocks(caller, CLOSED) / 10} s were heard")
    expect(not any((frame.get("change") or {}).get("change") == "offered" for frame in agent.frames), "anna was asked")


def a_caller_hears_that_it_is_closed_before_the_answer_and_is_never_answered(daemon):
    again(daemon, {"closed": (CLOSED, 4)}, TANDEM_QUEUE__SUPPORT__HOURS="never", TANDEM_TRUNK__TEST__EARLY_MEDIA="60s", **never(daemon))
    Phone(daemon.folder, "anna", daemon.address, 440)
    Agent(daemon, "anna")
    caller = called(daemon, "4930900126")
    caller.hears(CLOSED)
    until(lambda: daemon.metric("tandem_legs_live") == 0, 30, "the caller was not let go")
    expect(blocks(caller, CLOSED) >= 36, f"of 4 s {blocks(caller, CLOSED) / 10} s were heard")
    said = caller.process.text()
    expect("183 Session Progress" in said and "480 " in said, f"the caller was told {said[-600:]}")
    expect("200 OK" not in said and "Call established" not in said, f"the caller was answered: {said[-600:]}")
    # Who takes provisional responses only where they are reliable hears it too.
    call = sipp.call(daemon, "caller-hears-early").done()
    early = [m for m in call.messages() if m.by_tandem and m.first.startswith("SIP/2.0 183")]
    expect(early[0].header("require") == "100rel", "the 183 was not reliable")
    expect(call.statuses("PRACK") == [200], f"PRACK was answered {call.statuses('PRACK')}")
    expect(call.statuses()[-2:] == [183, 480], f"INVITE was answered {call.statuses()}")


def whom_a_full_queue_turns_away_hears_why_before_the_answer_and_is_told_486(daemon):
    again(daemon, {"sorry": (FAREWELL, 4), "you-are-number": (PLACE, 4)}, TANDEM_QUEUE__SUPPORT__LIMIT="1",
          TANDEM_QUEUE__SUPPORT__WHEN_FULL='["message"]', TANDEM_TRUNK__TEST__EARLY_MEDIA="60s")
    Agent(daemon, "anna", ready=False)
    first, second = called(daemon, "4930900131"), None
    first.hears(PLACE)
    second = called(daemon, "4930900132")
    second.hears(FAREWELL)
    until(lambda: "486 " in second.process.text(), 20, lambda: f"the second caller was told {second.process.text()[-600:]}")
    expect(blocks(second, FAREWELL) >= 36, f"of 4 s {blocks(second, FAREWELL) / 10} s were heard")
    said = second.process.text()
    expect("183 Session Progress" in said and "200 OK" not in said, f"the second caller was answered: {said[-600:]}")
    first.silent(FAREWELL)
    expect(daemon.metric("tandem_legs_live") == 1, "the first caller was let go")


def a_caller_with_srtp_hears_it_before_the_answer(daemon):
    again(daemon, {"closed": (CLOSED, 4)}, TANDEM_QUEUE__SUPPORT__HOURS="never", TANDEM_TRUNK__TEST__EARLY_MEDIA="60s",
          TANDEM_TRUNK__TEST__SRTP="require", TANDEM_RTP__SDES_IN_CLEAR="true", **never(daemon))
    Agent(daemon, "anna", ready=False)
    caller = called(daemon, "4930900133", mediaenc="srtp-mand", modules=["srtp"])
    caller.hears(CLOSED)
    until(lambda: daemon.metric("tandem_legs_live") == 0, 30, "the caller was not let go")
    said = caller.process.text()
    expect("a=crypto" in said and "RTP/SAVP" in said, f"nothing was secured: {said[-600:]}")
    expect("183 Session Progress" in said and "480 " in said and "200 OK" not in said, f"the caller was told {said[-600:]}")


def a_caller_waits_by_music_before_the_answer_and_is_answered_when_somebody_is_there(daemon):
    again(daemon, {"you-are-number": (PLACE, 4)}, TANDEM_TRUNK__TEST__EARLY_MEDIA="60s")
    agent = Agent(daemon, "anna", ready=False)
    Phone(daemon.folder, "anna", daemon.address, 440)
    caller = called(daemon, "4930900127")
    caller.hears(PLACE)
    said = caller.process.text()
    expect("183 Session Progress" in said and "200 OK" not in said, f"the caller was told {said[-600:]}")
    agent.ask("presence", presence={"is": "ready"})
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    caller.hears_anew(440)
    caller.silent(PLACE)
    expect("200 OK" in caller.process.text(), "the caller was not answered")
    caller.command("hangup")
    agent.change("released", interaction=interaction)


def a_caller_who_moves_before_the_answer_hears_it_there_and_then_the_agent(daemon):
    """By the offer of a PRACK and by UPDATE; one that cannot be taken changes nothing."""
    again(daemon, {"all-agents-busy": (PLACE, 20)}, TANDEM_TRUNK__TEST__EARLY_MEDIA="60s")
    agent = Agent(daemon, "anna", ready=False)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    first, second = (Caller(daemon.address, f"493090013{n}", 660) for n in (4, 5))
    places = [place.media.getsockname()[1] for place in (first, second)]
    call = sipp.call(daemon, "caller-moves-early", words={"FIRST": places[0], "SECOND": places[1]})
    second.hears(PLACE)
    expect(first.blocks(PLACE) >= 28, f"of 3.5 s {first.blocks(PLACE) / 10} s were heard between the moves")
    first.silent(PLACE)
    agent.ask("presence", presence={"is": "ready"})
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    second.speaks_to((call.folder / "messages.log").read_text().rpartition("CSeq: 4 UPDATE")[2])
    second.hears(440)
    anna.hears(660)
    agent.ask("hang_up", interaction=interaction)
    call.done()
    expect(call.statuses("PRACK") == [200] and call.statuses("UPDATE") == [488, 200, 200], f"UPDATE was answered {call.statuses('UPDATE')}")
    for place in (first, second):
        place.close()


def who_hears_it_for_too_long_is_answered(daemon):
    again(daemon, {"you-are-number": (PLACE, 2)}, TANDEM_TRUNK__TEST__EARLY_MEDIA="5s")
    Agent(daemon, "anna", ready=False)
    caller = called(daemon, "4930900128")
    caller.hears(PLACE)
    expect("200 OK" not in caller.process.text(), "the caller was answered at once")
    until(lambda: "200 OK" in caller.process.text(), 15, "the caller was not answered")
    expect(daemon.metric("tandem_legs_live") == 1, "the caller was let go")


CHECKS = [
    whoever_is_turned_away_hears_why_to_its_end,
    a_caller_hears_how_long_it_will_be,
    a_prompt_may_be_an_ogg_opus_file,
    who_calls_a_closed_queue_hears_that_it_is_closed_and_is_let_go,
    a_caller_hears_that_it_is_closed_before_the_answer_and_is_never_answered,
    whom_a_full_queue_turns_away_hears_why_before_the_answer_and_is_told_486,
    a_caller_with_srtp_hears_it_before_the_answer,
    a_caller_waits_by_music_before_the_answer_and_is_answered_when_somebody_is_there,
    a_caller_who_moves_before_the_answer_hears_it_there_and_then_the_agent,
    who_hears_it_for_too_long_is_answered,
]
