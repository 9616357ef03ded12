"""Voice secured by SRTP with baresip: heard both ways against a phone in clear, refused where it must be, deaf to what is in clear."""
import re, socket, struct
from pathlib import Path

from lib import tone
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, port, until

MODULES = {"srtp": ["srtp"], "srtp-mand": ["srtp"], "srtp-mandf": ["srtp"], "dtls_srtp": ["dtls_srtp"]}
STRANGE = 1250


def again(daemon, **settings):
    """Starts Tandem anew with SIP over TLS and these settings."""
    daemon.stop()
    daemon.tls = port()
    daemon.env |= {"TANDEM_SIP__LISTEN_TLS": f"127.0.0.1:{daemon.tls}", **settings}
    daemon.start()


def phone(daemon, user, hertz, mediaenc, transport="tls", **more):
    server = f"127.0.0.1:{daemon.tls}" if transport == "tls" else daemon.address
    modules = MODULES.get(mediaenc, [])
    return Phone(daemon.folder, user, server, hertz, mediaenc=mediaenc, transport=transport, modules=modules, **more)


def call(daemon, customer, transport="udp"):
    where = f"127.0.0.1:{daemon.tls};transport=tls" if transport == "tls" else daemon.address
    customer.command("dial", f"sip:support@{where}")


def talks(daemon, anna, customer, transport="udp"):
    """Lets the customer call, and both be heard, before a hold and after."""
    agent = Agent(daemon, "anna")
    call(daemon, customer, transport)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)
    customer.command("hold")
    anna.silent(660)
    customer.command("resume")
    anna.hears(660)
    customer.hears(440)
    return agent, interaction


def an_agents_phone_with_sdes_talks_with_one_in_clear(daemon):
    again(daemon, TANDEM_RTP__SRTP="require", TANDEM_TRUNK__TEST__SRTP="off")
    anna = phone(daemon, "anna", 440, "srtp-mand")
    customer = phone(daemon, "4930900110", 660, None, "udp", register=False)
    talks(daemon, anna, customer)
    said = anna.process.text()
    expect("SRTP is Enabled" in said, "baresip does not say that SRTP is on")
    expect("a=crypto" not in customer.process.text(), "keys were told to a phone in clear")


def a_caller_with_sdes_talks_with_a_phone_in_clear(daemon):
    again(daemon, TANDEM_TRUNK__TEST__SRTP="require")
    anna = phone(daemon, "anna", 440, None, "udp")
    customer = phone(daemon, "4930900111", 660, "srtp-mand", register=False)
    talks(daemon, anna, customer, "tls")
    expect("SRTP is Enabled" in customer.process.text(), "baresip does not say that SRTP is on")


def a_wish_is_met_on_the_plain_profile(daemon):
    again(daemon, TANDEM_RTP__SRTP="offer")
    anna = phone(daemon, "anna", 440, "srtp")
    customer = phone(daemon, "4930900112", 660, None, "udp", register=False)
    talks(daemon, anna, customer)
    said = anna.process.text()
    expect("SRTP is Enabled" in said, "baresip does not say that SRTP is on")
    expect("RTP/SAVP" not in said, "a wish was told as a demand")


def phones_with_dtls_talk_with_each_other(daemon):
    again(daemon, TANDEM_RTP__SRTP="require")
    anna = phone(daemon, "anna", 440, "dtls_srtp", "tcp")
    customer = phone(daemon, "4930900113", 660, "dtls_srtp", "tcp", register=False)
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address};transport=tcp")
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)
    for one in (anna, customer):
        expect("DTLS-SRTP complete" in one.process.text(), "baresip does not say that the handshake is done")
    customer.command("hangup")
    agent.change("released")


def a_phone_with_dtls_talks_with_one_in_clear(daemon):
    # Over TLS our first offer would be SDES; this phone wants the other.
    again(daemon, TANDEM_RTP__SRTP="require", TANDEM_RTP__SRTP_KEYS="[\"dtls\"]", TANDEM_TRUNK__TEST__SRTP="off")
    anna = phone(daemon, "anna", 440, "dtls_srtp")
    customer = phone(daemon, "4930900114", 660, None, "udp", register=False)
    talks(daemon, anna, customer)
    expect("DTLS-SRTP complete" in anna.process.text(), "baresip does not say that the handshake is done")


def refused(daemon, customer, **how):
    call(daemon, customer, **how)
    until(lambda: " 488 " in customer.process.text(), 10, lambda: f"no 488: {customer.process.text()[-500:]}")


def what_does_not_fit_is_refused(daemon):
    again(daemon, TANDEM_TRUNK__TEST__SRTP="require")
    refused(daemon, phone(daemon, "4930900115", 660, None, "udp", register=False))
    # The keys would be read by whoever sees UDP.
    refused(daemon, phone(daemon, "4930900116", 660, "srtp-mand", "udp", register=False))
    again(daemon, TANDEM_TRUNK__TEST__SRTP="off")
    refused(daemon, phone(daemon, "4930900117", 660, "srtp-mand", register=False), transport="tls")


def rtp_in_clear_is_dropped(daemon):
    again(daemon, TANDEM_RTP__SRTP="require", TANDEM_TRUNK__TEST__SRTP="require")
    anna = phone(daemon, "anna", 440, "srtp-mand")
    customer = phone(daemon, "4930900118", 660, "srtp-mand", register=False)
    talks(daemon, anna, customer, "tls")
    ports = [int(number) for number in re.findall(r"m=audio (\d+) RTP/SAVP", customer.process.text())]
    first, last = (int(number) for number in daemon.env["TANDEM_RTP__PORTS"].split("-"))
    ours = [number for number in ports if first <= number <= last]
    expect(ours, f"no port of Tandem was seen among {ports}")

    sound = Path(daemon.folder) / "strange.wav"
    tone.write(sound, STRANGE, 4)
    _, samples = tone.read(sound)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for number in range(200):
            payload = bytes(ulaw(sample) for sample in samples[number * 160:number * 160 + 160])
            header = struct.pack(">BBHII", 0x80, 0, number, number * 160, 77)
            stranger.sendto(header + payload, ("127.0.0.1", ours[-1]))
    anna.hears(660)
    until(lambda: daemon.metric("tandem_rtp_ignored_packets_total", reason="unsecured") >= 200, 5, "the packets were not counted as unsecured")
    expect(not tone.heard(anna.recordings()[-1], STRANGE, least=0.2), "what was sent in clear was heard")


def ulaw(sample):
    """Encodes by G.711, µ-law."""
    sign, level = (0x80, -sample) if sample < 0 else (0, sample)
    level = min(level, 32635) + 132
    exponent = level.bit_length() - 8
    return ~(sign | exponent << 4 | level >> (exponent + 3) & 15) & 0xFF


CHECKS = [
    an_agents_phone_with_sdes_talks_with_one_in_clear,
    a_caller_with_sdes_talks_with_a_phone_in_clear,
    a_wish_is_met_on_the_plain_profile,
    phones_with_dtls_talk_with_each_other,
    a_phone_with_dtls_talks_with_one_in_clear,
    what_does_not_fit_is_refused,
    rtp_in_clear_is_dropped,
]
