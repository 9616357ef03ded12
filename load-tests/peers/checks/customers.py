"""What is known of customers: one record by whatever they are known by, no card numbers, no longer than it may be kept, and what
other systems say of them, which nobody waits for."""
import csv, http.server, io, json, re, sqlite3, threading, time

from checks.choices import SECRET, board, introduced, known, over
from checks.routing import again, cli, held
from lib.baresip import Phone
from lib.daemon import ROOT
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.sip import Client

NUMBER = "+4930900840"
CARD = "4111 1111 1111 1111"


def program(daemon):
    scopes = ("read:customers", "write:customers", "read:records", "write:interactions", "write:callbacks", "admin:privacy")
    return cli(daemon, "token", "api", "crm", *[word for scope in scopes for word in ("--scope", scope)]).split()[-1]


def find(daemon, key, clue):
    status, found = daemon.api(f"/api/v1/customers?{clue}", token=key)
    expect(status == 200, f"the search was answered {status} {found}")
    return found["customers"]


def one_record_by_whatever_a_customer_is_known_by(daemon):
    again(daemon, TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET)
    key, anna = program(daemon), Agent(daemon, "anna")
    visitor = known(daemon, "ida-1", name="Ida Lovelace", email="ida@x.example", phone_number=NUMBER)
    chat = visitor.open("Hello")
    over(anna, chat)
    anna.stop()
    customer = daemon.record(chat)["customer"]["customer"]
    status, said = daemon.api(f"/api/v1/customers/{customer}/external/crm", "PUT", {"id": "4711"}, key)
    expect(status < 300, f"the id was answered {status} {said}")
    caller = Client(daemon.address, NUMBER)
    call = caller.call("support").get("session-id")[:32]
    caller.bye()
    second = visitor.open("Me again", mid="second")
    for clue in ("subject=ida-1", "mail=ida%40x.example", "number=%2B4930900840", "external=crm%3A4711"):
        people = find(daemon, key, clue)
        expect([it["customer"] for it in people] == [customer], f"by {clue} there is {people}")
        lines = [(it["interaction"], it["channel"]) for it in people[0]["interactions"]]
        expect(lines == [(second, "chat"), (call, "voice"), (chat, "chat")], f"by {clue} there is {lines}")
    # What is typed finds nobody, and an identity that cannot be right is refused.
    mallory = known(daemon, "mallory").open("Hello", mail="ida@x.example")
    expect(daemon.record(mallory)["customer"]["customer"] != customer, "who typed her address is taken for her")
    expect([it["customer"] for it in find(daemon, key, "mail=ida%40x.example")] == [customer], "her address leads to who typed it")
    for wrong in ({"phone_number": "call me"}, {"email": "ida"}, {"name": "x" * 101}):
        status, told = introduced(daemon, "ida-1", **wrong)
        expect(status == 422 and next(iter(wrong)) in told["detail"], f"{wrong} was answered {status} {told}")


def websites_that_number_their_customers_apart_share_none(daemon):
    secret = SECRET[::-1]
    again(daemon, TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET, TANDEM_ZONE__BANK__QUEUE="support",
          TANDEM_ZONE__BANK__IDENTITY_SECRET=secret, TANDEM_ZONE__BANK__IDENTITY_ISSUER="bank")
    key, records = program(daemon), []
    for zone, signed_by in (("shop", SECRET), ("bank", secret)):
        status, made = introduced(daemon, "42", zone, signed_by)
        expect(status == 201, f"42 of the {zone} was answered {status} {made}")
        chat = Visitor(daemon, "--token", made["token"], zone=zone).open("Hello")
        records.append(daemon.record(chat)["customer"]["customer"])
    expect(len(set(records)) == 2, "customer 42 of the bank is customer 42 of the shop")
    for subject, record in (("42", records[0]), ("bank%3A42", records[1])):
        people = find(daemon, key, f"subject={subject}")
        expect([it["customer"] for it in people] == [record], f"by {subject} there is {people}")
    status, told = introduced(daemon, "bank:42")
    expect(status == 422 and "identity_issuer" in told["detail"], f"the shop signs the bank's customers: {status} {told}")


def who_pays_by_keys(daemon):
    """A caller whose Subject has a card number keys it into a menu that keeps it; returns the interaction."""
    caller = Client(daemon.address, user="+4930900860")
    answer = caller.call("pay", headers=(f"Subject: my card is {CARD}",))
    expect(answer.code == 200, f"the call was answered {answer.code} {answer.body}")
    interaction = answer.get("session-id").split(";")[0]
    for key in CARD.replace(" ", "") + "#":
        pressed = caller.key(key)
        expect(pressed.code == 200, f"the key was answered {pressed.code}")
    kept = lambda: daemon.record(interaction)["external_ids"]
    until(lambda: "account" in kept(), 10, lambda: f"the record keeps {kept()}")
    expect(kept() == {"Subject": "my card is [card ending 1111]", "account": "[card ending 1111]"}, f"the record keeps {kept()}")
    caller.bye()
    return interaction


def card_numbers_are_kept_nowhere(daemon):
    again(daemon, TANDEM_MENU__PAY='{ queue = "support", say = ["welcome"], digits = "12-19", keep = "account", then = "queue:support" }')
    key, agent, visitor = program(daemon), Agent(daemon, "anna", wrap_up=False), Visitor(daemon)
    interaction = visitor.open(f"My card is {CARD}, is it?")
    agent.contact()
    visitor.ask("message", mid="m2", text="or 4111-1111-1111-1111")
    agent.ask("message", interaction=interaction, mid="a1", text="4111111111111111 it is")
    visitor.entry("message", mid="a1")
    agent.ask("note", interaction=interaction, text=f"Card {CARD}")
    agent.ask("end", interaction=interaction)
    agent.ask("wrap_up", interaction=interaction, disposition=None, note=f"Paid by {CARD}", solved=None)
    agent.change("released", interaction=interaction)
    customer = daemon.record(interaction)["customer"]["customer"]
    daemon.api(f"/api/v1/customers/{customer}/notes", "POST", {"text": f"Pays by {CARD}"}, key)
    status, said = daemon.api(f"/api/v1/customers/{customer}/external/card", "PUT", {"id": CARD}, key)
    expect(status == 422, f"a card as an id was answered {status} {said}")
    call = who_pays_by_keys(daemon)
    paths = [f"/api/v1/interactions/{interaction}", f"/api/v1/interactions/{interaction}/vcon?form=unsigned",
             f"/api/v1/customers/{customer}/export", f"/api/v1/interactions/{call}"]
    texts = [json.dumps(daemon.api(path, token=key)[1]) for path in paths]
    expect(all("[card ending 1111]" in text for text in texts), "an answer does not say where a card was")
    seen = "".join(json.dumps(frame) for person in (agent, visitor) for frame in person.frames)
    daemon.stop()
    kept = b"".join(file.read_bytes() for file in (daemon.folder / "data").rglob("*") if file.is_file())
    log = daemon.folder.joinpath("tandem.log").read_text(errors="replace")
    for where, text in (("answers", "".join(texts)), ("frames", seen), ("files", kept.decode(errors="replace")), ("log", log)):
        found = re.search(r"4111[ -]?1111[ -]?1111[ -]?1111", text)
        expect(not found, f"the {where} have {found and text[max(0, found.start() - 80):found.end()]}")
    daemon.start()


def the_tables_are_as_their_page_says(daemon):
    documented, table = {}, None
    for line in (ROOT / "gateway/src/store/TABLES.md").read_text().splitlines():
        if found := re.match(r"### `(\w+)`", line):
            table = documented.setdefault(found[1], set())
        elif line.startswith("#"):
            table = None
        elif table is not None and (found := re.match(r"\| `(\w+)`", line)):
            table.add(found[1])
    over_one = Visitor(daemon).open("Hello")
    store = sqlite3.connect(f"file:{daemon.folder}/data/tandem.db?mode=ro", uri=True)
    for name, columns in documented.items():
        there = {row[1] for row in store.execute(f"PRAGMA table_info({name})")}
        expect(there == columns, f"{name} has {there}, its page {columns}")
        store.execute(f"SELECT * FROM {name} LIMIT 1").fetchall()
    row = until(lambda: store.execute("SELECT queue FROM interactions WHERE interaction = ?", (over_one,)).fetchall(), 5, "the tables do not follow")
    expect(row == [("support",)], f"the row is {row}")
    store.close()


def a_backup_that_is_put_back_has_what_it_had_and_nothing_later(daemon):
    """As systemd/README.md says it, after a crash: what is left beside the databases belongs to none of the copies."""
    key, agent, visitor = program(daemon), Agent(daemon, "anna"), Visitor(daemon)
    kept, copy, data = visitor.open("Before the backup"), daemon.folder / "copy", daemon.folder / "data"
    over(agent, kept)
    until(lambda: daemon.record(kept)["sealed_at"], 10, "the record is not sealed")
    cli(daemon, "backup", str(copy))
    expect(not list(copy.glob("*-wal")) and (copy / "token.key").read_bytes() == (data / "token.key").read_bytes(), f"there is {list(copy.iterdir())}")
    other = Visitor(daemon)
    later = other.open("After the backup")
    for count in range(40):
        other.ask("message", mid=f"k{count}", text="y" * 1500, interaction=later)
    over(agent, later)
    for person in (agent, visitor, other):
        person.stop()
    daemon.kill()
    expect((data / "journal.db-wal").stat().st_size > 0, "the crash left nothing beside the journal")
    cli(daemon, "restore", str(copy))
    daemon.start()
    there = lambda interaction: daemon.api(f"/api/v1/interactions/{interaction}", token=key)
    expect(there(kept)[0] == 200 and "Before the backup" in json.dumps(there(kept)[1]), f"the record is {there(kept)}")
    expect(there(later)[0] == 404, "what came later is there")
    listed = daemon.api("/api/v1/interactions", token=key)[1]["interactions"]
    expect([line["interaction"] for line in listed] == [kept], f"the list is {listed}")
    Agent(daemon, "anna").stop()


class Crm(http.server.BaseHTTPRequestHandler):
    """Answers as `how` says: `well`, `slow` or `broken`."""

    how, asked = "well", []

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append(question["number"])
        if self.how == "slow":
            time.sleep(5)
        found = json.dumps({"name": "Ida Lovelace", "value": 7, "agent": "anna", "external": {"crm": "4711"}}).encode()
        self.send_response(500 if self.how == "broken" else 200)
        self.send_header("content-length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *_):
        """Says nothing of its own."""


def a_crm_is_asked_once_and_delays_nobody(daemon):
    address = port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", address), Crm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    again(daemon, TANDEM_LOOKUP__URL=f"http://127.0.0.1:{address}/", TANDEM_LOOKUP__PRIVATE="true", TANDEM_LOOKUP__DEADLINE="3s",
          TANDEM_PRIORITY__VALUE="60s", TANDEM_WORK__ANSWER_AFTER="0s")

    def asks(number, result, count=1):
        """Calls, and stays until the question who that is has so often come to this; returns the interaction."""
        began, caller = time.monotonic(), Client(daemon.address, number)
        answer = caller.call("support")
        took = time.monotonic() - began
        expect(answer.code == 200 and took < 3, f"the call was answered {answer.code} after {took} s")
        until(lambda: daemon.metric("tandem_lookups_total", result=result) >= count, 8, lambda: f"no question came to {result}")
        return caller, answer.get("session-id")[:32]

    caller, first = asks("+4930900841", "found")
    until(lambda: daemon.record(first)["customer"]["name"] == "Ida Lovelace", 5, "what the CRM said is not in the record")
    caller.bye()
    asks("+4930900841", "cached")[0].bye()
    expect(Crm.asked == ["+4930900841"], f"the CRM was asked for {Crm.asked}")
    Crm.how = "slow"
    asks("+4930900842", "late")[0].bye()
    Crm.how = "broken"
    for failures in range(1, 5):
        asks(f"+493090085{failures}", "failed", failures)[0].bye()
    # After five failures in a row it is left alone.
    asks("+4930900859", "shut")[0].bye()
    expect(len(Crm.asked) == 6, f"the CRM was asked for {Crm.asked}")
    server.shutdown()


class Holding(Crm):
    """Keeps every answer back until it is `let` go; `how` and who was `asked` are its own."""

    how, asked, let = "well", [], threading.Event()

    def do_POST(self):
        Holding.let.wait(60)
        super().do_POST()


def a_call_and_a_chat_are_served_while_the_crm_keeps_its_answer_back(daemon):
    address = port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", address), Holding)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    again(daemon, TANDEM_LOOKUP__URL=f"http://127.0.0.1:{address}/", TANDEM_LOOKUP__PRIVATE="true", TANDEM_LOOKUP__DEADLINE="50s",
          TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET, TANDEM_WORK__ANSWER_AFTER="0s")
    chat, call = served_by_chat_and_call(daemon)
    # More than are asked at a time: the rest waits for its turn, and is answered all the same.
    callers = [Client(daemon.address, f"+49309008{number}") for number in range(60, 80)]
    codes = [caller.call("support").code for caller in callers]
    expect(codes == [200] * 20, f"callers were answered {codes}")
    came = lambda result: daemon.metric("tandem_lookups_total", result=result)
    expect(came("busy") == came("found") == came("late") == came("failed") == 0, "the CRM had its say, so nobody was served without it")
    for interaction in (chat, call):
        expect(daemon.record(interaction)["customer"]["name"] is None, "there is a name that nobody told yet")
    Holding.let.set()
    until(lambda: came("found") == 22, 10, lambda: f"{came('found')} answers came")
    for interaction in (chat, call):
        until(lambda: daemon.record(interaction)["customer"]["name"] == "Ida Lovelace", 5, "what came late is not in the record")
    server.shutdown()


def served_by_chat_and_call(daemon):
    """Somebody who is known writes, somebody calls, anna serves both; returns both interactions."""
    Phone(daemon.folder, "anna", daemon.address, 440)
    caller = Phone(daemon.folder, "+4930900843", daemon.address, 660, register=False, sip=daemon.far)
    anna, visitor = Agent(daemon, "anna"), known(daemon, "otto-2")
    chat = visitor.open("Hello")
    anna.see("the chat", lambda frame: held(frame) == chat)
    anna.ask("message", interaction=chat, mid="a1", text="Good morning")
    visitor.entry("message", mid="a1")
    mark = anna.mark()
    caller.command("dial", f"sip:support@{daemon.address}")
    call = anna.contact(after=mark)["interaction"]
    anna.call("connected", after=mark)
    caller.hears(440)
    return chat, call


def a_call_and_a_chat_are_served_while_the_crm_is_dead(daemon):
    # Nobody listens there.
    again(daemon, TANDEM_LOOKUP__URL=f"http://127.0.0.1:{port()}/", TANDEM_LOOKUP__PRIVATE="true", TANDEM_LOOKUP__DEADLINE="50s",
          TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET)
    served_by_chat_and_call(daemon)
    until(lambda: daemon.metric("tandem_lookups_total", result="failed") == 2, 5, "two questions did not fail")


def who_comes_again_with_a_matter_was_not_helped_the_first_time(daemon):
    again(daemon, TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET, TANDEM_WORK__REPEAT="4s")
    anna, visitor = Agent(daemon, "anna"), known(daemon, "ida-2")
    first = visitor.open("It is broken")
    over(anna, first)
    content = known(daemon, "otto-1")
    over(anna, content.open("Thank you"))
    second = visitor.open("It is still broken", mid="second")
    over(anna, second)
    until(lambda: daemon.record(second)["repeat_of"] == first, 5, lambda: f"the record is {daemon.record(second)}")
    expect(daemon.metric("tandem_repeats_total", queue="support") == 1, "the repeat was not counted")
    # One of three was not helped, as far as can be told today.
    ratio = lambda: daemon.metric("tandem_first_contact_resolution_ratio", queue="support", state="provisional")
    until(lambda: abs(ratio() - 2 / 3) < 1e-6, 10, lambda: f"the share of those helped at first is {ratio()}")
    queue = next(it for it in board(daemon)[1]["queues"] if it["queue"] == "support")
    expect(queue["provisional"] and queue["provisional"]["of"] == 3 and queue["provisional"]["count"] == 2, f"the board has {queue}")
    # Longer than within which it would be the same matter.
    time.sleep(4.5)
    third = visitor.open("It is broken again, after a while", mid="third")
    over(anna, third)
    expect(daemon.record(third)["repeat_of"] is None, "who came after the window came again with the same matter")


def a_record_has_all_of_a_matter_in_order(daemon):
    # The record is complete once a rating can be changed no more.
    again(daemon, TANDEM_QUEUE__SUPPORT__RATE_CHATS="true", TANDEM_WORK__RATING_CHAT="5s")
    Phone(daemon.folder, "anna", daemon.address, 440)
    far = Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far)
    agent, visitor = Agent(daemon, "anna", wrap_up=False), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("note", interaction=interaction, text="Waits for a refund")
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    agent.call("connected", seconds=20)
    far.hears(440)
    agent.ask("hang_up", interaction=interaction)
    agent.call("ended")
    agent.ask("end", interaction=interaction)
    visitor.entry("rating_asked")
    visitor.ask("rate", interaction=interaction, score=5, comment="Quick")
    visitor.entry("rated")
    agent.ask("wrap_up", interaction=interaction, disposition="refunded", note="Was owed ten", solved=True)
    record = until(lambda: (it := daemon.record(interaction))["sealed_at"] and it, 20, "the record is not sealed")

    legs = [(it["kind"], it["cause"], it["party"]) for it in record["legs"]]
    expect([cause for _, cause, _ in legs[1:]] and {party for _, _, party in legs} >= {"anna", NUMBER}, f"the legs are {legs}")
    unended = [it for it in record["legs"] if not it["ended_at"] or not (it["reason"] or it["end_kind"])]
    expect(not unended, f"these legs have no end or no reason: {unended}")
    stays = [(it["agent"], it["disposition"], it["note"], it["ended_at"] is not None) for it in record["assignments"]]
    expect(stays == [("anna", "refunded", "Was owed ten", True)], f"the stays are {stays}")
    expect([(it["agent"], it["end"]) for it in record["offers"]] == [("anna", "taken")], f"the offers are {record['offers']}")
    seqs = [it["seq"] for it in record["timeline"]]
    expect(seqs == list(range(1, len(seqs) + 1)), f"the timeline has {seqs}")
    what = [it["what"] for it in record["timeline"]]
    order = [word for word in ("message", "joined", "call", "ended", "rating_asked", "rated") if word in what]
    expect([what.index(word) for word in order] == sorted(what.index(word) for word in order) and len(order) == 6, f"the timeline has {what}")
    for part in ("timeline", "happenings"):
        times = [it["at"] for it in record[part]]
        expect(times == sorted(times), f"the times of {part} are {times}")
    rows = list(csv.DictReader(io.StringIO(cli(daemon, "interaction", "export", interaction, "--format", "csv"), newline="")))
    times = [row["at"] for row in rows]
    expect(len(rows) > 10 and times == sorted(times), f"the CSV has {times}")


CHECKS = [
    one_record_by_whatever_a_customer_is_known_by,
    websites_that_number_their_customers_apart_share_none,
    card_numbers_are_kept_nowhere,
    the_tables_are_as_their_page_says,
    a_backup_that_is_put_back_has_what_it_had_and_nothing_later,
    a_crm_is_asked_once_and_delays_nobody,
    a_call_and_a_chat_are_served_while_the_crm_keeps_its_answer_back,
    a_call_and_a_chat_are_served_while_the_crm_is_dead,
    who_comes_again_with_a_matter_was_not_helped_the_first_time,
    a_record_has_all_of_a_matter_in_order,
]
