"""Who is asked, and who of those who wait is next: value, zone and age; who knows the customer; who is idle and how busy; slots and
wrap-ups. Each choice is read where people read it: the record, the command line, the API and the board."""
import base64, hashlib, hmac, json, time

from checks.routing import again, choice, cli, held
from lib.baresip import Phone
from lib.people import Agent, Visitor
from lib.processes import expect, until
from lib.sip import Client

SECRET = "0123456789abcdef0123456789abcdef"


def introduced(daemon, subject, zone="shop", secret=SECRET, **said):
    """Becomes a visitor by a signed identity, which may say more; returns status and answer."""
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    text = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': subject, 'exp': int(time.time()) + 600, **said})}"
    mark = base64.urlsafe_b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()
    return daemon.api("/api/v1/visitors", "POST", {"zone": zone, "identity": f"{text}.{mark}"})


def known(daemon, subject, **said):
    """A visitor whom the website names by a signed identity."""
    status, answer = introduced(daemon, subject, **said)
    expect(status == 201, f"the identity was answered {status} {answer}")
    return Visitor(daemon, "--token", answer["token"])


def offer(daemon, interaction, number=0):
    """Returns one of the offers in the record, which the command line tells alike."""
    offers = daemon.record(interaction)["offers"]
    shown = json.loads(cli(daemon, "interaction", "show", interaction))["offers"]
    expect(offers == shown, f"the API tells {offers}, the command line {shown}")
    expect(len(offers) > number, f"the offers are {offers}")
    return offers[number]


def stands(found, agent):
    """Returns how an agent stood in a choice."""
    return next((it for it in found["candidates"] if it["agent"] == agent), None)


def serve(agent, interaction, seconds=10):
    """Waits until an agent has a contact."""
    agent.see(f"{interaction} on the desk", lambda frame: held(frame) == interaction, seconds)


def over(agent, interaction):
    """Has an agent end a contact, and be done with it."""
    serve(agent, interaction)
    agent.ask("end", interaction=interaction)
    agent.change("released", interaction=interaction)


def board(daemon):
    """Returns a supervisor's console, and the board as it stands there."""
    sam = Agent(daemon, "sam", accept=False, ready=False)
    sam.ask("watch", resume=None)
    return sam, sam.see("the board", lambda frame: frame.get("push") == "board")["board"]


def a_customer_s_value_the_page_and_the_time_waited_say_who_is_next(daemon):
    again(daemon, TANDEM_AGENTS__CHAT_SLOTS="1", TANDEM_PRIORITY__VALUE="3s", TANDEM_PRIORITY__ZONE="3s",
          TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET, TANDEM_ZONE__CART__QUEUE="support", TANDEM_ZONE__CART__PRIORITY="1")
    key = cli(daemon, "token", "api", "crm", "--scope", "read:customers", "--scope", "write:customers").split()[-1]
    people = {}
    for subject, value in (("dear", 2), ("good", 1)):
        visitor = people[subject] = known(daemon, subject)
        visitor.open("Hello", mid="before")
        visitor.ask("end")
        found = until(lambda: daemon.api(f"/api/v1/customers?subject={subject}", token=key)[1]["customers"], 5, f"there is no {subject}")
        status, answer = daemon.api(f"/api/v1/customers/{found[0]['customer']}", "PATCH", {"value": value}, key)
        expect(status == 204, f"the value was answered {status} {answer}")
    plain, cart = Visitor(daemon), Visitor(daemon, zone="cart")
    oldest, paying, dear = plain.open("Me first"), cart.open("I pay"), people["dear"].open("And I?")
    # Longer than what the last one's value is worth.
    time.sleep(4)
    good = people["good"].open("I came late")

    order = [dear, paying, oldest, good]
    for place, interaction in enumerate(order, 1):
        waits = choice(daemon, interaction)
        expect(waits["position"] == place, f"place {place} has {waits}")
    sam, shown = board(daemon)
    waiting = sorted(shown["waiting"], key=lambda it: it["position"])
    expect([it["interaction"] for it in waiting] == order, f"the board has {waiting}")
    expect([it["lead"] - waiting[2]["lead"] for it in waiting] == [6, 3, 0, 3], f"the board has {waiting}")
    anna = Agent(daemon, "anna")
    for interaction in order:
        over(anna, interaction)
    priority = [offer(daemon, it)["route"]["priority"] for it in order]
    points = [(it["value"], it["zone"], it["lead_ms"] - it["queue"] * 120_000) for it in priority]
    expect(points == [(2, 0, 6_000), (0, 1, 3_000), (0, 0, 0), (1, 0, 3_000)], f"the record has the points {points}")

    def told():
        changes = [frame["changes"] for frame in sam.frames if frame.get("push") == "board_change"]
        decisions = [change["decisions"] for some in changes for change in some if change["change"] == "decisions"]
        return decisions and sorted(it["interaction"] for it in decisions[-1][:4]) == sorted(order) and decisions[-1]
    decisions = until(told, 5, lambda: f"the board never told the decisions; {sam.frames[-1]}")
    expect(all(it["agent"] == "anna" and it["why"] and it["end"] for it in decisions[:4]), f"the board has {decisions}")


def who_served_a_customer_is_waited_for_and_then_nobody(daemon):
    again(daemon, TANDEM_AGENTS__CHAT_SLOTS="1", TANDEM_WORK__FAMILIAR="4s", TANDEM_WORK__PARK="0s", TANDEM_ZONE__SHOP__IDENTITY_SECRET=SECRET)
    ben, customer = Agent(daemon, "ben"), known(daemon, "ida")
    over(ben, customer.open("Hello"))
    other = Visitor(daemon).open("Something else")
    serve(ben, other)
    anna = Agent(daemon, "anna")

    second = customer.open("Me again", mid="second")
    waits = choice(daemon, second)
    expect(waits["kept_for"] == "ben" and stands(waits, "anna")["is"] == "kept_for_another", f"it is told as {waits}")
    over(ben, other)
    over(ben, second)
    route = offer(daemon, second)["route"]
    expect(route["why"] == "familiar" and stands(route, "anna")["is"] == "kept_for_another", f"ben was asked as {route}")

    # Anna was idle longer, and then ben is.
    over(anna, Visitor(daemon).open("Something else again"))
    serve(ben, Visitor(daemon).open("And again"))
    third = customer.open("It is me", mid="third")
    serve(anna, third)
    route = offer(daemon, third)["route"]
    expect(route["waited_ms"] >= 4_000 and stands(route, "ben")["is"] == "no_slot", f"anna was asked as {route}")


def who_is_idle_longest_and_least_busy_is_next(daemon):
    again(daemon, TANDEM_AGENTS__CALL_WEIGHT="3", TANDEM_WORK__PARK="0s")
    Phone(daemon.folder, "ben", daemon.address, 550)
    desks = {"ben": Agent(daemon, "ben")}
    # So that nobody could have been idle for as long.
    time.sleep(1)
    desks["anna"] = Agent(daemon, "anna")
    for agent in ("ben", "anna", "ben"):
        interaction = Visitor(daemon).open("Hello")
        over(desks[agent], interaction)
        route, idle = offer(daemon, interaction)["route"], {}
        for other in desks:
            idle[other] = stands(route, other)["idle_ms"]
        expect(max(idle, key=idle.get) == agent, f"of {idle} {agent} was asked")

    mark, caller = desks["ben"].mark(), Client(daemon.address, "+4930900801")
    expect(caller.call("support").code == 200, "the call was not answered")
    desks["ben"].contact(after=mark)
    for load in range(3):
        interaction = Visitor(daemon).open("Beside a call")
        serve(desks["anna"], interaction)
        route = offer(daemon, interaction)["route"]
        loads = [stands(route, agent)["load"] for agent in ("anna", "ben")]
        expect(loads == [load, 3], f"anna was asked with the loads {loads} of anna and ben")
    caller.bye()


def who_prefers_a_channel_is_asked_first_however_long_others_are_idle(daemon):
    again(daemon, TANDEM_AGENTS__PREFERS='{ anna = "chat" }')
    ben = Agent(daemon, "ben")
    # So that nobody could have been idle for as long.
    time.sleep(1)
    anna = Agent(daemon, "anna")
    interaction = Visitor(daemon).open("Hello")
    serve(anna, interaction)
    route = offer(daemon, interaction)["route"]
    expect(route["why"] == "prefers" and stands(route, "anna")["leaning"] == "prefers", f"anna was asked as {route}")
    expect(stands(route, "ben")["idle_ms"] > stands(route, "anna")["idle_ms"], f"of {route} anna is idle longest")
    expect(not any(held(frame) for frame in ben.frames), "ben has a contact")


def an_agent_holds_six_chats_beside_one_call_and_no_more(daemon):
    Phone(daemon.folder, "anna", daemon.address, 440)
    anna, visitors = Agent(daemon, "anna"), [Visitor(daemon) for _ in range(7)]
    chats = [visitor.open("Hello") for visitor in visitors[:6]]
    for interaction in chats:
        serve(anna, interaction)
    seventh = visitors[6].open("And I?")
    expect(stands(choice(daemon, seventh), "anna")["is"] == "no_slot", f"the seventh chat waits as {choice(daemon, seventh)}")

    first, second, mark = Client(daemon.address, "+4930900802"), Client(daemon.address, "+4930900803"), anna.mark()
    expect(first.call("support").code == 200, "the call was not answered")
    call = anna.contact(after=mark)["interaction"]
    answer = second.call("support")
    waits = answer.get("session-id")[:32]
    expect(stands(choice(daemon, waits), "anna")["is"] == "in_call", f"the second call waits as {choice(daemon, waits)}")
    holds = next(it["holds"] for it in board(daemon)[1]["agents"] if it["agent"] == "anna")
    expect({it["interaction"] for it in holds} == {*chats, call}, f"the board has {holds}")

    visitors[0].ask("end")
    serve(anna, seventh)
    first.bye()
    serve(anna, waits)
    second.bye()


def chats_during_a_call(daemon, how, last):
    """An agent who has a chat as a call comes, and another chat; returns what the first visitor was told of it, `last` at its end."""
    again(daemon, TANDEM_AGENTS__CHATS_DURING_CALL=how)
    Phone(daemon.folder, "anna", daemon.address, 440)
    anna, visitor, mark = Agent(daemon, "anna"), Visitor(daemon), 0
    serve(anna, visitor.open("Hello"))
    caller, mark = Client(daemon.address, "+4930900804"), anna.mark()
    expect(caller.call("support").code == 200, "the call was not answered")
    anna.contact(after=mark)
    anna.call("connected")
    other = Visitor(daemon).open("And I?")
    expect(stands(choice(daemon, other), "anna")["is"] == "beside_call", f"another chat waits as {choice(daemon, other)}")
    visitor.ask("message", mid="m2", text="Are you there?")
    anna.entry("message", mid="m2")
    caller.bye()
    serve(anna, other)

    def told():
        return [frame["entry"]["what"] for frame in visitor.frames if isinstance(frame.get("entry"), dict)]
    until(lambda: told()[-len(last):] == last, 5, lambda: f"the visitor was told {told()}")
    return told()


def chats_rest_during_a_call_where_the_house_has_it_so(daemon):
    told = chats_during_a_call(daemon, "pause", ["paused", "message", "resumed"])
    expect(told.count("paused") == 1, f"the visitor was told {told}")


def chats_go_on_during_a_call_and_no_more_are_offered_where_the_house_has_it_so(daemon):
    told = chats_during_a_call(daemon, "none", ["joined", "message"])
    expect("paused" not in told, f"the visitor was told {told}")


def a_wrap_up_ends_by_itself_and_lasts_no_longer_than_its_ceiling(daemon):
    again(daemon, TANDEM_WORK__WRAP_UP_CHAT="1s", TANDEM_WORK__LONGEST_WRAP_UP_CHAT="3s",
          TANDEM_WORK__WRAP_UP_CALL="2s", TANDEM_WORK__LONGEST_WRAP_UP_CALL="4s", TANDEM_AGENTS__CHAT_SLOTS="1")
    Phone(daemon.folder, "anna", daemon.address, 440)
    anna = Agent(daemon, "anna", wrap_up=False)

    def wraps_up(interaction, end, usual, ceiling):
        """Ends a contact, and has its wrap-up last as long as it may; returns when it was over, in seconds."""
        serve(anna, interaction)
        mark = anna.mark()
        end()
        within = lambda frame: held(frame) == interaction and frame["change"]["contact"]["wrap_up_until"]
        began = time.monotonic()
        until_first = anna.see("the wrap-up", within, after=mark)["change"]["contact"]["wrap_up_until"]
        longer = lambda frame: within(frame) and frame["change"]["contact"]["wrap_up_until"] > until_first
        anna.ask("extend_wrap_up", interaction=interaction, seconds=600)
        until_last = anna.see("the longer wrap-up", longer, after=mark)["change"]["contact"]["wrap_up_until"]
        expect(until_last - until_first == (ceiling - usual) * 1_000, f"a wrap-up to {until_first} became one to {until_last}")
        anna.change("released", interaction=interaction)
        lasted = time.monotonic() - began
        expect(lasted > ceiling - 0.5, f"the wrap-up was over after {lasted} s")

    chat, next_chat = Visitor(daemon).open("Hello"), Visitor(daemon).open("And I?")
    wraps_up(chat, lambda: anna.ask("end", interaction=chat), 1, 3)
    serve(anna, next_chat)
    anna.ask("end", interaction=next_chat)
    anna.change("released", interaction=next_chat, seconds=3)

    caller, mark = Client(daemon.address, "+4930900805"), anna.mark()
    expect(caller.call("support").code == 200, "the call was not answered")
    call = anna.contact(after=mark)["interaction"]
    anna.call("connected", after=mark)
    wraps_up(call, lambda: caller.bye(), 2, 4)


def both_service_levels_are_told_as_they_are_defined(daemon):
    again(daemon, TANDEM_AGENTS__CHAT_SLOTS="1", TANDEM_WORK__PARK="0s", TANDEM_QUEUE__SUPPORT__SERVICE_LEVEL='{ within = "1s" }')
    anna = Agent(daemon, "anna")
    first = Visitor(daemon).open("I am served at once")
    serve(anna, first)
    late, gone, early = Visitor(daemon), Visitor(daemon), Visitor(daemon)
    second = late.open("I wait for long")
    gone.open("I wait for long in vain")
    early.open("I go at once")
    early.ask("end")
    # Longer than within which they should be answered.
    time.sleep(1.5)
    gone.ask("end")
    gone.entry("ended")
    over(anna, first)
    over(anna, second)
    levels = {of: daemon.metric("tandem_service_level_ratio", queue="support", definition=of, over="hour") for of in ("answered", "offered")}
    # One in time, of those who were answered or left; and of those who did not leave at once.
    expect(levels["answered"] == 1 / 4 and abs(levels["offered"] - 1 / 3) < 1e-6, f"the service levels are {levels}")
    hour = next(it["hour"] for it in board(daemon)[1]["queues"] if it["queue"] == "support")
    counted = [hour[name] for name in ("arrived", "answered", "in_time", "abandoned", "abandoned_early")]
    expect(counted == [4, 2, 1, 2, 1], f"the board has {hour}")


CHECKS = [
    a_customer_s_value_the_page_and_the_time_waited_say_who_is_next,
    who_served_a_customer_is_waited_for_and_then_nobody,
    who_is_idle_longest_and_least_busy_is_next,
    who_prefers_a_channel_is_asked_first_however_long_others_are_idle,
    an_agent_holds_six_chats_beside_one_call_and_no_more,
    chats_rest_during_a_call_where_the_house_has_it_so,
    chats_go_on_during_a_call_and_no_more_are_offered_where_the_house_has_it_so,
    a_wrap_up_ends_by_itself_and_lasts_no_longer_than_its_ceiling,
    both_service_levels_are_told_as_they_are_defined,
]
