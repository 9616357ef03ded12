"""Who may be contacted: what is said in a chat, by a key, by agents, programs and lists, and the one gate before every way out."""
import signal, time

from checks.routing import again, cli
from lib.baresip import Phone
from lib.far import Far
from lib.people import Agent, Visitor
from lib.processes import expect, until
from lib.sip import Client

NUMBER = "+4930900830"


def program(daemon, *scopes):
    words = [word for scope in scopes for word in ("--scope", scope)]
    return cli(daemon, "token", "api", "crm", *words).split()[-1]


def standing(daemon, key, subject=f"number:{NUMBER}", channel="voice"):
    """Returns how somebody may be contacted on a channel, and what was said last."""
    status, found = daemon.api(f"/api/v1/consents/{subject}", token=key)
    expect(status == 200, f"the consent was answered {status} {found}")
    return next(it for it in found["channels"] if it["channel"] == channel)


def a_word_in_a_chat_withdraws_consent_and_another_gives_it_again(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    visitor = Visitor(daemon)
    interaction = visitor.open("Call me back, please")
    expect(visitor.answer("callback", number=NUMBER, at=int(time.time() * 1000) + 600_000) == "promised", "no call was promised")
    key = program(daemon, "read:callbacks", "read:customers", "read:records")
    visitor.ask("message", mid="m2", text=" stop ", interaction=interaction)
    visitor.see("that it was understood", lambda frame: "START" in str((frame.get("entry") or {}).get("text")))
    status, found = daemon.api(f"/api/v1/callbacks/{interaction}.c1", token=key)
    expect(found["state"] == "ended" and found["end"] == "suppressed", f"the promise is {status} {found}")
    expect(visitor.answer("callback", number=NUMBER, at=None) == "suppressed", "a call was promised after STOP")
    customer = daemon.record(interaction)["customer"]["customer"]
    said = standing(daemon, key, f"customer:{customer}")
    expect(not said["allowed"], f"it stands as {said}")
    daemon.kill()
    daemon.start()
    said = standing(daemon, key, f"customer:{customer}")
    expect(not said["allowed"], f"after a crash it stands as {said}")
    visitor = next(frame["token"] for frame in visitor.frames if "token" in frame)
    visitor = Visitor(daemon, "--token", visitor)
    visitor.ask("message", mid="m3", text="START", interaction=interaction)
    visitor.see("that it was understood", lambda frame: "STOP" in str((frame.get("entry") or {}).get("text")))
    expect(visitor.answer("callback", number=NUMBER, at=int(time.time() * 1000) + 600_000) == "promised", "no call was promised after START")
    status, told = daemon.api(f"/api/v1/consents/customer:{customer}/history", token=key)
    changes = [(it["channel"], it["change"]) for it in told["history"] if it["channel"] == "voice"]
    expect(changes == [("voice", "given"), ("voice", "withdrawn")], f"the history is {told}")


def a_strangers_word_counts_for_no_number_that_they_only_typed(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    key = program(daemon, "write:callbacks", "read:callbacks", "read:customers", "write:customers")
    tomorrow = int(time.time() * 1000) + 86_400_000
    promise = lambda: daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": NUMBER, "at": tomorrow}, key)
    status, hers = promise()
    expect(status == 201, f"the promise was answered {status} {hers}")
    stranger, other = Visitor(daemon), Visitor(daemon)
    interaction = stranger.open("I give a number that is not mine")
    expect(stranger.answer("callback", number=NUMBER, at=tomorrow) == "promised", "no call was promised")
    stranger.ask("message", mid="m2", text="STOP", interaction=interaction)
    stranger.see("that it was understood", lambda frame: "START" in str((frame.get("entry") or {}).get("text")))
    expect(stranger.answer("callback", number=NUMBER, at=tomorrow) == "suppressed", "who said STOP is promised a call")
    expect(standing(daemon, key)["allowed"], f"a stranger withdrew consent: {standing(daemon, key)}")
    status, found = daemon.api(f"/api/v1/callbacks/{hers['callback']}", token=key)
    expect(found["state"] == "promised", f"her promise is {status} {found}")

    body = {"channel": "voice", "change": "withdrawn", "reason": "wrote a letter"}
    status, said = daemon.api(f"/api/v1/consents/number:{NUMBER}", "PUT", body, key)
    expect(status < 300, f"withdrawing was answered {status} {said}")
    interaction = other.open("I give a number that is not mine either")
    other.ask("message", mid="m2", text="START", interaction=interaction)
    other.see("that it was understood", lambda frame: "STOP" in str((frame.get("entry") or {}).get("text")))
    expect(other.answer("callback", number=NUMBER, at=tomorrow) == "suppressed", "a stranger gave consent")
    expect(promise()[0] == 409 and not standing(daemon, key)["allowed"], f"a stranger gave consent: {standing(daemon, key)}")


def who_wants_no_calls_is_called_at_no_number_of_theirs_after_an_erasure(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    key = program(daemon, "write:callbacks", "read:customers", "write:customers", "read:records", "admin:privacy")
    numbers, records = (NUMBER, "+4930900832"), []
    for number in numbers:
        caller = Client(daemon.address, number)
        call = caller.call("support").get("session-id")[:32]
        caller.bye()
        records.append(daemon.record(call)["customer"]["customer"])
    hers, other = records
    def change(method, path, body):
        status, said = daemon.api(f"/api/v1/{path}", method, body, key)
        expect(status < 300, f"{path} was answered {status} {said}")
    change("POST", f"customers/{hers}/merge", {"customer": other, "reason": "one person"})
    change("PUT", f"consents/customer:{hers}", {"channel": "voice", "change": "withdrawn", "reason": "wrote a letter"})
    change("POST", f"customers/{hers}/erase", {"reason": "wrote another"})
    for number in numbers:
        status, said = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": number}, key)
        expect(status == 409 and said["type"] == "suppressed", f"a call to {number} was answered {status} {said}")
    status, said = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": "+4930900833"}, key)
    expect(status == 201, f"a call to somebody else was answered {status} {said}")


def who_presses_nine_is_called_no_more(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="", TANDEM_CALLBACK__STOP_KEY="true")
    key = program(daemon, "write:callbacks", "read:callbacks", "read:customers")
    Phone(daemon.folder, "anna", daemon.address, 440)
    far, agent = Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far), Agent(daemon, "anna")
    body = {"queue": "support", "number": NUMBER}
    status, made = daemon.api("/api/v1/callbacks", "POST", body, key)
    expect(status == 201, f"the promise was answered {status} {made}")
    agent.call("connected", seconds=20)
    far.hears(440)
    far.command("sndcode", "9")
    until(lambda: not standing(daemon, key)["allowed"], 10, lambda: f"the key did nothing: {standing(daemon, key)}")
    agent.ask("hang_up", interaction=made["interaction"])
    status, refused = daemon.api("/api/v1/callbacks", "POST", body, key)
    expect(status == 409 and refused["type"] == "suppressed", f"another promise was answered {status} {refused}")


def what_an_agent_notes_of_a_customer_holds_at_once(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    visitor, agent = Visitor(daemon), Agent(daemon, "anna")
    interaction = visitor.open("Never call me")
    agent.contact()
    expect(agent.answer("consent", interaction=interaction, channel="voice", given=False, reason="said so") == "ok", "it was refused")
    expect(visitor.answer("callback", number=NUMBER, at=None) == "suppressed", "a call was promised")
    expect(agent.answer("callback", interaction=interaction, number=NUMBER, at=None) == "suppressed", "the agent could promise a call")
    expect(agent.answer("consent", interaction=interaction, channel="voice", given=True, reason="changed her mind") == "ok", "it was refused")
    expect(visitor.answer("callback", number=NUMBER, at=None) == "promised", "no call was promised")


def suppress(daemon, key, number=NUMBER):
    body = {"channel": "voice", "change": "suppressed", "reason": "wrote a letter"}
    status, said = daemon.api(f"/api/v1/consents/number:{number}", "PUT", body, key)
    expect(status < 300, f"suppressing was answered {status} {said}")


def every_way_out_is_closed_to_who_is_suppressed(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="", TANDEM_TRANSFER__NUMBERS='["+4930*"]')
    key = program(daemon, "write:customers", "read:customers", "write:callbacks", "write:interactions", "act:agent")
    suppress(daemon, key)
    Phone(daemon.folder, "anna", daemon.address, 440)
    caller = Phone(daemon.folder, "+4930900831", daemon.address, 660, register=False, sip=daemon.far)
    visitor, agent = Visitor(daemon), Agent(daemon, "anna")
    chat = visitor.open("Hello")
    agent.contact()
    mark = agent.mark()
    caller.command("dial", f"sip:support@{daemon.address}")
    call = agent.contact(after=mark)["interaction"]
    agent.call("connected")
    ways = {
        "the visitor's call": visitor.answer("call", number=NUMBER),
        "the visitor's promise": visitor.answer("callback", number=NUMBER, at=None),
        "the agent's promise": agent.answer("callback", interaction=chat, number=NUMBER, at=None),
        "a transfer": agent.answer("transfer", interaction=call, to={"number": NUMBER}, note=None),
        "a question": agent.answer("consult", interaction=call, to={"number": NUMBER}),
        "a program's promise": daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": NUMBER}, key)[1].get("type"),
        "a program's promise in a matter": daemon.api(f"/api/v1/interactions/{chat}/callbacks", "POST", {"number": NUMBER}, key)[1].get("type"),
        "a program's call": daemon.api(f"/api/v1/interactions/{chat}/escalate", "POST", {"number": NUMBER}, key)[1].get("type"),
    }
    open_ways = {way: what for way, what in ways.items() if what != "suppressed"}
    expect(not open_ways, f"these were not refused as suppressed: {open_ways}")
    agent.answer("hang_up", interaction=call)
    agent.change("released", interaction=call)
    expect(agent.answer("escalate", interaction=chat, number=NUMBER) == "suppressed", "the agent's call was let out")


def neither_a_pbx_nor_a_phone_refers_a_call_to_who_is_suppressed(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="", TANDEM_TRANSFER__NUMBERS='["+4930*"]')
    suppress(daemon, program(daemon, "write:customers", "read:customers"))
    far, anna = Far(daemon), Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number="+4930900831")
    invite = far.comes("INVITE", 40)
    far.reply(invite, 200, "OK", far.sdp())
    far.comes("ACK")
    agent.call("connected")

    far.send("REFER", invite, headers=[f"Refer-To: <sip:{NUMBER}@127.0.0.1>"])
    answer = far.answer("REFER")
    expect(answer.code == 403, f"the PBX's REFER was answered {answer.code}")
    expect(far.formats() == {0}, "the call did not go on as it was")
    anna.command("transfer", f"sip:{NUMBER}@{daemon.address}")
    until(lambda: "transfer failed: 403" in anna.process.text(), 10, lambda: f"the phone was told {anna.process.text()[-400:]}")
    # baresip gives up the call it could not transfer. Nobody was dialled before that, and no subscription began.
    far.reply(far.comes_next("BYE"), 200, "OK")
    refused = lambda: [it["details"] for it in daemon.record(interaction)["happenings"] if it["event"] == "contact_refused"]
    expect(refused() == [{"channel": "voice", "way": "transfer", "closed": "suppressed"}] * 2, f"the record has {refused()}")
    expect(daemon.metric("tandem_contacts_refused_total", reason="suppressed") == 2, "the refusals were not counted")
    agent.call("ended")
    far.close()


def one_number_in_another_spelling_is_the_same_number(daemon):
    german = {"TANDEM_CALLBACK__CALLING_HOURS": "", "TANDEM_NUMBERS__COUNTRY": "49"}
    again(daemon, **german, TANDEM_TOLL__PREFIXES='{ "+882" = "deny" }')
    key = program(daemon, "read:callbacks", "read:customers", "read:records", "write:customers", "write:callbacks", "write:interactions")
    promise = lambda number, at=None: daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": number, "at": at}, key)
    suppress(daemon, key, "004930900830")
    visitor = Visitor(daemon)
    visitor.open("Please call me")
    for number in (NUMBER, "030 900830", "0049 (0)30 900830"):
        status, said = promise(number)
        expect(status == 409 and said["type"] == "suppressed", f"a program's promise to {number} was answered {status} {said}")
        told = visitor.answer("callback", number=number, at=None)
        expect(told == "suppressed", f"a visitor who wants a call to {number} is told {told}")
    for number in (NUMBER, "030900830", "004930900830"):
        expect(not standing(daemon, key, f"number:{number}")["allowed"], f"{number} may be called")
    status, said = promise("00882 1612345678")
    expect(status == 403, f"a satellite phone was answered {status} {said}")

    status, made = promise("030 900834", int(time.time() * 1000) + 86_400_000)
    expect(status == 201, f"the promise was answered {status} {made}")
    status, listed = daemon.api("/api/v1/callbacks?number=004930900834", token=key)
    expect([it["number"] for it in listed["callbacks"]] == ["+4930900834"], f"there are {listed}")
    caller = Client(daemon.address, "+4930900834")
    call = caller.call("support").get("session-id")[:32]
    expect(call == made["interaction"], f"the call is {call}, it was promised in {made}")
    caller.bye()

    again(daemon, TANDEM_NUMBERS__COUNTRY="")
    status, said = promise("030 900835")
    expect(status == 422 and "+49 30" in said["detail"], f"without a country it was answered {status} {said}")
    status, said = promise("201")
    expect(status == 201, f"an extension was answered {status} {said}")


def a_list_of_numbers_is_read_again_by_a_signal(daemon):
    listed = daemon.folder / "do-not-call.txt"
    listed.write_text(f"# the country's\n{NUMBER}\n30 900-832  # a shop\n")
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="", TANDEM_CONSENT__LISTS=f'[{{ path = "{listed}", prefix = "+49" }}]')
    key = program(daemon, "write:callbacks", "read:customers")
    ask = lambda number: daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": number}, key)
    for number, status in ((NUMBER, 409), ("+4930900832", 409), ("+4930900833", 201)):
        expect(ask(number)[0] == status, f"a call to {number} was answered {ask(number)}")
    listed.write_text("+4930900833\n")
    daemon.process.signal(signal.SIGHUP)
    until(lambda: ask("+4930900833")[0] == 409, 5, "the list was not read again")
    expect(ask(NUMBER)[0] == 201, f"who is on the list no more was answered {ask(NUMBER)}")


def where_consent_is_required_only_those_are_called_who_gave_it(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="", TANDEM_CONSENT__REQUIRED='["voice"]')
    key = program(daemon, "write:callbacks", "write:customers", "read:customers")
    ask = lambda: daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": NUMBER}, key)
    expect(ask()[0] == 409, f"a call without consent was answered {ask()}")
    body = {"channel": "voice", "change": "given", "reason": "a form on paper", "until": int(time.time() * 1000) + 3_000}
    status, said = daemon.api(f"/api/v1/consents/number:{NUMBER}", "PUT", body, key)
    expect(status < 300, f"consent was answered {status} {said}")
    expect(ask()[0] == 201, f"a call with consent was answered {ask()}")
    until(lambda: ask()[0] == 409, 6, "consent did not end when it was to")


def what_was_lifted_for_a_while_forbids_again_after_a_crash_too(daemon):
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS="")
    key = program(daemon, "write:callbacks", "write:customers", "read:customers")
    end = int(time.time() * 1000) + 6_000
    pairs = {"+4930900841": ("suppressed", "unsuppressed"), "+4930900842": ("withdrawn", "given")}
    for number, (forbids, allows) in pairs.items():
        for change, until_ms in ((forbids, None), (allows, end)):
            body = {"channel": "voice", "change": change, "until": until_ms}
            status, said = daemon.api(f"/api/v1/consents/number:{number}", "PUT", body, key)
            expect(status < 300, f"{change} was answered {status} {said}")
        said = standing(daemon, key, f"number:{number}")
        expect(said["allowed"], f"for a while it stands as {said}")
    daemon.kill()
    daemon.start()
    for number, (forbids, _) in pairs.items():
        of = f"number:{number}"
        until(lambda: standing(daemon, key, of)["reason"] == forbids, 15, f"{forbids} does not count again")
        status, said = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": number}, key)
        expect(status == 409, f"a call was answered {status} {said}")


CHECKS = [
    a_word_in_a_chat_withdraws_consent_and_another_gives_it_again,
    a_strangers_word_counts_for_no_number_that_they_only_typed,
    who_wants_no_calls_is_called_at_no_number_of_theirs_after_an_erasure,
    who_presses_nine_is_called_no_more,
    what_an_agent_notes_of_a_customer_holds_at_once,
    every_way_out_is_closed_to_who_is_suppressed,
    neither_a_pbx_nor_a_phone_refers_a_call_to_who_is_suppressed,
    one_number_in_another_spelling_is_the_same_number,
    a_list_of_numbers_is_read_again_by_a_signal,
    where_consent_is_required_only_those_are_called_who_gave_it,
    what_was_lifted_for_a_while_forbids_again_after_a_crash_too,
]
