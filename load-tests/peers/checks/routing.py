"""What a queue decides about those who come: who is asked and why, what waiting changes, where else they go, and what they are told."""
import datetime, json, os, signal, subprocess, time, zoneinfo

from lib.baresip import Phone
from lib.caller import Caller
from lib.daemon import PASSWORD, TANDEM
from lib.people import Agent, Visitor
from lib.processes import expect, until


def again(daemon, **settings):
    """Starts Tandem with other settings."""
    daemon.stop()
    daemon.env |= settings
    daemon.start()


def cli(daemon, *words, said=None):
    """Returns what `tandem` prints."""
    done = subprocess.run([str(TANDEM), *words], capture_output=True, text=True, timeout=20, cwd=daemon.folder, input=said,
                          env={"PATH": os.environ["PATH"], **daemon.env})
    expect(done.returncode == 0, f"tandem {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def hire(daemon, agent, *options):
    """Puts an agent on record, whom the running daemon knows after a reload."""
    cli(daemon, "agent", "add", agent, *options, said=f"{PASSWORD}\n")
    daemon.process.signal(signal.SIGHUP)
    until(lambda: daemon.api("/api/v1/login", "POST", {"agent": agent, "password": PASSWORD})[0] == 200, 5, f"{agent} cannot sign in")


def choice(daemon, interaction, agent="anna"):
    """Returns why one who waits is with nobody, as the API tells it."""
    status, answer = daemon.api(f"/api/v1/interactions/{interaction}/route", token=daemon.token(agent))
    expect(status == 200, f"the choice was answered {status} {answer}")
    return answer


def held(frame):
    """Returns which contact comes on the desk by this frame, if one does."""
    change = frame.get("change")
    return (change.get("contact") or {}).get("interaction") if isinstance(change, dict) else None


def who_waits_is_asked_less_and_the_choice_can_be_read(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__SKILLS="{ billing = 3 }",
          TANDEM_QUEUE__SUPPORT__RELAX='[{ after = "2s", skill = "billing", level = 0 }]')
    anna, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("My bill is wrong")
    waits = choice(daemon, interaction)
    lacking = [it for it in waits["candidates"] if it["agent"] == "anna"]
    expect(lacking and lacking[0]["is"] == "lacks" and lacking[0]["skill"] == "billing", f"anna is {lacking}")
    expect(waits["next"] is None and waits["relaxes_at"] == waits["since"] + 2000, f"it is told as {waits}")

    anna.contact()
    offer = json.loads(cli(daemon, "interaction", "show", interaction))["offers"][0]
    expect(offer["route"]["waited_ms"] >= 2000 and offer["route"]["candidates"][0]["is"] == "free", f"the offer is {offer}")
    expect(daemon.record(interaction)["offers"] == [offer], "the API tells another choice than the command line")


def who_will_be_served_once_less_is_asked_finds_the_queue_staffed(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__SKILLS="{ billing = 3 }", TANDEM_QUEUE__SUPPORT__WHEN_UNSTAFFED='["busy"]',
          TANDEM_QUEUE__SUPPORT__RELAX='[{ after = "2s", skill = "billing", level = 0 }]')
    turned = Visitor(daemon)
    turned.ask("open", zone=turned.zone, mid="m1", text="Is anybody here?")
    turned.see("that nobody is", lambda frame: "nobody who serves the queue is signed in" in str((frame.get("error") or {}).get("text")))
    anna, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("And now?")
    expect(anna.contact()["interaction"] == interaction, "anna has another contact")
    record = daemon.record(interaction)
    expect(record["offers"][0]["route"]["waited_ms"] >= 2000, f"the offers are {record['offers']}")
    expect("diverted" not in [it["event"] for it in record["happenings"]], f"what happened is {record['happenings']}")


def what_is_told_of_a_wait_is_held_against_it(daemon):
    again(daemon, TANDEM_AGENTS__CHAT_SLOTS="1", TANDEM_WORK__PARK="0s")
    anna, visitors = Agent(daemon, "anna"), [Visitor(daemon) for _ in range(4)]

    def over(interaction):
        anna.see(f"{interaction} on the desk", lambda frame: held(frame) == interaction)
        anna.ask("end", interaction=interaction)
        anna.change("released", interaction=interaction)

    # How long a contact takes is known from the first.
    over(visitors[0].open("Hello 0"))
    ids = [visitors[1].open("Hello 1")]
    anna.see("the second on the desk", lambda frame: held(frame) == ids[0])
    for n, visitor in enumerate(visitors[2:], 1):
        ids.append(visitor.open(f"Hello {n}"))
        visitor.see(f"place {n}", lambda frame, n=n: frame.get("push") == "position" and frame["position"] == n)
        # Of two who come within one millisecond either may stand first.
        came = time.time()
        until(lambda: time.time() > came + 0.002, 1, "the clock stands still")
    for interaction in ids:
        over(interaction)
    waits = [daemon.record(interaction)["promised_waits"][0] for interaction in ids[1:]]
    expect([wait["promises"][0]["position"] for wait in waits] == [1, 2], f"they were told {waits}")
    errors = [wait["error_ms"] for wait in waits]
    expect(all(wait["promises"][0]["expected_ms"] is not None for wait in waits) and None not in errors, f"they were told {waits}")
    for definition in ("answered", "offered"):
        expect(daemon.metric("tandem_service_level_ratio", queue="support", definition=definition, over="hour") == 1,
               f"the service level by {definition} is not 1")
    expect(daemon.metric("tandem_wait_promise_error_seconds_count", channel="chat") == len(errors), "not every promise was held against its wait")
    sam = Agent(daemon, "sam", accept=False, ready=False)
    sam.ask("watch", resume=None)
    shown = sam.see("the board", lambda frame: frame.get("push") == "board")["board"]["queues"]
    hour = next(it["hour"] for it in shown if it["queue"] == "support")
    expect(hour["expected"] == len(errors), f"the board has {hour}")
    expect(abs(hour["error"] - sum(map(abs, errors)) / 1000) <= len(errors), f"the board has {hour}, the record the errors {errors}")

    # Programs and supervisors read the same board; agents do not.
    key = cli(daemon, "token", "api", "wall", "--scope", "read:board").split()[-1]
    for who in (key, daemon.token("sam")):
        status, board = daemon.api("/api/v1/board", token=who)
        expect(status == 200, f"the board was answered {status} {board}")
        expect(next(it["hour"] for it in board["queues"] if it["queue"] == "support") == hour, f"the board is {board}, on the socket {hour}")
        chosen = [(it["interaction"], it["agent"]) for it in board["decisions"]]
        expect(chosen[:len(ids)] == [(it, "anna") for it in reversed(ids)], f"the choices are {chosen}")
    status, refused = daemon.api("/api/v1/board", token=daemon.token("anna"))
    expect(status == 403 and "read:board" in refused["detail"], f"anna was answered {status} {refused}")


def who_comes_at_the_wrong_time_or_waits_too_long_goes_elsewhere(daemon):
    here = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Tokyo"))
    # An hour of Tokyo's clock around now, which New York's has at another time.
    begin, end = here - datetime.timedelta(minutes=30), here + datetime.timedelta(minutes=30)
    shift = f"{begin:%H:%M}-{end:%H:%M}"
    week = "{ " + ", ".join(f'{day} = ["{shift}"]' for day in "mon tue wed thu fri sat sun".split()) + " }"
    again(daemon, TANDEM_HOURS__TOKYO__ZONE="Asia/Tokyo", TANDEM_HOURS__TOKYO__WEEK=week,
          TANDEM_HOURS__YORK__ZONE="America/New_York", TANDEM_HOURS__YORK__WEEK=week,
          TANDEM_QUEUE__SUPPORT__HOURS="tokyo", TANDEM_QUEUE__SUPPORT__MAX_WAIT="1s",
          TANDEM_QUEUE__SUPPORT__WHEN_LATE='["queue:sales"]', TANDEM_QUEUE__SALES__HOURS="")
    hire(daemon, "cara", "--queue", "sales")
    cara, visitor = Agent(daemon, "cara"), Visitor(daemon)
    late = visitor.open("Nobody is here")
    expect(cara.contact()["interaction"] == late, "cara has another contact")
    waits = daemon.record(late)["waits"]
    expect([wait["queue"] for wait in waits] == ["support", "sales"], f"it waited in {waits}")

    daemon.env["TANDEM_QUEUE__SUPPORT__HOURS"] = "york"
    again(daemon)
    early = Visitor(daemon)
    early.open("Are you there?")
    opens = early.entry("held")["entry"]["opens"]
    there = datetime.datetime.fromtimestamp(opens / 1000, zoneinfo.ZoneInfo("America/New_York"))
    expect(f"{there:%H:%M}" == shift.split("-")[0], f"it opens at {there}")


def who_misses_too_often_is_away_and_says_why(daemon):
    again(daemon, TANDEM_WORK__OFFER="1s", TANDEM_WORK__MISSES="2", TANDEM_AGENTS__AWAY='{ lunch = "Lunch" }')
    anna, sam, visitor = Agent(daemon, "anna", accept=False), Agent(daemon, "sam", accept=False, ready=False), Visitor(daemon)
    interaction = visitor.open("Is anybody there?")
    away = anna.see("that she is away", lambda frame: ((frame.get("change") or {}).get("presence") or {}).get("is") == "away", after=anna.mark())
    expect("offer" in away["change"]["presence"]["reason"], f"she is {away}")
    offers = [(it["agent"], it["end"]) for it in daemon.record(interaction)["offers"]]
    expect(offers == [("anna", "expired")] * 2, f"the offers are {offers}")
    anna.ask("presence", presence={"is": "away", "reason": "gone fishing"})
    anna.see("that this is no reason", lambda frame: "Lunch" in str((frame.get("error") or {}).get("text")))
    sam.ask("presence_of", agent="anna", presence={"is": "away", "reason": "lunch"})
    anna.see("the reason the supervisor gave", lambda frame: ((frame.get("change") or {}).get("presence") or {}).get("reason") == "Lunch")


def a_silent_chat_gives_its_slot_up_and_comes_back(daemon):
    again(daemon, TANDEM_AGENTS__CHAT_SLOTS="1", TANDEM_WORK__PARK="1s")
    anna, first, second = Agent(daemon, "anna"), Visitor(daemon), Visitor(daemon)
    one = first.open("I must look for the receipt")
    anna.contact()
    anna.ask("message", interaction=one, mid="a1", text="Take your time")
    two = second.open("And I?")
    anna.see("the second on the desk", lambda frame: held(frame) == two)
    anna.ask("end", interaction=two)
    anna.change("released", interaction=two)
    first.ask("message", mid="m2", text="Here it is")
    first.see("it written", lambda frame: (frame.get("ok") or {}).get("mid") == "m2")
    stays = daemon.record(one)["assignments"]
    expect([it["agent"] for it in stays] == ["anna"] and stays[0]["ended_at"] is None, f"it was with {stays}")
    steps = [it["event"] for it in daemon.record(one)["happenings"]]
    expect("parked" in steps and "unparked" in steps, f"what happened is {steps}")


def a_promised_call_waits_for_a_quiet_time(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__BLEND="{ idle_agents = 2 }", TANDEM_CALLBACK__CALLING_HOURS="")
    phones = {agent: Phone(daemon.folder, agent, daemon.address, hertz) for agent, hertz in (("anna", 440), ("ben", 550))}
    customer = Phone(daemon.folder, "+4930900700", daemon.address, 660, register=False, sip=daemon.far)
    anna = Agent(daemon, "anna")
    key = cli(daemon, "token", "api", "crm", *[word for scope in ("write:callbacks", "read:callbacks", "read:queues") for word in ("--scope", scope)]).split()[-1]
    status, promise = daemon.api("/api/v1/callbacks", "POST", {"queue": "support", "number": "+4930900700"}, key)
    expect(status == 201, f"the promise was answered {status} {promise}")
    asked = lambda: daemon.api(f"/api/v1/interactions/{promise['interaction']}/route", token=key)[1]
    expect(asked()["held_back"] and asked()["offered_to"] is None, f"it is told as {asked()}")

    # Who comes is served at once, and as long as that lasts one is idle less than are to be.
    came = Visitor(daemon).open("I am here now")
    expect(anna.contact()["interaction"] == came, "anna has another contact")
    ben = Agent(daemon, "ben")
    until(lambda: [it["is"] for it in asked()["candidates"] if it["agent"] == "ben"] == ["free"], 5, lambda: f"ben is not ready: {asked()}")
    expect(asked()["held_back"] and asked()["offered_to"] is None, f"with one idle it is told as {asked()}")

    anna.ask("end", interaction=came)
    shown = lambda: daemon.api(f"/api/v1/callbacks/{promise['callback']}", token=key)[1]
    until(lambda: shown()["history"], 15, lambda: f"nobody is called: {shown()}")
    who = shown()["history"][0]["agent"]
    phones[who].hears(660)
    customer.hears(phones[who].hertz)
    {"anna": anna, "ben": ben}[who].ask("hang_up", interaction=promise["interaction"])
    until(lambda: shown()["end"] == "reached", 10, lambda: f"the promise is {shown()}")


def who_is_taken_off_the_record_keeps_the_call_and_nothing_else(daemon):
    phone, anna, visitor = Phone(daemon.folder, "anna", daemon.address, 440), Agent(daemon, "anna"), Visitor(daemon)
    chat = visitor.open("My boots?")
    anna.see("the chat on the desk", lambda frame: held(frame) == chat)
    caller = Caller(daemon.address, "4930900712", 660)
    answer = caller.call("support", body=caller.sdp())
    expect(answer.code == 200, f"the call was answered {answer.code}")
    caller.speaks_to(answer.body)
    anna.call("connected")
    caller.hears_anew(440)
    token, supervisor = daemon.token("anna"), daemon.login("sam")
    expect(daemon.api("/api/v1/agents", token=token)[0] == 200 and daemon.metric("tandem_sip_bindings") == 1, "she is not there")

    cli(daemon, "agent", "remove", "anna")
    daemon.process.signal(signal.SIGHUP)
    until(lambda: "4003" in anna.process.text(), 10, lambda: f"her console was not closed: {anna.process.text()[-300:]}")
    anna.stop()
    until(lambda: daemon.api("/api/v1/agents", token=token)[0] == 401, 5, "her credential is taken")
    expect(daemon.api("/api/v1/login", "POST", {"agent": "anna", "password": PASSWORD})[0] == 401, "she can sign in")
    until(lambda: daemon.metric("tandem_sip_bindings") == 0, 5, "her phone is registered")
    route = lambda: daemon.api(f"/api/v1/interactions/{chat}/route", token=supervisor)
    until(lambda: route()[0] == 200 and route()[1]["position"] == 1, 5, lambda: f"the chat does not wait: {route()}")
    caller.hears_anew(440)
    phone.hears_anew(660)
    expect(caller.bye().code == 200, "the BYE was refused")
    caller.close()
    ben = Agent(daemon, "ben")
    ben.see("the chat on the desk", lambda frame: held(frame) == chat)


CHECKS = [
    who_waits_is_asked_less_and_the_choice_can_be_read,
    who_will_be_served_once_less_is_asked_finds_the_queue_staffed,
    what_is_told_of_a_wait_is_held_against_it,
    who_comes_at_the_wrong_time_or_waits_too_long_goes_elsewhere,
    who_misses_too_often_is_away_and_says_why,
    a_silent_chat_gives_its_slot_up_and_comes_back,
    a_promised_call_waits_for_a_quiet_time,
    who_is_taken_off_the_record_keeps_the_call_and_nothing_else,
]
