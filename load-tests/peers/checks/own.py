"""Agents who are called by their own number: who asks for one waits for them first, then for the others, with baresip."""
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

EXTENSION = "201"


def with_numbers(daemon, wait):
    """Starts Tandem where 201 is anna's, and callers wait so long for her."""
    daemon.stop()
    daemon.env["TANDEM_AGENTS__OWN__WAIT"] = wait
    daemon.env["TANDEM_AGENTS__OWN__NUMBERS"] = f'{{ {EXTENSION} = "anna" }}'
    daemon.start()


def crew(daemon):
    """Puts anna and ben at their consoles, ben ready first, so that he is idle longest."""
    phones = [Phone(daemon.folder, "ben", daemon.address, 550), Phone(daemon.folder, "anna", daemon.address, 440)]
    agents = [Agent(daemon, "ben"), Agent(daemon, "anna")]
    return *phones, *agents


def caller(daemon, number, hertz, called):
    phone = Phone(daemon.folder, number, daemon.address, hertz, register=False)
    phone.command("dial", f"sip:{called}@{daemon.address}")
    return phone


def offers(daemon, interaction):
    """Returns to whom the interaction was offered, and why, in order."""
    return [(it["agent"], it["route"]["why"]) for it in daemon.record(interaction)["offers"]]


def who_asks_for_an_agent_waits_for_them_though_others_are_free(daemon):
    with_numbers(daemon, "60s")
    _, anna, ben_desk, anna_desk = crew(daemon)
    first = caller(daemon, "4930900601", 660, "anna")
    one = anna_desk.contact()["interaction"]
    first.hears(440)

    second = caller(daemon, "4930900602", 880, EXTENSION)
    until(lambda: daemon.metric("tandem_queue_waiting") == 1, 10, "the second caller does not wait")
    first.command("hangup")
    anna_desk.change("released", interaction=one)
    contact = lambda frame: (frame.get("change") or {}).get("contact") or {}
    two = contact(anna_desk.see("the second call", lambda frame: contact(frame).get("interaction", one) != one, 20))["interaction"]
    second.hears(440)
    anna.hears(880)

    for interaction in (one, two):
        expect(offers(daemon, interaction) == [("anna", "own")], f"it was offered to {offers(daemon, interaction)}")
    expect(not any((frame.get("change") or {}).get("change") == "offered" for frame in ben_desk.frames), "ben was asked")
    second.command("hangup")


def who_waited_long_enough_for_one_is_everybodys(daemon):
    with_numbers(daemon, "3s")
    ben, _, ben_desk, anna_desk = crew(daemon)
    first = caller(daemon, "4930900603", 660, "anna")
    anna_desk.contact()
    first.hears(440)

    second = caller(daemon, "4930900604", 880, EXTENSION)
    two = ben_desk.contact(seconds=20)["interaction"]
    second.hears(550)
    ben.hears(880)

    expect([agent for agent, _ in offers(daemon, two)] == ["ben"], f"it was offered to {offers(daemon, two)}")
    expect(offers(daemon, two)[0][1] != "own", f"ben was asked because {offers(daemon, two)[0][1]}")
    second.command("hangup")
    first.command("hangup")


CHECKS = [
    who_asks_for_an_agent_waits_for_them_though_others_are_free,
    who_waited_long_enough_for_one_is_everybodys,
]
