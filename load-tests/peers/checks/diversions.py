"""What becomes of those a queue cannot serve: each rule with each of its alternatives, holidays by the queue's own clock."""
import datetime, time, zoneinfo

from checks import prompts
from checks.routing import again, cli, held, hire
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until
from lib.sip import Client

# What a rule may do, each by a zone and a queue of its own.
WAYS = {"elsewhere": "queue:sales", "back": "callback", "later": "message", "away": "busy"}
# What callers are told, each a tone of its own.
OFFER, PROMISED, SORRY, CLOSED = 1000, 1500, 1900, 1200
# Hours that are open on each day that is none of the holidays.
WEEK = "{ " + ", ".join(f'{name} = ["00:00-24:00"]' for name in "mon tue wed thu fri sat sun".split()) + " }"


def with_rule(daemon, key, **settings):
    """Starts Tandem with a queue for each alternative of one rule; `settings` are those of each queue."""
    found = {"TANDEM_QUEUE__SALES__HOURS": ""}
    for name, instead in WAYS.items():
        found[f"TANDEM_ZONE__{name.upper()}__QUEUE"] = name
        found[f"TANDEM_QUEUE__{name.upper()}__{key}"] = f'["{instead}"]'
        found |= {f"TANDEM_QUEUE__{name.upper()}__{setting}": value for setting, value in settings.items()}
    again(daemon, **found)


def each_alternative_is_done(daemon, rule, code):
    """A visitor in each zone is dealt with as its queue says, and the record has the rule."""
    cara = Agent(daemon, "cara")
    visitors = {name: Visitor(daemon, zone=name) for name in WAYS}
    ids = {name: visitors[name].open("Hello") for name in WAYS if name != "away"}
    cara.see("who went to the other queue", lambda frame: held(frame) == ids["elsewhere"])
    visitors["back"].entry("callback_offered")
    visitors["later"].entry("held")
    visitors["away"].ask("open", zone="away", mid="m1", text="Hello")
    refused = visitors["away"].see("a refusal", lambda frame: "error" in frame)
    expect(refused["error"]["code"] == code, f"who is turned away is told {refused}")
    for name, interaction in ids.items():
        record = daemon.record(interaction)
        ways = [it["details"] for it in record["happenings"] if it["event"] == "diverted"]
        expect([(it["rule"], it["to"]["instead"]) for it in ways] == [(rule, WAYS[name].partition(":")[0])], f"{name} has {ways}")
    for instead in ("queue", "callback", "message"):
        expect(daemon.metric("tandem_diversions_total", rule=rule, to=instead) == 1, f"the diversion to {instead} was not counted")
    expect(daemon.metric("tandem_turned_away_total", rule=rule, channel="chat") == 1, "who was turned away was not counted")


def who_comes_to_a_full_queue_is_dealt_with_as_it_says(daemon):
    with_rule(daemon, "WHEN_FULL", LIMIT="1")
    hire(daemon, "cara", "--queue", "sales")
    for name in WAYS:
        Visitor(daemon, zone=name).open("I was here first")
    each_alternative_is_done(daemon, "full", "full")


def who_comes_to_a_queue_without_anybody_is_dealt_with_as_it_says(daemon):
    with_rule(daemon, "WHEN_UNSTAFFED")
    hire(daemon, "cara", "--queue", "sales")
    each_alternative_is_done(daemon, "unstaffed", "conflict")


def who_would_wait_too_long_is_dealt_with_as_the_queue_says(daemon):
    with_rule(daemon, "WHEN_SLOW", MAX_EXPECTED_WAIT="1s")
    hire(daemon, "cara", "--queue", "sales")
    hire(daemon, "dora", *[word for name in WAYS for word in ("--queue", name)], "--chat-slots", "1")
    dora = Agent(daemon, "dora")
    for name in WAYS:
        first = Visitor(daemon, zone=name).open("I take a while")
        dora.see("a contact", lambda frame, first=first: held(frame) == first)
        # The usual stay is what is to be expected of the next.
        time.sleep(2.5)
        dora.ask("end", interaction=first)
        dora.change("released", interaction=first)
    Visitor(daemon, zone="away").open("I am here for long")
    each_alternative_is_done(daemon, "slow", "full")


def by_phone(daemon, key, **settings):
    """The same with a queue that takes messages by voice, and tones for what callers are told."""
    letter = {key: '["voicemail"]'} | settings
    daemon.env |= {f"TANDEM_QUEUE__LETTER__{setting}": value for setting, value in letter.items()}
    with_rule(daemon, key, **settings)
    hire(daemon, "cara", "--queue", "sales")
    hire(daemon, "dora", *[word for name in WAYS for word in ("--queue", name)], "--queue", "letter")
    # The phones of both are known after a start.
    tones = {"callback-offer": OFFER, "callback-promised": PROMISED, "sorry": SORRY, "closed": CLOSED}
    prompts.again(daemon, {name: (hertz, 2) for name, hertz in tones.items()}, TANDEM_CALLBACK__CALLING_HOURS="")
    Phone(daemon.folder, "cara", daemon.address, 440)


def over(caller):
    return any(word in caller.process.text().lower() for word in ("closed", "terminated"))


def callers_are_dealt_with(daemon, rule, telling=SORRY):
    """A caller at each queue is dealt with as it says and hears so; the record has the rule. Who is let go hears `telling`."""
    cara, calls = Agent(daemon, "cara"), {}
    elsewhere = Client(daemon.address, "+4930900813")
    answer = elsewhere.call("elsewhere")
    expect(answer.code == 200, f"who goes to the other queue was answered {answer.code}")
    calls["elsewhere"] = answer.get("session-id")[:32]
    expect(cara.contact()["interaction"] == calls["elsewhere"], "cara has another call")
    answer = Client(daemon.address, "+4930900814").call("away")
    expect(answer.code == (486 if rule in ("full", "slow") else 480), f"who is turned away was answered {answer.code}")
    if rule == "late":
        # This one was let in, and waited.
        calls["away"] = answer.get("session-id")[:32]
    else:
        expect(daemon.metric("tandem_turned_away_total", rule=rule, channel="voice") == 1, "who was turned away was not counted")

    # Who was promised a call would come into that promise, so each is somebody else.
    callers = {name: Phone(daemon.folder, f"+493090082{at}", daemon.address, 660, register=False) for at, name in enumerate(("back", "later", "letter"))}
    for name, caller in callers.items():
        caller.command("dial", f"sip:{name}@{daemon.address}")
    callers["back"].hears(OFFER, seconds=30)
    callers["back"].command("sndcode", "1")
    callers["back"].hears(PROMISED)
    until(lambda: daemon.metric("tandem_callbacks_open") == 1, 15, "no call was promised")
    callers["later"].hears(telling)
    until(lambda: list(daemon.folder.rglob("*.part")), 20, "no message is recorded")
    time.sleep(2)
    callers["letter"].command("hangup")
    for name, caller in callers.items():
        until(lambda caller=caller: over(caller), 30, f"the caller of {name} was not let go")

    for at, name in enumerate(callers):
        status, answer = daemon.api(f"/api/v1/interactions?number=%2B493090082{at}", token=daemon.token("sam"))
        expect(status == 200 and len(answer["interactions"]) == 1, f"of {name} there is {answer}")
        calls[name] = answer["interactions"][0]["interaction"]
    for name, interaction in calls.items():
        ways = [it["details"] for it in daemon.record(interaction, "sam")["happenings"] if it["event"] == "diverted"]
        instead = (WAYS | {"letter": "voicemail"})[name].partition(":")[0]
        expect([(it["rule"], it["to"]["instead"]) for it in ways] == [(rule, instead)], f"{name} has {ways}")
    for name in ("back", "letter"):
        expect(daemon.record(calls[name], "sam")["sealed_at"] is None, f"what is left of {name} is over already")
    elsewhere.bye()


def callers_who_would_wait_too_long_are_dealt_with_as_the_queue_says(daemon):
    by_phone(daemon, "WHEN_SLOW", MAX_EXPECTED_WAIT="1s")
    Phone(daemon.folder, "dora", daemon.address, 550)
    # An own port, since the trunk's is the other caller's.
    first = Phone(daemon.folder, "+4930900812", daemon.address, 770, register=False)
    dora = Agent(daemon, "dora")

    def talks(queue):
        """Has the first caller talk with dora for longer than the queue wants others to wait."""
        mark = dora.mark()
        first.command("dial", f"sip:{queue}@{daemon.address}")
        interaction = dora.contact(after=mark)["interaction"]
        dora.call("connected", after=mark)
        return interaction, mark

    for name in [*WAYS, "letter"]:
        interaction, mark = talks(name)
        # The usual stay is what is to be expected of the next.
        time.sleep(2.5)
        dora.ask("hang_up", interaction=interaction)
        dora.change("released", after=mark, interaction=interaction)
    talks("away")
    callers_are_dealt_with(daemon, "slow")


def callers_of_a_full_queue_are_dealt_with_as_it_says(daemon):
    by_phone(daemon, "WHEN_FULL", LIMIT="1")
    for at, name in enumerate([*WAYS, "letter"]):
        expect(Client(daemon.address, f"+493090083{at}").call(name).code == 200, f"the first caller of {name} was not answered")
    callers_are_dealt_with(daemon, "full")


def callers_of_a_closed_queue_are_dealt_with_as_it_says(daemon):
    daemon.env |= prompts.never(daemon)
    by_phone(daemon, "WHEN_CLOSED", HOURS="never")
    callers_are_dealt_with(daemon, "closed", telling=CLOSED)


def callers_who_waited_too_long_are_dealt_with_as_the_queue_says(daemon):
    by_phone(daemon, "WHEN_LATE", MAX_WAIT="1s")
    callers_are_dealt_with(daemon, "late")


def a_caller_whom_nobody_can_serve_is_called_back_by_pressing_one(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__WHEN_UNSTAFFED='["callback"]', TANDEM_CALLBACK__CALLING_HOURS="")
    caller = Phone(daemon.folder, "+4930900810", daemon.address, 660, register=False, sip=daemon.far)
    caller.command("dial", f"sip:support@{daemon.address}")
    until(lambda: "established" in caller.process.text().lower(), 15, lambda: f"the call was not answered: {caller.process.text()[-400:]}")
    time.sleep(1)
    caller.command("sndcode", "1")
    until(lambda: daemon.metric("tandem_callbacks_open") == 1, 15, "no call was promised")
    until(lambda: "closed" in caller.process.text().lower() or "terminated" in caller.process.text().lower(), 30, "the caller was not let go")
    key = cli(daemon, "token", "api", "crm", "--scope", "read:callbacks").split()[-1]
    status, found = daemon.api("/api/v1/callbacks", token=key)
    expect([it["number"] for it in found["callbacks"]] == ["+4930900810"], f"the promised calls are {status} {found}")


def callers_are_told_by_the_status_where_they_are_turned_away(daemon):
    again(daemon, TANDEM_QUEUE__SUPPORT__LIMIT="1", TANDEM_QUEUE__SUPPORT__WHEN_FULL='["busy"]',
          TANDEM_QUEUE__SALES__WHEN_UNSTAFFED='["busy"]')
    first = Client(daemon.address)
    expect(first.call("support").code == 200, "the first caller was not answered")
    codes = [Client(daemon.address).call(queue).code for queue in ("support", "sales")]
    expect(codes == [486, 480], f"callers of a full queue and of one without anybody were answered {codes}")
    first.bye()


def a_holiday_is_one_by_the_queue_s_own_clock_and_a_special_day_goes_before_it(daemon):
    # Where the day begins first and last: never the same date.
    zones = {"early": "Pacific/Kiritimati", "late": "Pacific/Pago_Pago", "special": "Pacific/Kiritimati"}
    there = datetime.datetime.now(zoneinfo.ZoneInfo(zones["early"]))
    today, day = f"{there:%Y-%m-%d}", datetime.timedelta(days=1)
    settings = {"TANDEM_HOURS__SPECIAL__SPECIAL": f'{{ "{today}" = ["00:00-24:00"] }}'}
    for name, zone in zones.items():
        upper = name.upper()
        settings |= {f"TANDEM_HOURS__{upper}__ZONE": zone, f"TANDEM_HOURS__{upper}__WEEK": WEEK,
                     f"TANDEM_HOURS__{upper}__HOLIDAYS": f'["{there - 3 * day:%Y-%m-%d}..{today}"]',
                     f"TANDEM_QUEUE__{upper}__HOURS": name, f"TANDEM_ZONE__{upper}__QUEUE": name}
    # The same date, which it is not there.
    settings["TANDEM_HOURS__LATE__HOLIDAYS"] = f'["{today}"]'
    again(daemon, **settings)
    status, shown = daemon.api("/api/v1/zones/early")
    expect(status == 200 and shown["open"] is False, f"on a holiday the page is told {shown}")
    for name in ("late", "special"):
        status, shown = daemon.api(f"/api/v1/zones/{name}")
        expect(status == 200 and shown["open"] is True, f"the page of {name} is told {shown}")
    visitor = Visitor(daemon, zone="early")
    visitor.open("Happy new year")
    opens = datetime.datetime.fromtimestamp(visitor.entry("held")["entry"]["opens"] / 1000, there.tzinfo)
    expect(f"{opens:%Y-%m-%d %H:%M}" == f"{there + day:%Y-%m-%d} 00:00", f"it opens at {opens}")


def a_zone_keeps_hours_of_its_own_beside_those_of_its_queue(daemon):
    there = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Berlin"))
    tomorrow = (there + datetime.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    opens = int(tomorrow.timestamp() * 1000)
    again(daemon, TANDEM_HOURS__TOMORROW__ZONE="Europe/Berlin", TANDEM_HOURS__TOMORROW__WEEK=WEEK,
          TANDEM_HOURS__TOMORROW__HOLIDAYS=f'["{there:%Y-%m-%d}"]', TANDEM_QUEUE__SALES__HOURS="",
          TANDEM_ZONE__DAY__QUEUE="sales", TANDEM_ZONE__DAY__HOURS="tomorrow", TANDEM_ZONE__NIGHT__QUEUE="sales")
    hire(daemon, "cara", "--queue", "sales")
    cara = Agent(daemon, "cara")
    shown = {name: daemon.api(f"/api/v1/zones/{name}")[1] for name in ("day", "night")}
    expect((shown["day"]["open"], shown["day"]["opens_at"], shown["day"]["later"]["because"]) == (False, opens, "closed"),
           f"outside its hours the page is told {shown['day']}")
    expect(shown["night"]["open"] is True and "later" not in shown["night"], f"the page of the other zone is told {shown['night']}")
    closed = Visitor(daemon, zone="day")
    message = closed.open("Is anybody there?")
    told = closed.entry("held")["entry"]["opens"]
    expect(told == opens, f"who left a message is told that it is read at {told}")
    chat = Visitor(daemon, zone="night").open("Hello")
    cara.see("the chat of the zone that is open", lambda frame: held(frame) == chat)
    happened = [it["event"] for it in daemon.record(message)["happenings"]]
    expect("diverted" in happened and "offered" not in happened, f"with the message happened {happened}")


CHECKS = [
    who_comes_to_a_full_queue_is_dealt_with_as_it_says,
    who_comes_to_a_queue_without_anybody_is_dealt_with_as_it_says,
    who_would_wait_too_long_is_dealt_with_as_the_queue_says,
    callers_who_would_wait_too_long_are_dealt_with_as_the_queue_says,
    callers_of_a_full_queue_are_dealt_with_as_it_says,
    callers_of_a_closed_queue_are_dealt_with_as_it_says,
    callers_who_waited_too_long_are_dealt_with_as_the_queue_says,
    a_caller_whom_nobody_can_serve_is_called_back_by_pressing_one,
    callers_are_told_by_the_status_where_they_are_turned_away,
    a_holiday_is_one_by_the_queue_s_own_clock_and_a_special_day_goes_before_it,
    a_zone_keeps_hours_of_its_own_beside_those_of_its_queue,
]
