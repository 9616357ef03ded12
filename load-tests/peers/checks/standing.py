"""Who stands still stands still alone: a phone, a reader, connections that say nothing, the tables, the journal. The chats and
calls of all others go on, by ear and by what is acknowledged."""
import signal, socket, sqlite3
from contextlib import closing

from lib import tone
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until

ANNA, BEN, ONE, TWO = 440, 550, 660, 880
SILENT = 40


class Life:
    """A call between anna and a customer and a chat of a visitor; who serves the chat is whoever was asked."""

    def __init__(self, daemon, agents):
        self.daemon, self.agents, self.said = daemon, agents, 0
        self.anna = Phone(daemon.folder, "anna", daemon.address, ANNA)
        self.customer = Phone(daemon.folder, "4930900701", daemon.address, ONE, register=False)
        self.customer.command("dial", f"sip:support@{daemon.address}")
        agents["anna"].call("connected")
        self.visitor = Visitor(daemon)
        self.chat = self.visitor.open("Hello")
        entry = self.visitor.entry("joined")["entry"]
        self.agent = agents[entry["agent"]]

    def says(self):
        """The visitor writes; returns the message's own name."""
        self.said += 1
        mid = f"v{self.said}"
        self.visitor.ask("message", mid=mid, text=f"Message {self.said}")
        return mid

    def reaches(self, mid, seconds=5):
        self.agent.entry("message", mid=mid, seconds=seconds)

    def is_heard(self):
        for phone, hertz in ((self.anna, ONE), (self.customer, ANNA)):
            count = lambda: tone.heard(phone.recordings()[-1], hertz)
            before = count()
            until(lambda: count() >= before + 10, 10, lambda: f"{phone.user} no longer hears {hertz} Hz")

    def goes_on(self):
        self.reaches(self.says())
        self.agent.ask("message", interaction=self.chat, mid=f"a{self.said}", text="I see")
        self.visitor.entry("message", mid=f"a{self.said}")
        self.is_heard()


def with_ben(daemon):
    """The same beside ben, who has a phone and serves as well."""
    Phone(daemon.folder, "ben", daemon.address, BEN)
    return Life(daemon, {name: Agent(daemon, name) for name in ("anna", "ben")})


def lock(path):
    """Holds a database as a writer does whose disk does not answer."""
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    return closing(held)


def pain_4_a_phone_and_a_reader_that_stand_still_hold_up_nobody_else(daemon):
    life = with_ben(daemon)
    other = Phone(daemon.folder, "4930900702", daemon.address, TWO, register=False)
    other.command("dial", f"sip:support@{daemon.address}")
    life.agents["ben"].call("connected")
    other.hears(BEN)
    reader = Visitor(daemon)
    chat = reader.open("I will not read on")
    serves = life.agents[reader.entry("joined")["entry"]["agent"]]

    for stands in (other, reader):
        stands.process.signal(signal.SIGSTOP)
        life.goes_on()
    for number in range(20):
        serves.ask("message", interaction=chat, mid=f"s{number}", text="Are you there? " * 200)
    serves.entry("message", mid="s19")
    life.goes_on()

    reader.process.signal(signal.SIGCONT)
    reader.entry("message", mid="s19")
    other.process.signal(signal.SIGCONT)


def pain_4_connections_that_say_nothing_hold_up_nobody_else(daemon):
    life = Life(daemon, {"anna": Agent(daemon, "anna")})
    beginnings = (b"", b"GET /demo/ HTTP/1.1\r\nHost: ", b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{",
                  b"INVITE sip:support@127.0.0.1 SIP/2.0\r\nContent-Length: 400\r\n")
    silent = []
    for number in range(SILENT):
        at = daemon.sip if number % 4 == 3 else daemon.web
        silent.append(socket.create_connection(("127.0.0.1", at), 5))
        silent[-1].sendall(beginnings[number % 4])
    life.goes_on()
    another = Visitor(daemon)
    another.open("And I come now")
    another.entry("joined")
    for link in silent:
        link.close()


def pain_4_tables_that_cannot_be_written_hold_up_nobody(daemon):
    life = Life(daemon, {"anna": Agent(daemon, "anna")})
    with lock(daemon.folder / "data" / "tandem.db"):
        life.goes_on()
    expect(daemon.record(life.chat)["timeline"][-1]["mid"] == "a1", "the record does not have what was said meanwhile")


def pain_4_a_journal_that_waits_acknowledges_nothing_and_calls_are_heard(daemon):
    life = Life(daemon, {"anna": Agent(daemon, "anna")})
    with lock(daemon.folder / "data" / "journal.db"):
        mid, mark = life.says(), life.visitor.mark()
        life.is_heard()
        expect(daemon.status("/healthz") == 200, "the loop waits for the disk")
        told = life.visitor.frames[mark:]
        expect(not any((frame.get("ok") or frame.get("entry") or {}).get("mid") == mid for frame in told), f"it was acknowledged: {told}")
    life.reaches(mid, seconds=15)
    life.goes_on()


def pain_8_a_phone_that_dies_without_a_word_ends_its_call_with_a_reason(daemon):
    daemon.stop()
    daemon.env["TANDEM_RTP__SILENCE"] = "2s"
    daemon.start()
    agent = Agent(daemon, "anna")
    Phone(daemon.folder, "anna", daemon.address, ANNA)
    customer = Phone(daemon.folder, "4930900703", daemon.address, ONE, register=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    customer.hears(ANNA)
    live = lambda: daemon.metric("tandem_legs_live")
    expect(live() == 2, f"{live()} legs, not 2")

    customer.process.signal(signal.SIGKILL)
    agent.change("released", seconds=20, interaction=interaction)
    until(lambda: live() == 0, 20, lambda: f"{live()} legs are left")
    legs = daemon.record(interaction)["legs"]
    expect(all(leg["ended_at"] for leg in legs) and any(leg.get("reason") == "nothing was heard any more" for leg in legs), f"the record says {legs}")


CHECKS = [
    pain_4_a_phone_and_a_reader_that_stand_still_hold_up_nobody_else,
    pain_4_connections_that_say_nothing_hold_up_nobody_else,
    pain_4_tables_that_cannot_be_written_hold_up_nobody,
    pain_4_a_journal_that_waits_acknowledges_nothing_and_calls_are_heard,
    pain_8_a_phone_that_dies_without_a_word_ends_its_call_with_a_reason,
]
