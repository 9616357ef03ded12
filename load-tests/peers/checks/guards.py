"""Who scans, guesses and floods: SIPVicious, and a client of our own that does not say what it is. A call of the carrier goes on
all the while."""
import itertools, re, socket
from pathlib import Path

from lib import sipp, tone
from lib.baresip import Phone
from lib.caller import Caller
from lib.daemon import PASSWORD
from lib.far import Far
from lib.people import Agent
from lib.processes import Failure, Process, expect, until
from lib.sip import Client, digest

from .transfers import ANNA, CUSTOMER, again, scene

CARRIER, FLOOD, SCAN = "127.0.0.9", "127.0.0.66", "127.0.0.67"
INJECTED = 2000


def guarded(daemon):
    """Starts Tandem anew with a carrier that is known by its address, so that 127.0.0.1 is a stranger."""
    daemon.stop()
    daemon.env["TANDEM_TRUNK__TEST__SOURCES"] = f'["{CARRIER}"]'
    daemon.start()
    carrier = Client(daemon.address, host=CARRIER)
    answer = carrier.call("support")
    expect(answer.code == 200, f"the carrier's call was answered {answer.code}")
    return carrier


def goes_on(daemon, carrier):
    expect(daemon.metric("tandem_calls_live") == 1, "the carrier's call did not go on")
    expect(carrier.again(carrier.sdp(version=2)).code == 200, "the carrier's re-INVITE was not answered 200")
    expect(carrier.bye().code == 200, "the carrier's BYE was not answered 200")


def floods(daemon, method, headers, body):
    """Sends requests until a thousand were dropped; of what comes too fast the machine itself takes only some."""
    flood, numbers = Client(daemon.address), itertools.count(1)

    def dropped():
        for number in itertools.islice(numbers, 500):
            flood.branch = f"z9hG4bKflood{number}"
            flood._send(method, f"sip:support@{daemon.address}", number, headers, body, None)
        return daemon.metric("tandem_sip_barred_total") > 1000
    until(dropped, 60, "the flood was not dropped")
    flood.close()


def run(daemon, name, *arguments):
    process = Process(name, [name, *arguments, "127.0.0.1"], daemon.folder)
    process.wait(40)
    return process.text()


def sipvicious_finds_nothing(daemon):
    carrier = guarded(daemon)
    found = run(daemon, "svmap", "-p", str(daemon.sip), "-m", "OPTIONS")
    expect("Tandem" not in found, f"svmap found us: {found[-300:]}")
    found = run(daemon, "svwar", "-p", str(daemon.sip), "-D", "-m", "REGISTER", "--force")
    expect(not re.search(r"reqauth|noauth", found), f"svwar found extensions: {found[-300:]}")
    expect(daemon.metric("tandem_sip_banned_total") >= 1, "nobody was banned")
    goes_on(daemon, carrier)


def strangers_who_are_to_be_dropped_hear_nothing(daemon):
    daemon.env["TANDEM_SIP__GUARD__STRANGERS"] = "drop"
    daemon.env["TANDEM_SIP__GUARD__EXEMPT"] = '["127.0.0.8"]'
    carrier = guarded(daemon)
    for method in ("OPTIONS", "REGISTER", "INVITE", "MESSAGE"):
        stranger = Client(daemon.address)
        stranger.socket.settimeout(0.7)
        try:
            answer = stranger.request(method, f"sip:support@{daemon.address}")
            raise AssertionError(f"{method} of a stranger was answered {answer.code}")
        except Failure:
            stranger.close()
    found = run(daemon, "svmap", "-p", str(daemon.sip), "-m", "OPTIONS")
    expect("Tandem" not in found, f"svmap found us: {found[-300:]}")
    known = Client(daemon.address, user="anna", host="127.0.0.8")
    expect(known.request("REGISTER", f"sip:{daemon.address}").code == 401, "a phone of a network that is exempt was not challenged")
    until(lambda: daemon.metric("tandem_sip_barred_total") >= 5, 5, "what was dropped is not counted")
    goes_on(daemon, carrier)


def svcrack_is_shut_out_before_it_comes_to_the_password(daemon):
    """By its name, since it cannot answer SHA-256 at all; who guesses by a name of their own comes below."""
    carrier = guarded(daemon)
    words = daemon.folder / "words.txt"
    words.write_text("".join(f"guess{n}\n" for n in range(10)) + f"{PASSWORD}\n")
    found = run(daemon, "svcrack", "-p", str(daemon.sip), "-u", "anna", "-d", str(words), "--maximumtime", "5")
    expect("found nothing" in found and PASSWORD not in found, f"svcrack found the password: {found[-300:]}")
    expect(daemon.metric("tandem_sip_banned_total") == 1, "it was not banned")
    goes_on(daemon, carrier)


def connections_and_registrations_without_end_leave_room_for_calls(daemon):
    """More connections than there is room for, which say nothing; then REGISTER after REGISTER."""
    daemon.env["TANDEM_SIP__CONNECTIONS"] = "200"
    carrier = guarded(daemon)
    held = []
    for _ in range(600):
        try:
            held.append(socket.create_connection(("127.0.0.1", daemon.sip), 2))
        except OSError:
            pass
    grown = lambda: len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
    until(lambda: grown() < 400, 10, lambda: f"{grown()} files are open")
    expect(carrier.again(carrier.sdp(version=2)).code == 200, "the carrier was not answered beside the connections")
    for link in held:
        link.close()
    floods(daemon, "REGISTER", ["Expires: 60"], "")
    until(lambda: grown() < 100, 20, lambda: f"{grown()} files are open after the flood")
    goes_on(daemon, carrier)


def a_guesser_is_shut_out_and_learns_nothing(daemon):
    carrier = guarded(daemon)
    uri, answers = f"sip:{daemon.address}", {"anna": [], "nobody": []}
    try:
        for n in range(40):
            user = ("anna", "nobody")[n % 2]
            client = Client(daemon.address, user=user)
            client.socket.settimeout(0.5)
            first = client.request("REGISTER", uri)
            wrong = digest(first.get("www-authenticate"), "REGISTER", uri, user, f"guess{n}")
            second = client.request("REGISTER", uri, ["Authorization: " + wrong])
            answers[user].append((first.code, second.code, len(first.headers), len(second.headers)))
            client.close()
    except Failure:
        pass
    expect(answers["anna"] and set(answers["anna"]) == set(answers["nobody"]),
           f"answers tell a user that exists from one that does not: {answers}")
    expect(sum(map(len, answers.values())) < 20, f"{answers} guesses were answered")
    expect(daemon.metric("tandem_sip_banned_total") == 1, "the guesser was not banned")
    goes_on(daemon, carrier)


def a_flood_is_dropped_and_calls_go_on(daemon):
    carrier = guarded(daemon)
    floods(daemon, "INVITE", (), carrier.sdp())
    expect(daemon.metric("tandem_sip_calls_live") == 1, "the flood left calls")
    goes_on(daemon, carrier)


def a_call_is_heard_both_ways_while_others_scan_and_flood(daemon):
    """An agent and a customer behind the carrier; SIPVicious comes from one address, and calls without end from another. Then they come
    from the carrier itself, and are taken as far as there is room."""
    daemon.stop()
    daemon.env["TANDEM_TRUNK__TEST__SOURCES"] = f'["{CARRIER}"]'
    daemon.start()
    anna, agent = Phone(daemon.folder, "anna", daemon.address, ANNA), Agent(daemon, "anna")
    customer = Caller(daemon.address, "4930900730", CUSTOMER, host=CARRIER)
    answer = customer.call("support")
    expect(answer.code == 200, f"the carrier's call was answered {answer.code}")
    customer.speaks_to(answer.body)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    customer.hears(ANNA)
    anna.hears(CUSTOMER)
    flood = sipp.call(daemon, "caller-hangs-up", "-i", FLOOD, "-mi", FLOOD, "-r", "400", "-l", "20000", calls=20000, seconds=60)
    scans = [Process(scan, [scan, "-b", SCAN, "-p", str(daemon.sip), "-m", "INVITE", "127.0.0.1"], daemon.folder) for scan in ("svwar", "svmap")]
    barred = lambda: daemon.metric("tandem_sip_barred_total")
    until(lambda: barred() > 1000, 30, lambda: f"{barred()} of the flood were dropped")
    until(lambda: daemon.metric("tandem_sip_banned_total") >= 2, 20, "the two were not shut out")
    for _ in range(3):
        before = barred()
        customer.hears(ANNA)
        again(anna, CUSTOMER)
        until(lambda: barred() > before, 20, "the flood was over before the call was heard")
    expect(flood.process.running(), "the flood was over before the call was heard")
    flood.stop()
    for scan in scans:
        scan.wait(40)
        expect("found nothing" in scan.text(), f"{scan.name} found us: {scan.text()[-300:]}")
    expect(daemon.metric("tandem_calls_total") == 1, "the flood made calls")
    taken = sipp.call(daemon, "caller-hangs-up", "-i", CARRIER, "-mi", CARRIER, "-r", "40", "-l", "20000", "-d", "1000", calls=20000, seconds=60)
    for rounds in (1, 2):
        until(lambda: daemon.metric("tandem_calls_total") > 30 * rounds, 40, "no calls were made")
        customer.hears(ANNA)
        again(anna, CUSTOMER)
    expect(taken.process.running(), "the calls were over before the one was heard")
    taken.stop()
    expect(customer.again(customer.sdp(version=2)).code == 200, "the carrier's re-INVITE was not answered 200")
    customer.hears(ANNA)
    again(anna, CUSTOMER)
    expect(daemon.metric("tandem_one_way_audio_total") == 0, "somebody was not heard")
    expect(customer.bye().code == 200, "the carrier's BYE was not answered 200")
    agent.change("released", interaction=interaction)
    customer.close()


def sound_from_a_third_address_is_not_heard(daemon):
    anna, _, customer, *_ = scene(daemon)
    low, high = map(int, daemon.env["TANDEM_RTP__PORTS"].split("-"))
    ports = {int(number) for phone in (anna, customer) for number in re.findall(r"m=audio (\d+)", phone.process.text())}
    ours = [number for number in ports if low <= number <= high]
    expect(len(ours) == 2, f"Tandem's ports are not told apart in {ports}")
    far = Far(daemon)
    for number in ours:
        far.plays(INJECTED, f"m=audio {number} ", 3)
    again(anna, CUSTOMER)
    again(customer, ANNA)
    for phone in (anna, customer):
        count = tone.heard(phone.recordings()[-1], INJECTED, least=0.1)
        expect(count == 0, f"{phone.user} heard what a stranger sent, {count} times 100 ms")
    far.close()


CHECKS = [
    sipvicious_finds_nothing,
    strangers_who_are_to_be_dropped_hear_nothing,
    svcrack_is_shut_out_before_it_comes_to_the_password,
    connections_and_registrations_without_end_leave_room_for_calls,
    a_guesser_is_shut_out_and_learns_nothing,
    a_flood_is_dropped_and_calls_go_on,
    a_call_is_heard_both_ways_while_others_scan_and_flood,
    sound_from_a_third_address_is_not_heard,
]
