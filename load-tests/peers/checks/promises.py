"""Promised calls, from the promise to its end: kept places, owners, orders of dialling, hours, results, and customers who come first."""
import datetime, time, zoneinfo

from checks.choices import serve
from checks.routing import again, choice, cli, held
from lib import sipp
from lib.baresip import Phone
from lib.examples import receiver
from lib.people import Agent, Visitor
from lib.processes import expect, until

NUMBER = "+4930900820"
ANY_HOUR = {"TANDEM_CALLBACK__CALLING_HOURS": ""}


def program(daemon):
    """Returns the token of a program that promises calls."""
    scopes = [word for scope in ("read:callbacks", "write:callbacks", "read:queues") for word in ("--scope", scope)]
    return cli(daemon, "token", "api", "crm", *scopes).split()[-1]


def promise(daemon, key, number=NUMBER, **wish):
    """Promises a call; returns its id and its interaction."""
    status, made = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": number, **wish}, key)
    expect(status == 201, f"the promise was answered {status} {made}")
    return made["callback"], made["interaction"]


def shown(daemon, key, callback):
    return daemon.api(f"/api/v1/callbacks/{callback}", token=key)[1]


def ends(daemon, key, callback, how, seconds=20):
    """Waits until a promise is over; returns it."""
    found = until(lambda: (it := shown(daemon, key, callback))["state"] == "ended" and it, seconds,
                  lambda: f"the promise stays: {shown(daemon, key, callback)}")
    expect(found["end"] == how, f"the promise ended as {found}")
    return found


def results(daemon, key, callback):
    return [(it["agent"], it["result"]) for it in shown(daemon, key, callback)["history"]]


def customer(daemon, **options):
    """The customer's phone, which the test trunk reaches."""
    return Phone(daemon.folder, NUMBER, daemon.address, 660, register=False, sip=daemon.far, **options)


def talks(agent, phone, hears=660):
    """Waits until agent and customer hear each other; the agent ends the call."""
    agent.call("connected", seconds=20)
    phone.hears(hears)


def ms(seconds):
    return int((time.time() + seconds) * 1000)


def a_call_for_later_is_reminded_of_and_made_at_its_time(daemon):
    taken, hook = receiver(daemon.folder)
    again(daemon, **hook, **ANY_HOUR)
    key = program(daemon)
    anna, _, agent = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna")
    due = ms(4)
    callback, interaction = promise(daemon, key, at=due, remind=2)
    until(lambda: f"callback.reminded {interaction}" in taken.text(), 10, lambda: f"no reminder was posted: {taken.text()[-400:]}")
    expect(time.time() * 1000 < due, "the reminder came after the call")
    talks(agent, anna)
    agent.ask("hang_up", interaction=interaction)
    found = ends(daemon, key, callback, "reached")
    expect([it["at"] >= due for it in found["history"]] == [True], f"it was dialled before {due}: {found}")
    expect(found["remind"] == 2 and due - 2_000 <= found["reminded_at"] < due, f"the reminder is told as {found}, due at {due}")


def a_visitor_who_waits_keeps_the_place_and_is_called_in_it(daemon):
    again(daemon, **ANY_HOUR)
    anna, _ = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon)
    one, other = Visitor(daemon), Visitor(daemon)
    first = one.open("I wait")
    since = choice(daemon, first)["since"]
    time.sleep(1)
    other.open("I came later")
    one.ask("callback", number=NUMBER, wish={"keep_place": True})
    one.see("the promise", lambda frame: (frame.get("ok") or {}).get("done") == "promised")
    waits = choice(daemon, first)
    expect((waits["since"], waits["channel"]) == (since, "voice"), f"the place is {waits}, it was {since}")
    agent = Agent(daemon, "anna")
    talks(agent, anna)
    agent.ask("hang_up", interaction=first)


def a_promise_waits_for_whose_it_is_and_then_for_anybody(daemon):
    again(daemon, TANDEM_CALLBACK__OWNER_WAIT="3s", **ANY_HOUR)
    for agent, hertz in (("ben", 550), ("anna", 440)):
        Phone(daemon.folder, agent, daemon.address, hertz)
    ben, anna, key = Agent(daemon, "ben", accept=False), Agent(daemon, "anna", accept=False), program(daemon)
    _, interaction = promise(daemon, key, owner="anna")
    asked = lambda which: daemon.api(f"/api/v1/interactions/{which}/route", token=key)[1]
    until(lambda: asked(interaction)["offered_to"] == "anna", 5, lambda: f"anna is not asked: {asked(interaction)}")
    expect(daemon.record(interaction)["offers"][0]["route"]["why"] == "owner", f"{daemon.record(interaction)['offers']}")
    anna.ask("presence", presence={"is": "away", "reason": "lunch"})
    _, second = promise(daemon, key, "+4930900821", owner="anna")
    found = asked(second)
    expect(found["kept_for"] == "anna" and found["offered_to"] is None, f"while anna is away it is told as {found}")
    until(lambda: asked(second)["offered_to"] == "ben", 10, lambda: f"ben is not asked: {asked(second)}")
    offered = next(it for it in daemon.record(second)["offers"] if it["agent"] == "ben")
    expect(offered["route"]["waited_ms"] >= 3_000 and offered["route"]["why"] != "owner", f"ben was asked as {offered}")
    expect(not any(held(frame) for frame in ben.frames), "somebody was called")


def in_order(daemon, order):
    """A promise that dials in this order; returns the customer's and the agent's leg, when both speak."""
    again(daemon, **ANY_HOUR)
    anna, far, agent = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna")
    key = program(daemon)
    callback, interaction = promise(daemon, key, order=order)
    talks(agent, anna)
    far.hears(440)
    agent.ask("hang_up", interaction=interaction)
    ends(daemon, key, callback, "reached")
    legs = daemon.record(interaction)["legs"]
    return next(it for it in legs if it["party"] == NUMBER), next(it for it in legs if it["party"] == "anna")


def customer_first_rings_the_agent_when_the_customer_answered(daemon):
    theirs, ours = in_order(daemon, "customer_first")
    expect(theirs["answered_at"] <= ours["started_at"], f"the customer's leg is {theirs}, the agent's {ours}")


def agent_first_dials_the_customer_when_the_agent_answered(daemon):
    theirs, ours = in_order(daemon, "agent_first")
    expect(ours["answered_at"] <= theirs["started_at"], f"the customer's leg is {theirs}, the agent's {ours}")


def nobody_is_called_outside_the_hours_of_their_own_clock(daemon):
    here = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Tokyo"))
    begin, end = here - datetime.timedelta(minutes=30), here + datetime.timedelta(minutes=30)
    again(daemon, TANDEM_CALLBACK__CALLING_HOURS=f"{begin:%H:%M}-{end:%H:%M}", TANDEM_CALLBACK__ZONES='{ "+1212" = "America/New_York" }')
    Phone(daemon.folder, "anna", daemon.address, 440)
    Agent(daemon, "anna", accept=False)
    key = program(daemon)
    asked = lambda which: daemon.api(f"/api/v1/interactions/{which}/route", token=key)[1]
    # A zone by the number, by the prefix that is configured, and by the wish, which goes before the number.
    _, tokyo = promise(daemon, key, "+81312345678")
    until(lambda: asked(tokyo)["offered_to"] == "anna", 5, lambda: f"in Tokyo nobody is called: {asked(tokyo)}")
    for number, zone, wish in (("+12125550100", "America/New_York", {}), ("+81312345679", "Europe/Berlin", {"zone": "Europe/Berlin"})):
        callback, _ = promise(daemon, key, number, **wish)
        due = datetime.datetime.fromtimestamp(shown(daemon, key, callback)["due"] / 1000, zoneinfo.ZoneInfo(zone))
        expect(f"{due:%H:%M}" == f"{begin:%H:%M}" and due > here, f"{number} is called at {due}")
    # The night is longer than this window.
    body = {"queue": "support", "number": "+12125550101", "until": ms(600)}
    status, refused = daemon.api("/api/v1/callbacks", "POST", body, key)
    expect(status == 422 and refused["detail"], f"a window in the night was answered {status} {refused}")


def a_window_is_kept_whether_or_not_it_is_quiet(daemon):
    # It is never quiet: there are not so many agents. What offers and ringing take is six seconds.
    again(daemon, TANDEM_QUEUE__SUPPORT__BLEND="{ idle_agents = 3 }", TANDEM_WORK__OFFER="1s", TANDEM_WORK__RING="2s", **ANY_HOUR)
    anna, _, agent, key = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna"), program(daemon)
    first, last = ms(2), ms(12)
    callback, interaction = promise(daemon, key, at=first, until=last)
    talks(agent, anna)
    agent.ask("hang_up", interaction=interaction)
    [attempt] = ends(daemon, key, callback, "reached")["history"]
    expect(last - 6_000 <= attempt["at"] < last, f"in the window from {first} to {last} it was dialled at {attempt['at']}")


def a_window_in_which_nobody_is_there_ends_as_missed(daemon):
    again(daemon, **ANY_HOUR)
    Phone(daemon.folder, "anna", daemon.address, 440)
    key = program(daemon)
    callback, interaction = promise(daemon, key, at=ms(1), until=ms(4))
    found = ends(daemon, key, callback, "missed")
    agent = Agent(daemon, "anna")
    expect(found["history"] == [] and found["attempts"] == 0, f"it was dialled: {found}")
    record = until(lambda: (it := daemon.record(interaction))["sealed_at"] and it, 20, "the record is not sealed")
    expect(record["outcome"] == "not reached" and record["legs"] == [], f"the record has {record}")
    expect(daemon.metric("tandem_callbacks_open") == 0, "it still counts as open")
    agent.stop()


def ends_after(daemon, code, reason, calls, result, **settings):
    """A customer who answers with a status is dialled so many times."""
    again(daemon, TANDEM_WORK__RETRIES="[]", TANDEM_CALLBACK__RETRIES='{ busy = ["1s", "1s"], rejected = ["1s"] }', **ANY_HOUR, **settings)
    scenario = ("callee-refuses", {"CODE": code, "REASON": reason}) if code else ("callee-rings", {})
    far = sipp.far_side(daemon, scenario[0], words=scenario[1], calls=calls + 1)
    Phone(daemon.folder, "anna", daemon.address, 440)
    Agent(daemon, "anna")
    key = program(daemon)
    callback, _ = promise(daemon, key)
    found = until(lambda: (it := shown(daemon, key, callback))["state"] == "ended" and it, 20, "the promise stays")
    expect(results(daemon, key, callback) == [("anna", result)] * calls, f"after {code} it is {found}")
    expect(found["end"] not in ("reached", "cancelled"), f"after {code} it is {found}")
    far.stop()


def each_result_has_retries_of_its_own(daemon):
    ends_after(daemon, 486, "Busy Here", 3, "busy")


def who_rejects_a_call_is_tried_as_often_as_that_result_says(daemon):
    ends_after(daemon, 603, "Decline", 2, "rejected")


def who_does_not_answer_is_tried_as_often_as_that_result_says(daemon):
    ends_after(daemon, None, None, 1, "no_answer", TANDEM_WORK__RING="2s")


def a_voicemail_that_the_agent_reports_is_called_again(daemon):
    again(daemon, TANDEM_CALLBACK__VOICEMAIL='["1s"]', TANDEM_WORK__FAMILIAR="0s", **ANY_HOUR)
    anna, _, agent = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna", wrap_up=False)
    key = program(daemon)
    callback, interaction = promise(daemon, key)
    talks(agent, anna)
    agent.ask("hang_up", interaction=interaction)
    agent.ask("wrap_up", interaction=interaction, disposition="voicemail", note=None, solved=None)
    following = callback.removesuffix("c1") + "c2"
    until(lambda: shown(daemon, key, following).get("state") == "ended", 20, lambda: f"nobody called again: {shown(daemon, key, following)}")
    anna.hears(660)
    agent.ask("hang_up", interaction=interaction)
    agent.ask("wrap_up", interaction=interaction, disposition="sold", note=None, solved=True)
    sealed = until(lambda: (it := daemon.record(interaction))["sealed_at"] and it, 20, "the record is not sealed")
    states = [it["state"]["is"] for it in sealed["timeline"] if it.get("what") == "callback"]
    expect(states == ["promised", "dialling", "done", "ended", "promised", "dialling", "done"], f"the record has {states}")
    for which, how in ((callback, "voicemail"), (following, "reached")):
        found = shown(daemon, key, which)
        expect((found["end"], results(daemon, key, which)) == (how, [("anna", how)]), f"it is told as {found}")
    expect([it["end"] for it in sealed["callbacks"]] == ["voicemail", "reached"], f"the record has {sealed['callbacks']}")
    expect(daemon.metric("tandem_callbacks_total", result="voicemail") == 1, "the voicemail is not counted")
    expect([it["disposition"] for it in sealed["assignments"]] == ["voicemail", "sold"], f"the record has {sealed['assignments']}")


def a_customer_who_calls_first_comes_into_the_promise(daemon):
    again(daemon, **ANY_HOUR)
    anna, far, agent = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna")
    key = program(daemon)
    callback, interaction = promise(daemon, key, at=ms(600))
    far.command("dial", f"sip:support@{daemon.address}")
    serve(agent, interaction)
    talks(agent, anna)
    agent.ask("hang_up", interaction=interaction)
    found = ends(daemon, key, callback, "called_in")
    expect(found["history"] == [], f"it was dialled all the same: {found}")


def who_calls_from_a_number_that_a_stranger_typed_is_served_for_themselves(daemon):
    again(daemon, **ANY_HOUR)
    anna, far, agent, key = Phone(daemon.folder, "anna", daemon.address, 440), customer(daemon), Agent(daemon, "anna"), program(daemon)
    far.command("dial", f"sip:support@{daemon.address}")
    first = agent.contact()["interaction"]
    talks(agent, anna)
    agent.ask("hang_up", interaction=first)
    agent.change("released", interaction=first)
    ida = daemon.record(first)["customer"]["customer"]

    stranger = Visitor(daemon)
    chat = stranger.open("Call me later")
    serve(agent, chat)
    stranger.ask("callback", number=NUMBER, at=ms(600))
    typed = stranger.see("the promise", lambda frame: (frame.get("ok") or {}).get("done") == "promised")["ok"]["callback"]
    mark, frames = agent.mark(), stranger.mark()
    far.command("dial", f"sip:support@{daemon.address}")
    call = agent.see("the call on the desk", lambda frame: held(frame) not in (None, first, chat), after=mark)["change"]["contact"]
    expect(call["card"]["customer"] == ida and not call["chat"], f"the contact is {call}")
    agent.call("connected", after=mark)
    far.hears_anew(440)
    theirs = until(lambda: [it for it in (shown(daemon, key, f"{call['interaction']}.c1"),) if it.get("state")], 5, "no promise went along")[0]
    expect(theirs["number"] == NUMBER, f"the promise is {theirs}")
    agent.ask("hang_up", interaction=call["interaction"])
    ends(daemon, key, f"{call['interaction']}.c1", "called_in")
    ends(daemon, key, typed, "moved")

    record = daemon.record(chat)
    expect(record["customer"]["customer"] != ida, f"the stranger is taken for whose number it is: {record['customer']}")
    expect([it["party"] for it in record["legs"] if it["party"] == NUMBER] == [], f"the chat has {record['legs']}")
    seen = [(frame.get("entry") or {}).get("what") for frame in stranger.frames[frames:]]
    expect("call" not in seen, f"in the chat there is {seen}")
    expect(daemon.record(call["interaction"])["customer"]["customer"] == ida, "the call is not of whose number it is")


def a_promise_is_moved_given_away_and_cancelled_by_program_and_customer(daemon):
    again(daemon, **ANY_HOUR)
    key, visitor = program(daemon), Visitor(daemon)
    callback, _ = promise(daemon, key, at=ms(600))
    status, said = daemon.api(f"/api/v1/callbacks/{callback}", "PATCH", {"at": ms(1200), "owner": "ben"}, key)
    found = shown(daemon, key, callback)
    expect(status in (200, 204) and found["owner"] == "ben" and found["due"] > ms(900), f"it was moved to {found}: {status} {said}")
    status, said = daemon.api(f"/api/v1/callbacks/{callback}", "DELETE", token=key)
    expect(status in (200, 204), f"cancelling was answered {status} {said}")
    ends(daemon, key, callback, "cancelled")
    visitor.open("Call me later")
    visitor.ask("callback", number=NUMBER, at=ms(600))
    mine = visitor.see("the promise", lambda frame: (frame.get("ok") or {}).get("done") == "promised")["ok"]["callback"]
    visitor.ask("cancel_callback", callback=mine)
    ends(daemon, key, mine, "cancelled")


CHECKS = [
    a_call_for_later_is_reminded_of_and_made_at_its_time,
    a_visitor_who_waits_keeps_the_place_and_is_called_in_it,
    a_promise_waits_for_whose_it_is_and_then_for_anybody,
    customer_first_rings_the_agent_when_the_customer_answered,
    agent_first_dials_the_customer_when_the_agent_answered,
    nobody_is_called_outside_the_hours_of_their_own_clock,
    a_window_is_kept_whether_or_not_it_is_quiet,
    a_window_in_which_nobody_is_there_ends_as_missed,
    each_result_has_retries_of_its_own,
    who_rejects_a_call_is_tried_as_often_as_that_result_says,
    who_does_not_answer_is_tried_as_often_as_that_result_says,
    a_voicemail_that_the_agent_reports_is_called_again,
    a_customer_who_calls_first_comes_into_the_promise,
    who_calls_from_a_number_that_a_stranger_typed_is_served_for_themselves,
    a_promise_is_moved_given_away_and_cancelled_by_program_and_customer,
]
