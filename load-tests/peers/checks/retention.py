"""What is kept no longer than it may be: rule by rule, of chats, calls and both in one, and of customers."""
import json, sqlite3, time, urllib.error

from checks.routing import again, held
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until

from .customers import NUMBER, program
from .recordings import begin, fetch, kept

# What each key of `[retention]` takes, in the order in which the check lets it: where it is seen, and the words.
KEPT = {
    "CHAT_MESSAGES": ("chat", "A word long ago"),
    "CHAT_NOTES": ("chat", "Noted of the chat"),
    "CHAT_PERSONS": ("chat", "Ida Forgotten"),
    "CALL_NOTES": ("call", "Noted of the call"),
    "CALL_RECORDINGS": ("file", "it can be played"),
    "CALL_PERSONS": ("call", "+4930900871"),
    "CUSTOMER_NOTES": ("customer", "Noted of the customer"),
    "CUSTOMERS": ("customer", "Ida Forgotten"),
}


def a_chat_and_a_call(daemon, key):
    """Has anna serve a visitor by chat and somebody else by a recorded call, and note something of each; returns both interactions."""
    anna, agent, visitor = Phone(daemon.folder, "anna", daemon.address, 440), Agent(daemon, "anna", wrap_up=False), Visitor(daemon)
    chat = visitor.open("A word long ago", name="Ida Forgotten")
    agent.see("the chat on the desk", lambda frame: held(frame) == chat)
    agent.ask("end", interaction=chat)
    agent.ask("wrap_up", interaction=chat, disposition="sold", note="Noted of the chat", solved=None)
    agent.change("released", interaction=chat)
    customer = daemon.record(chat)["customer"]["customer"]
    status, said = daemon.api(f"/api/v1/customers/{customer}/notes", "POST", {"text": "Noted of the customer"}, key)
    expect(status < 300, f"the note was answered {status} {said}")
    caller = Phone(daemon.folder, "+4930900871", daemon.address, 660, register=False)
    caller.command("dial", f"sip:support@{daemon.address}")
    call = agent.see("the call on the desk", lambda frame: held(frame) not in (None, chat))["change"]["contact"]["interaction"]
    agent.call("connected")
    anna.hears(660)
    time.sleep(1)
    caller.command("hangup")
    kept(daemon, call)
    agent.ask("wrap_up", interaction=call, disposition="sold", note="Noted of the call", solved=None)
    for interaction in (chat, call):
        until(lambda: daemon.record(interaction)["sealed_at"], 10, "a record is not sealed")
    for person in (agent, visitor, anna, caller):
        person.stop()
    return chat, call


def outstanding(daemon):
    """Returns what the store has yet to scrub in its journal."""
    with sqlite3.connect(daemon.folder / "data/tandem.db") as store:
        return store.execute("SELECT kind, id FROM scrubs").fetchall()


def time_passes(daemon, days):
    """Moves all that the store of a stopped daemon knows of times back."""
    span = days * 86_400_000
    with sqlite3.connect(daemon.folder / "data/tandem.db") as store:
        store.execute("ATTACH DATABASE ? AS journal_file", (f"{daemon.folder}/data/journal.db",))
        tables = [name for name, in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        store.execute("UPDATE journal SET at = at - ?, fact = json_set(fact, '$.at', json_extract(fact, '$.at') - ?)", (span, span))
        for table in tables:
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            for column in columns:
                if column == "at" or column.endswith("_at"):
                    store.execute(f"UPDATE {table} SET {column} = {column} - ? WHERE {column} > ?", (span, span))


def seen(daemon, key, chat, call):
    """Returns what programs and supervisors see, by where; and what statistics are made of."""
    records = {name: daemon.api(f"/api/v1/interactions/{which}", token=key)[1] for name, which in (("chat", chat), ("call", call))}
    customer = records["chat"]["customer"]["customer"]
    try:
        playable = len(fetch(daemon, call)[2]) > 10_000
    except urllib.error.HTTPError as refused:
        expect(refused.code in (404, 410), f"the recording was answered {refused.code}")
        playable = False
    texts = {name: json.dumps(record) for name, record in records.items()}
    texts["file"] = "it can be played" if playable else ""
    texts["customer"] = json.dumps(daemon.api(f"/api/v1/customers/{customer}", token=key)[1])
    stays = []
    for record in records.values():
        stay, leg = record["assignments"][0], record["legs"][0]
        # How agents say it turned out is one of their notes.
        expect(record["outcome"] in ("sold", "served"), f"the outcome is {record['outcome']}")
        stays.append((record["opened_at"], record["sealed_at"], record["queue"], stay["agent"], stay["started_at"],
                      stay["ended_at"], leg["started_at"], leg["ended_at"], [(it["queue"], it["left_at"]) for it in record["waits"]]))
    return texts, stays


def what_is_older_than_it_may_be_kept_is_gone_and_statistics_stay(daemon):
    begin(daemon)
    key = program(daemon)
    chat, call = a_chat_and_a_call(daemon, key)
    daemon.stop()
    time_passes(daemon, 3)
    again(daemon, **{f"TANDEM_RETENTION__{name}": "4" for name in KEPT})
    texts, stays = seen(daemon, key, chat, call)
    for name, (where, words) in KEPT.items():
        expect(words in texts[where], f"of {name} nothing is there in time: {texts[where]}")
    left = list(KEPT.items())
    while left:
        (name, (where, words)), *left = left
        again(daemon, **{f"TANDEM_RETENTION__{name}": "2"})
        until(lambda: words not in seen(daemon, key, chat, call)[0][where], 10, lambda: f"of {name} there is still {seen(daemon, key, chat, call)[0][where]}")
        texts, still = seen(daemon, key, chat, call)
        for other, (place, more) in left:
            expect(more in texts[place], f"{name} took what {other} keeps: {texts[place]}")
        expect(still == stays, f"after {name} the records say {still}, before {stays}")
    until(lambda: not outstanding(daemon), 20, lambda: f"of the store is still to be scrubbed {outstanding(daemon)}")
    daemon.stop()
    expect(not list(daemon.folder.rglob("recordings/*/*")), "a file of a recording is there")
    files = b"".join(file.read_bytes() for file in (daemon.folder / "data").rglob("*") if file.is_file())
    for where, words in KEPT.values():
        expect(where == "file" or words.encode() not in files, f"a file of the store still has {words}")
    daemon.start()


def a_chat_that_became_a_call_keeps_its_recording_as_calls_do_and_its_words_as_chats_do(daemon):
    begin(daemon)
    far = Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far)
    anna, agent, visitor = Phone(daemon.folder, "anna", daemon.address, 440), Agent(daemon, "anna", wrap_up=False), Visitor(daemon)
    chat = visitor.open("A word before the call")
    agent.see("the chat on the desk", lambda frame: held(frame) == chat)
    agent.ask("escalate", interaction=chat, number=NUMBER)
    agent.call("connected", seconds=20)
    far.hears(440)
    time.sleep(1)
    agent.ask("hang_up", interaction=chat)
    kept(daemon, chat)
    agent.ask("end", interaction=chat)
    agent.ask("wrap_up", interaction=chat, disposition="sold", note=None, solved=None)
    until(lambda: daemon.record(chat)["sealed_at"], 10, "the record is not sealed")
    for person in (agent, visitor, anna, far):
        person.stop()
    daemon.stop()
    time_passes(daemon, 3)

    def left():
        try:
            playable = len(fetch(daemon, chat)[2]) > 10_000
        except urllib.error.HTTPError as refused:
            expect(refused.code in (404, 410), f"the recording was answered {refused.code}")
            playable = False
        return "A word before the call" in json.dumps(daemon.record(chat)), playable
    again(daemon, TANDEM_RETENTION__CALL_RECORDINGS="4", TANDEM_RETENTION__CHAT_MESSAGES="4")
    expect(left() == (True, True), f"in time there are words and file: {left()}")
    again(daemon, TANDEM_RETENTION__CHAT_MESSAGES="2")
    until(lambda: not left()[0], 10, "the words are still there")
    expect(left()[1], "the rule of chats took the recording of the call")
    again(daemon, TANDEM_RETENTION__CALL_RECORDINGS="2")
    until(lambda: not left()[1], 10, "the recording is still there")


def all_who_were_not_heard_of_for_long_are_forgotten_in_one_go(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    key, tomorrow = program(daemon), int(time.time() * 1000) + 86_400_000
    for n in range(130):
        status, made = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": f"+49309{n:06}", "at": tomorrow}, key)
        expect(status == 201, f"a promise was answered {status} {made}")
        status, said = daemon.api(f"/api/v1/callbacks/{made['callback']}", "DELETE", token=key)
        expect(status < 300, f"taking it back was answered {status} {said}")
    until(lambda: daemon.record(made["interaction"])["sealed_at"], 10, "a record is not sealed")
    daemon.stop()
    time_passes(daemon, 3)
    again(daemon, TANDEM_RETENTION__CUSTOMERS="2")

    def known():
        with sqlite3.connect(f"file:{daemon.folder}/data/tandem.db?mode=ro", uri=True) as store:
            return store.execute("SELECT count(*) FROM customers WHERE erased_at IS NULL").fetchone()[0]
    until(lambda: known() == 0, 20, lambda: f"{known()} are still known")


CHECKS = [
    what_is_older_than_it_may_be_kept_is_gone_and_statistics_stay,
    a_chat_that_became_a_call_keeps_its_recording_as_calls_do_and_its_words_as_chats_do,
    all_who_were_not_heard_of_for_long_are_forgotten_in_one_go,
]
