"""What a caller is asked before anybody is, by baresip: announcements of one's own by frequency, keys with RFC 4733."""
from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until

NUMBER = "+4930900500"
HELLO, AGAIN, DIGITS = 1000, 1500, 1900


def with_menus(daemon):
    """Starts Tandem with a menu of keys that leads to one of digits."""
    daemon.stop()
    for name, hertz in (("hello", HELLO), ("again", AGAIN), ("number", DIGITS)):
        path = daemon.folder / f"{name}.wav"
        tone.write(path, hertz, 2)
        daemon.env[f"TANDEM_PROMPT__{name.upper()}"] = str(path)
    daemon.env["TANDEM_MENU__MAIN"] = ('{ queue = "support", say = ["hello"], say_again = ["again"], '
                                       'keys = { 1 = "menu:number", 2 = "hang_up" } }')
    daemon.env["TANDEM_MENU__NUMBER"] = ('{ queue = "support", say = ["number"], digits = "4-6", keep = "customer_number", '
                                         'then = "queue:support" }')
    daemon.start()


def a_caller(daemon):
    caller = Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far)
    caller.command("dial", f"sip:main@{daemon.address}")
    caller.hears(HELLO)
    return caller


def press(caller, keys):
    for key in keys:
        caller.command("sndcode", key)


def a_caller_is_asked_and_reaches_the_agent_with_what_was_keyed(daemon):
    with_menus(daemon)
    anna = Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    caller = a_caller(daemon)

    press(caller, "7")
    caller.hears(AGAIN)
    press(caller, "1")
    caller.hears(DIGITS)
    expect(daemon.metric("tandem_offers_total") in (None, 0), "an agent was asked while the caller was in a menu")
    press(caller, "4711#")
    interaction = agent.contact(seconds=20)["interaction"]
    agent.call("connected", seconds=20)
    caller.hears(440)
    anna.hears(660)

    record = daemon.record(interaction)
    expect(record["external_ids"].get("customer_number") == "4711", f"the record keeps {record['external_ids']}")
    steps = [it["details"]["step"] for it in record["happenings"] if it["event"] == "in_call"]
    expect(steps[:3] == ["menu_entered", "menu_keyed", "menu_keyed"] and steps.count("menu_left") == 2, f"the record says {steps}")
    agent.ask("hang_up", interaction=interaction)


def a_menu_can_end_the_call(daemon):
    with_menus(daemon)
    caller = a_caller(daemon)
    press(caller, "2")
    until(lambda: "closed" in caller.process.text().lower() or "terminated" in caller.process.text().lower(), 20,
          "the caller was not let go")


CHECKS = [
    a_caller_is_asked_and_reaches_the_agent_with_what_was_keyed,
    a_menu_can_end_the_call,
]
