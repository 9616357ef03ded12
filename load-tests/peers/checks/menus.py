"""What a caller is asked before anybody is, by baresip: announcements of one's own by frequency, keys with RFC 4733."""
import re, socket, struct, threading, time

from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, until
from lib.sip import Client

from .prompts import never

NUMBER = "+4930900500"
HELLO, AGAIN, DIGITS, NIGHT = 1000, 1500, 1900, 1200


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


def exits(daemon, **settings):
    """Starts Tandem with a menu of exits, and one that is closed and leads to it by a word of its own."""
    with_menus(daemon)
    daemon.stop()
    night = daemon.folder / "night.wav"
    tone.write(night, NIGHT, 2)
    daemon.env |= never(daemon) | {
        "TANDEM_CALLBACK__CALLING_HOURS": "",
        "TANDEM_PROMPT__NIGHT": str(night),
        "TANDEM_MENU__MAIN": '{ queue = "support", say = ["hello"], keys = { 1 = "callback", 2 = "agent:ben", 3 = "menu:late", 4 = "voicemail" } }',
        "TANDEM_MENU__LATE": '{ queue = "support", say = ["number"], hours = "never", closed = "menu:night", then = "queue:support" }',
        "TANDEM_MENU__NIGHT": '{ queue = "support", say = ["night"], then = "hang_up" }',
        **settings,
    }
    daemon.start()


def gone(phone):
    until(lambda: "closed" in phone.process.text().lower() or "terminated" in phone.process.text().lower(), 20, "the caller was not let go")


def a_caller_chooses_to_be_called_back(daemon):
    exits(daemon)
    caller = a_caller(daemon)
    press(caller, "1")
    gone(caller)
    anna, agent = Phone(daemon.folder, "anna", daemon.address, 440), Agent(daemon, "anna")
    interaction = agent.contact(seconds=20)["interaction"]
    agent.call("connected", seconds=20)
    anna.hears(660)
    record = daemon.record(interaction)
    ways = [leg["cause"] for leg in record["legs"] if leg["party"] == NUMBER]
    expect(len(ways) == 2, f"one call in and one out were to be in one record: {record['legs']}")
    agent.ask("hang_up", interaction=interaction)


def a_caller_chooses_an_agent_by_name(daemon):
    """Anna is ready first and idle longest; ben is who was chosen."""
    exits(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440)
    ben = Phone(daemon.folder, "ben", daemon.address, 550)
    Agent(daemon, "anna")
    other = Agent(daemon, "ben")
    caller = a_caller(daemon)
    press(caller, "2")
    interaction = other.contact(seconds=20)["interaction"]
    caller.hears(550)
    ben.hears(660)
    offers = [it["agent"] for it in daemon.record(interaction)["offers"]]
    expect(offers == ["ben"], f"it was offered to {offers}")
    caller.command("hangup")


def a_menu_that_is_closed_leads_where_it_says(daemon):
    exits(daemon)
    caller = a_caller(daemon)
    press(caller, "3")
    caller.hears(NIGHT)
    gone(caller)
    expect(tone.heard(caller.recordings()[-1], DIGITS) == 0, "the closed menu was said")


def a_caller_chooses_to_leave_a_message(daemon):
    exits(daemon, TANDEM_RECORDING__FORMAT="wav")
    caller = a_caller(daemon)
    press(caller, "4")
    until(lambda: list(daemon.folder.rglob("*.part")), 20, "nothing is recorded after the tone")
    time.sleep(3)
    caller.command("hangup")
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    contact = agent.contact(seconds=20)
    expect((contact.get("voicemail") or {}).get("ms", 0) >= 2000, f"the message is {contact.get('voicemail')}")


KEYS, OPUS, EVENTS = "0123456789*#", 96, 97
# RFC 6716: 20 ms of silence.
SILENCE = b"\xf8\xff\xfe"


class Wideband:
    """A caller who speaks Opus, and whose keys are events at 48 kHz (RFC 4733), as browsers' are."""

    def __init__(self, daemon, name):
        self.media, self.over, self.waiting, self.heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), False, [], {}
        self.media.bind(("127.0.0.1", 0))
        self.client = Client(daemon.address, user=NUMBER)
        offer = self.client.sdp().split("m=audio")[0] + (
            f"m=audio {self.media.getsockname()[1]} RTP/AVP {OPUS} {EVENTS}\r\na=rtpmap:{OPUS} opus/48000/2\r\n"
            f"a=rtpmap:{EVENTS} telephone-event/48000\r\na=fmtp:{EVENTS} 0-15\r\n")
        answer = self.client.call(name, offer)
        expect(answer.code == 200 and f"a=rtpmap:{EVENTS} telephone-event/48000" in answer.body, f"it was answered {answer.code} {answer.body}")
        self.there = "127.0.0.1", int(re.search(r"m=audio (\d+)", answer.body)[1])
        for run in (self._speak, self._hear):
            threading.Thread(target=run, daemon=True).start()

    # A packet each 20 ms: of a key, while one is pressed, and of silence.
    def _speak(self):
        number = stamp = 0
        press = []
        while not self.over:
            number, stamp = number + 1, stamp + 960
            if not press and self.waiting:
                key, began = self.waiting.pop(0), stamp
                press = [(n, began, struct.pack("!BBH", KEYS.index(key), 0x80 * (n >= 5) | 10, 960 * min(n, 5))) for n in range(1, 8)]
            if press:
                n, began, event = press.pop(0)
                packet = struct.pack("!BBHII", 0x80, 0x80 * (n == 1) | EVENTS, number, began, 7) + event
            else:
                packet = struct.pack("!BBHII", 0x80, OPUS, number, stamp, 7) + SILENCE
            self.media.sendto(packet, self.there)
            time.sleep(0.02)

    def _hear(self):
        self.media.settimeout(0.2)
        while not self.over:
            try:
                data = self.media.recv(2048)
            except TimeoutError:
                continue
            if data[1] & 127 == EVENTS:
                began, (key, _, lasted) = struct.unpack("!4xI", data[:8])[0], struct.unpack("!BBH", data[12:16])
                self.heard[began] = KEYS[key], max(lasted, self.heard.get(began, ("", 0))[1])

    def close(self):
        self.over = True
        self.client.close()


def keys_that_come_as_events_and_by_info_count_once(daemon):
    daemon.env["TANDEM_RTP__CODECS"] = '["opus", "pcma"]'
    with_menus(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440, codecs="PCMA")
    agent, caller = Agent(daemon, "anna"), Wideband(daemon, "main")
    time.sleep(0.5)
    for pause, key in ((2, "1"), *((0.4, key) for key in "4711#")):
        expect(caller.client.key(key).code == 200, "the INFO was refused")
        caller.waiting += key
        time.sleep(pause)
    interaction = agent.contact(seconds=20)["interaction"]
    record = daemon.record(interaction)
    expect(record["external_ids"].get("customer_number") == "4711", f"the record keeps {record['external_ids']}")
    caller.close()


def keys_beside_opus_count_once_in_a_menu_and_are_pressed_towards_the_caller(daemon):
    daemon.env["TANDEM_RTP__CODECS"] = '["opus", "pcma"]'
    with_menus(daemon)
    Phone(daemon.folder, "anna", daemon.address, 440, codecs="PCMA")
    agent, caller = Agent(daemon, "anna"), Wideband(daemon, "main")
    caller.waiting += "1"
    # Who keys before the next question is asked has pressed these keys in the first menu.
    time.sleep(2)
    caller.waiting += "4711#"
    interaction = agent.contact(seconds=20)["interaction"]
    agent.call("connected", seconds=20)
    record = daemon.record(interaction)
    expect(record["external_ids"].get("customer_number") == "4711", f"the record keeps {record['external_ids']}")
    agent.ask("digits", interaction=interaction, digits="42#")
    until(lambda: len(caller.heard) >= 3, 5, "no keys came")
    time.sleep(0.5)
    got = list(caller.heard.values())
    expect("".join(key for key, _ in got) == "42#", f"the caller's side was pressed {got}")
    # 40 ms at least at 48 kHz, and not at 8.
    expect(all(lasted >= 1920 for _, lasted in got), f"they lasted {got}")
    agent.ask("hang_up", interaction=interaction)
    agent.change("released", interaction=interaction)
    caller.close()


CHECKS = [
    a_caller_is_asked_and_reaches_the_agent_with_what_was_keyed,
    a_menu_can_end_the_call,
    a_caller_chooses_to_be_called_back,
    a_caller_chooses_an_agent_by_name,
    a_menu_that_is_closed_leads_where_it_says,
    a_caller_chooses_to_leave_a_message,
    keys_beside_opus_count_once_in_a_menu_and_are_pressed_towards_the_caller,
    keys_that_come_as_events_and_by_info_count_once,
]
