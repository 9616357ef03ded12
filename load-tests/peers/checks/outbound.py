"""Flows that are kept to be called by (RFC 5626): baresip with two of them, straight or by kamailio as their edge; and ours at a carrier."""
import ipaddress, secrets, socket, struct

from lib import trace
from lib.baresip import Phone
from lib.kamailio import Carrier
from lib.people import Agent
from lib.daemon import PASSWORD
from lib.far import message
from lib.processes import expect, port, until
from lib.sip import Client, digest

from .calls import sealed
from .trunks import again


def straight(daemon):
    return f"sip:{daemon.address};transport=tcp"


def registered(daemon, count):
    until(lambda: daemon.metric("tandem_sip_bindings") == count, 10, lambda: f"{daemon.metric('tandem_sip_bindings')} contacts are registered")


def answers(phone, code):
    """Returns what Tandem answered to REGISTER with this status."""
    found = trace.baresip(phone.process.text(), phone.sip)
    return [m for m in found if m.method == "REGISTER" and m.first.startswith(f"SIP/2.0 {code} ")]


def heard_both_ways(daemon, anna):
    """Calls anna, and returns the INVITE that reached her."""
    customer = Phone(daemon.folder, "4930900610", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected", seconds=20)
    anna.hears(660)
    customer.hears(440)
    agent.ask("hang_up", interaction=interaction)
    sealed(daemon, interaction, legs=2)
    customer.stop()
    invites = [m for m in trace.baresip(anna.process.text(), anna.sip) if m.first.startswith("INVITE ")]
    expect(len(invites) == 1, f"{len(invites)} calls reached the phone")
    return invites[0]


def two_flows_of_a_phone_stand_beside_each_other(daemon):
    anna = Phone(daemon.folder, "anna", daemon.address, 440, flows=[f"sip:{daemon.address};transport=udp", straight(daemon)])
    registered(daemon, 2)
    done = answers(anna, 200)
    expect(all(one.header("require") == "outbound" for one in done), "not every answer requires outbound")
    timers = {one.header("flow-timer") for one in done}
    expect(timers == {"30", "120"}, f"the phone was told the flow timers {timers}")
    contacts = [value for one in done for key, value in one.headers if key == "contact"]
    expect(any("reg-id=1" in one for one in contacts) and any("reg-id=2" in one for one in contacts), f"the contacts are {contacts}")
    heard_both_ways(daemon, anna)
    # They end with the phone, each by itself.
    anna.command("quit")
    registered(daemon, 0)


def a_call_goes_by_the_other_flow_when_the_edge_has_lost_one(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge", defined=["OUTBOUND", "LOST"])
    anna = Phone(daemon.folder, "anna", daemon.address, 440, flows=[straight(daemon), f"sip:{edge.address};transport=udp"])
    registered(daemon, 2)
    paths = [one.header("path") for one in answers(anna, 200)]
    expect(any(";ob" in path for path in paths if path), f"the edge does not say that it keeps flows: {paths}")
    invite = heard_both_ways(daemon, anna)
    expect(len([v for k, v in invite.headers if k == "via"]) == 1, "the call passed the proxy that has lost the flow")
    # What has failed is not tried again, until the phone registers it anew.
    registered(daemon, 1)


def a_call_goes_by_the_other_flow_when_the_edge_is_away(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge", defined=["OUTBOUND"])
    anna = Phone(daemon.folder, "anna", daemon.address, 440, flows=[straight(daemon), f"sip:{edge.address};transport=udp"])
    registered(daemon, 2)
    edge.process.stop()
    invite = heard_both_ways(daemon, anna)
    expect(len([v for k, v in invite.headers if k == "via"]) == 1, "the call passed the proxy that was away")


def a_call_passes_the_edge_that_keeps_the_only_flow(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge", defined=["OUTBOUND"])
    anna = Phone(daemon.folder, "anna", daemon.address, 440, flows=[f"sip:{edge.address};transport=udp"])
    registered(daemon, 1)
    done = answers(anna, 200)[0]
    expect(done.header("require") == "outbound" and done.header("flow-timer") is None, "the flow is the proxy's, and its timer too")
    invite = heard_both_ways(daemon, anna)
    expect(len([v for k, v in invite.headers if k == "via"]) == 2, "the call did not pass the proxy")


def an_edge_that_keeps_no_flows_is_named(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge")
    anna = Phone(daemon.folder, "anna", daemon.address, 440, flows=[straight(daemon), f"sip:{edge.address};transport=udp"])
    until(lambda: answers(anna, 439), 10, "the phone was not told that the proxy lacks outbound")
    expect(answers(anna, 439)[0].first.endswith("439 First Hop Lacks Outbound Support"), answers(anna, 439)[0].first)
    registered(daemon, 1)
    heard_both_ways(daemon, anna)


def what_keeps_a_way_open_is_answered(daemon):
    """RFC 5626, 4.4: STUN by datagram, two line ends by stream; a phone is called on the way that was kept so."""
    host, number = daemon.address.split(":")
    cookie, asked = 0x2112A442, secrets.token_bytes(12)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.bind(("127.0.0.1", 0))
        way.settimeout(5)
        # What only fills the way is passed over.
        way.sendto(b"\r\n\r\n", (host, int(number)))
        way.sendto(struct.pack("!HHI", 1, 0, cookie) + asked, (host, int(number)))
        answer = way.recv(2048)
        kind, size, same = struct.unpack("!HHI", answer[:8])
        expect((kind, size, same, answer[8:20]) == (0x0101, len(answer) - 20, cookie, asked), f"the answer is {answer.hex()}")
        attribute, length, _, family, port, address = struct.unpack("!HHBBHI", answer[20:32])
        seen = (str(ipaddress.ip_address(address ^ cookie)), port ^ (cookie >> 16))
        expect((attribute, length, family) == (0x0020, 8, 1) and seen == way.getsockname(), f"it says {seen}, and came from {way.getsockname()}")
    with socket.create_connection((host, int(number)), 5) as way:
        for _ in range(3):
            way.sendall(b"\r\n\r\n")
            expect(way.recv(64) == b"\r\n", "two line ends were not answered by one")
    expect(daemon.metric("tandem_sip_bindings") == 0, "something was registered")


def a_flow_whose_keep_alives_stop_is_gone_within_a_minute(daemon):
    """The flow was registered for ten minutes; calls go to who can be reached, at once."""
    phone = Client(daemon.address, user="anna")
    phone.flow = f';+sip.instance="<urn:uuid:{secrets.token_hex(4)}>";reg-id=1'
    uri, asked = f"sip:{daemon.address}", ["Expires: 600", "Supported: path, outbound"]
    challenge = phone.request("REGISTER", uri, asked).get("www-authenticate")
    done = phone.request("REGISTER", uri, [*asked, "Authorization: " + digest(challenge, "REGISTER", uri, "anna", PASSWORD)])
    expect(done.code == 200 and done.get("flow-timer") == "30", f"it was answered {done.code} {done.headers}")
    registered(daemon, 1)
    for _ in range(2):
        phone.raw(struct.pack("!HHI", 1, 0, 0x2112A442) + secrets.token_bytes(12))
        expect(phone.socket.recv(2048)[:2] == b"\x01\x01", "a keep-alive was not answered")
    ben, agents = Phone(daemon.folder, "ben", daemon.address, 440), [Agent(daemon, name) for name in ("anna", "ben")]
    registered(daemon, 2)
    until(lambda: daemon.metric("tandem_sip_bindings") == 1, 75, "a flow without keep-alives is still registered")
    customer = Phone(daemon.folder, "4930900611", daemon.address, 660, register=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    agents[1].contact()
    agents[1].call("connected", seconds=5)
    ben.hears(660)
    expect(daemon.metric("tandem_offers_total") == 1, "somebody who cannot be reached was asked first")
    phone.close()


def carrier(daemon, transport, **more):
    """Starts Tandem with an account at the test trunk."""
    again(daemon, trunk_transport=transport, trunk_user="trunk1", trunk_password="trunk-pw", trunk_register="1h", **more)


def granted(asked, *more):
    """Returns the answer that grants a REGISTER, an hour."""
    return ("\r\n".join(["SIP/2.0 200 OK", *(f"Via: {via}" for via in asked.all("via")), f"From: {asked.get('from')}", f"To: {asked.get('to')};tag=carrier",
                           f"Call-ID: {asked.get('call-id')}", f"CSeq: {asked.get('cseq')}", f"Contact: {asked.get('contact')};expires=3600", *more,
                           "Content-Length: 0"]) + "\r\n\r\n").encode()


def contacts(carrier):
    """Returns what the carrier says of the account: how many contacts it has, and how the newest of them is written."""
    client = Client(carrier.address)
    answer = client.request("OPTIONS", f"sip:{carrier.address}")
    client.close()
    return answer.get("x-contacts") if answer.code == 200 else None


def our_registration_is_one_flow_that_replaces_the_one_of_before_a_crash(daemon):
    """RFC 5626, 4.2: kamailio keeps flows; we crash, and come back at another port with the same name."""
    carrier_ = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", port_=daemon.far, defined=["REGISTRAR", "OUTBOUND"])
    carrier(daemon, "tcp", trunk_domain="carrier.test")
    until(lambda: contacts(carrier_), 10, "Tandem did not register at the carrier")
    before = contacts(carrier_)
    daemon.kill()
    daemon.sip = port()
    daemon.env["TANDEM_SIP__LISTEN"] = daemon.address
    daemon.start()
    until(lambda: contacts(carrier_) != before, 10, "Tandem did not register at its next start")
    count, urn, flow, place = contacts(carrier_).split(" ")
    expect(count == "1", f"the carrier has {count} contacts of the account, and would call all of them")
    expect([urn, flow] == before.split(" ")[1:3] and flow == "1" and urn.startswith("<urn:uuid:"), f"it was {before}, and is {urn} {flow}")
    expect(f":{daemon.sip}" in place, f"the contact is {place}")


def a_carrier_whose_first_hop_keeps_no_flows_is_registered_at_without(daemon):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.bind(("127.0.0.1", daemon.far))
        way.settimeout(20)
        carrier(daemon, "udp")
        data, source = way.recvfrom(65536)
        first = message(data)
        expect("+sip.instance=" in first.get("contact") and first.get("supported") == "path, outbound", f"it asks {first.headers}")
        way.sendto(granted(first).replace(b"200 OK", b"439 First Hop Lacks Outbound Support"), source)
        second = first
        # What is repeated on a busy machine is passed over.
        while second.get("cseq") == first.get("cseq"):
            data, source = way.recvfrom(65536)
            second = message(data)
        expect("+sip.instance" not in second.get("contact") and second.get("supported") == "path", f"it asks {second.headers}")
        way.sendto(granted(second), source)
        until(lambda: daemon.metric("tandem_trunk_registered", trunk="test") == 1, 5, "it is not registered")


def a_carrier_that_answers_keep_alives_by_tcp_no_more_is_registered_at_anew(daemon):
    """RFC 5626, 4.4.1: two line ends are answered by one within 10 s, or the flow has failed."""
    with socket.create_server(("127.0.0.1", daemon.far)) as door:
        door.settimeout(20)
        carrier(daemon, "tcp")
        way, _ = door.accept()
        way.settimeout(20)
        way.sendall(granted(message(way.recv(65536)), "Flow-Timer: 3"))
        for _ in range(3):
            expect(way.recv(64) == b"\r\n\r\n", "something else came than what keeps the way open")
            way.sendall(b"\r\n")
        expect(way.recv(64) == b"\r\n\r\n", "the way was not kept open any more")
        expect(way.recv(64) == b"", "the way was not given up")
        another, _ = door.accept()
        another.settimeout(20)
        asked = message(another.recv(65536))
        expect(asked.method == "REGISTER", f"{asked.first} came by the other way")
        another.sendall(granted(asked))
        until(lambda: daemon.metric("tandem_trunk_registered", trunk="test") == 1, 5, "it is not registered")


def a_carrier_that_sees_us_elsewhere_is_registered_at_anew(daemon):
    """RFC 5626, 4.4.2: STUN by datagram; where the address translation changed, the flow has failed."""
    cookie = 0x2112A442
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.bind(("127.0.0.1", daemon.far))
        way.settimeout(20)
        carrier(daemon, "udp")
        data, source = way.recvfrom(65536)
        way.sendto(granted(message(data), "Flow-Timer: 3"), source)
        for port in (4711, 4711, 4712):
            asked, source = way.recvfrom(65536)
            expect(len(asked) == 20 and asked[:8] == struct.pack("!HHI", 1, 0, cookie), f"{asked[:60]} came, and no STUN")
            seen = struct.pack("!HHBBHI", 0x20, 8, 0, 1, port ^ cookie >> 16, int(ipaddress.ip_address("198.51.100.7")) ^ cookie)
            way.sendto(struct.pack("!HHI", 0x101, len(seen), cookie) + asked[8:] + seen, source)
        asked = message(way.recvfrom(65536)[0])
        expect(asked.method == "REGISTER" and "expires=0" not in asked.get("contact"), f"{asked.first} came")


CHECKS = [
    two_flows_of_a_phone_stand_beside_each_other,
    a_call_goes_by_the_other_flow_when_the_edge_has_lost_one,
    a_call_goes_by_the_other_flow_when_the_edge_is_away,
    a_call_passes_the_edge_that_keeps_the_only_flow,
    an_edge_that_keeps_no_flows_is_named,
    what_keeps_a_way_open_is_answered,
    a_flow_whose_keep_alives_stop_is_gone_within_a_minute,
    our_registration_is_one_flow_that_replaces_the_one_of_before_a_crash,
    a_carrier_whose_first_hop_keeps_no_flows_is_registered_at_without,
    a_carrier_that_answers_keep_alives_by_tcp_no_more_is_registered_at_anew,
    a_carrier_that_sees_us_elsewhere_is_registered_at_anew,
]
