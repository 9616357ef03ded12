"""What callers hear of the house itself, by baresip: recordings of one's own by frequency, and for how long."""
from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

FAREWELL, PLACE, WAIT = 1500, 1000, 1900


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


CHECKS = [
    whoever_is_turned_away_hears_why_to_its_end,
    a_caller_hears_how_long_it_will_be,
]
