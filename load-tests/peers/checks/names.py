"""Trunks that are named by host (RFC 3263): a DNS server of our own says where two carriers, played by sipp, are."""
import socket, time

from lib import sipp, trace
from lib.baresip import Phone
from lib.dns import Dns
from lib.people import Agent, Visitor
from lib.processes import expect, port, until

NUMBER = "+4930900400"


def zone(first, second):
    return f"""
        carrier.example NAPTR 10 10 s SIP+D2U _sip._udp.carrier.example
        carrier.example NAPTR 20 10 s SIP+D2T _sip._tcp.carrier.example
        _sip._udp.carrier.example SRV 10 1 {first} a.carrier.example
        _sip._udp.carrier.example SRV 20 1 {second} b.carrier.example
        a.carrier.example A 127.0.0.1
        b.carrier.example A 127.0.0.1"""


def named(daemon, dns, **settings):
    """Starts the daemon anew with its trunk named by host."""
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__DNS": f'["{dns.address}"]', "TANDEM_TRUNK__TEST__TARGET": "carrier.example",
                   "TANDEM_TRUNK__TEST__TRANSPORT": "any", **settings}
    daemon.start()


def escalated(daemon):
    """Has a visitor's chat escalated to a call; returns the visitor and the interaction."""
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    return agent, visitor, interaction


def known(daemon):
    until(lambda: "the servers of this name are known" in daemon.process.text(), 10, "the name was not found")


def goes_on(daemon, first, why, dead=None):
    dead, alive = dead or port(), port()
    dns = Dns(zone(dead, alive))
    named(daemon, dns)
    known(daemon)
    words = {"CODE": 503, "REASON": "Service Unavailable"}
    left = first and sipp.Sipp(daemon.folder, first, local=dead, words=words)
    taken = sipp.Sipp(daemon.folder, "callee-answers", local=alive)
    agent, visitor, interaction = escalated(daemon)
    visitor.call("connected", seconds=20)
    agent.ask("hang_up", interaction=interaction)
    taken.done()
    invite = next(m for m in taken.messages() if m.first.startswith("INVITE"))
    expect(f"{NUMBER}@carrier.example" in invite.first, f"the second carrier was sent {invite.first!r}")
    trace.one_session(taken.messages(), interaction)
    if left:
        left.done()
        trace.one_session(left.messages(), interaction)
    dns.stop()
    told = [one["details"] for one in daemon.record(interaction)["happenings"] if one["details"].get("step") == "rerouted"]
    expect(len(told) == 1 and told[0]["left"] == f"UDP 127.0.0.1:{dead}", f"the record does not say which server was left: {told}")
    expect(told[0]["why"] == why, f"it was left because of {told[0]['why']}")
    expect(daemon.metric("tandem_servers_left_total", why=why) == 1, "it was not counted")


def a_carrier_that_says_503_is_left_for_the_next(daemon):
    goes_on(daemon, "callee-refuses-at-once", "refused")


def a_carrier_at_which_nobody_listens_is_left_for_the_next_at_once(daemon):
    goes_on(daemon, None, "broken")


def a_carrier_that_is_silent_is_left_for_the_next(daemon):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        goes_on(daemon, None, "silent", silent.getsockname()[1])


def a_carrier_by_tcp_is_found_by_srv(daemon):
    far = port()
    dns = Dns(f"""
        carrier.example NAPTR 10 10 s SIP+D2T _sip._tcp.carrier.example
        _sip._tcp.carrier.example SRV 10 1 {far} a.carrier.example
        a.carrier.example A 127.0.0.1""")
    named(daemon, dns)
    known(daemon)
    taken = sipp.Sipp(daemon.folder, "callee-answers", local=far, transport="tcp")
    agent, visitor, interaction = escalated(daemon)
    visitor.call("connected", seconds=20)
    agent.ask("hang_up", interaction=interaction)
    taken.done()
    dns.stop()


def a_carrier_that_moves_is_found_again_and_calls_come_from_there(daemon):
    old, new = port(), port()
    dns = Dns(zone(old, old), ttl=5)
    named(daemon, dns, TANDEM_TRUNK__TEST__SOURCES='["target"]')
    known(daemon)
    first = sipp.call(daemon, "caller-hangs-up", "-d", "300").done()
    expect(200 in first.statuses(), f"a call from the carrier's address was answered {first.statuses()}")
    dns.say(zone(new, new).replace("127.0.0.1", "127.0.0.7"))
    until(lambda: daemon.process.text().count("the servers of this name are known") > 1, 15, "the name was not found again")
    stranger = sipp.call(daemon, "caller-hangs-up", "-d", "300")
    until(lambda: stranger.statuses(), 10, "a call from the old address was not answered")
    expect(stranger.statuses()[-1] in (401, 403), f"a call from the old address was answered {stranger.statuses()}")
    stranger.stop()
    dns.stop()


def a_dead_dns_delays_no_other_call(daemon):
    dns = Dns("")
    dns.dead = True
    named(daemon, dns)
    until(lambda: dns.asked, 10, "the DNS was not asked")
    agent = Agent(daemon, "anna")
    Phone(daemon.folder, "anna", daemon.address, 440)
    began = time.monotonic()
    call = sipp.call(daemon, "caller-hangs-up", "-d", "300")
    agent.contact()
    agent.call("connected")
    expect(time.monotonic() - began < 5, "an inbound call waited for the DNS")
    call.done()
    until(lambda: "the servers of this name are not known anew" in daemon.process.text(), 20, "nobody was told that the DNS is dead")
    dns.stop()


def media_at_a_host_that_has_a_name_is_found(daemon):
    dns = Dns("media.example A 127.0.0.1")
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__DNS": f'["{dns.address}"]'}
    daemon.start()
    agent = Agent(daemon, "anna")
    Phone(daemon.folder, "anna", daemon.address, 440)
    at = lambda host: {"c=IN IP[media_ip_type] [media_ip]": f"c=IN IP4 {host}"}
    call = sipp.call(daemon, "caller-hangs-up", "-d", "300", words=at("media.example"))
    agent.contact()
    agent.call("connected")
    call.done()
    lost = sipp.call(daemon, "caller-hangs-up", "-d", "300", words=at("nowhere.example"))
    final = until(lambda: next((m for m in lost.messages() if m.by_tandem and m.first.startswith("SIP/2.0 4")), None), 10,
                  "a call whose media is nowhere was not answered")
    lost.stop()
    expect(final.first.startswith("SIP/2.0 488"), f"a call whose media is nowhere was told {final.first}")
    expect((final.header("warning") or "").startswith("301 "), f"it was told {final.header('warning')} of its description")
    dns.stop()


CHECKS = [
    media_at_a_host_that_has_a_name_is_found,
    a_carrier_that_says_503_is_left_for_the_next,
    a_carrier_at_which_nobody_listens_is_left_for_the_next_at_once,
    a_carrier_that_is_silent_is_left_for_the_next,
    a_carrier_by_tcp_is_found_by_srv,
    a_carrier_that_moves_is_found_again_and_calls_come_from_there,
    a_dead_dns_delays_no_other_call,
]
