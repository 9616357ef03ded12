"""Ways between Tandem and phones, PBXs and carriers: own connections, Path, registration at a carrier, certificates, sizes, STUN."""
import os, re, signal, socket, ssl, struct, subprocess

from lib import sipp, trace
from lib.baresip import Phone
from lib.caller import Voice
from lib.kamailio import Carrier
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.sip import Line
from lib.webphone import WebPhone

from .calls import answered, cancelled, held, released, scene, sealed

NUMBER = "+4930900500"


def again(daemon, **settings):
    """Starts Tandem anew with SIP over TLS and these settings."""
    daemon.stop()
    daemon.tls = port()
    daemon.env |= {"TANDEM_SIP__LISTEN_TLS": f"127.0.0.1:{daemon.tls}", **settings}
    daemon.secure = daemon.env["TANDEM_SIP__LISTEN_TLS"]
    daemon.start()


def on_its_own_connection(daemon, transport):
    again(daemon)
    server = f"127.0.0.1:{daemon.tls}" if transport == "tls" else daemon.address
    anna = Phone(daemon.folder, "anna", server, 440, transport=transport)
    customer = Phone(daemon.folder, "4930900501", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    open_before = daemon.metric("tandem_sip_connections")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)
    expect(daemon.metric("tandem_sip_connections") == open_before, "the phone was not called on its own connection")
    invite = next(m for m in trace.baresip(anna.process.text(), anna.sip) if m.by_tandem and m.first.startswith("INVITE"))
    expect(f"SIP/2.0/{transport.upper()} " in invite.header("via"), f"the phone was called with Via {invite.header('via')}")
    customer.command("hangup")
    agent.change("released", interaction=interaction)


def a_phone_registered_over_tcp_is_called_on_its_own_connection(daemon):
    on_its_own_connection(daemon, "tcp")


def a_phone_registered_over_tls_is_called_on_its_own_connection(daemon):
    on_its_own_connection(daemon, "tls")


def a_phone_registered_over_a_websocket_is_called_on_it_and_heard(daemon):
    phone, voice, agent = WebPhone(daemon, "anna"), Voice(440, "the WebSocket's phone"), Agent(daemon, "anna")
    customer = Phone(daemon.folder, "4930900508", daemon.address, 660, register=False)
    customer.command("dial", f"sip:support@{daemon.address}")
    invite = phone.comes("INVITE")
    expect(invite.get("via").startswith("SIP/2.0/WS "), f"the phone was called with Via {invite.get('via')}")
    expect("UDP/TLS/RTP/SAVPF" in invite.body and "a=ice-ufrag:" in invite.body, f"it was offered {invite.body}")
    phone.reply(invite, 488, "Not Acceptable Here")
    invite = phone.comes("INVITE")
    expect(" RTP/AVP " in invite.body and "a=ice" not in invite.body, f"after that it was offered {invite.body}")
    phone.reply(invite, 180, "Ringing")
    phone.reply(invite, 200, "OK", voice.sdp())
    phone.comes("ACK")
    voice.speaks_to(invite.body)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    voice.hears(660)
    customer.hears(440)
    agent.ask("hold", interaction=interaction, on=True)
    voice.silent(660)
    customer.silent(440)
    agent.ask("hold", interaction=interaction, on=False)
    voice.hears(660)
    customer.hears_anew(440)
    customer.command("hangup")
    bye = phone.comes("BYE")
    phone.reply(bye, 200, "OK")
    agent.change("released", interaction=interaction)
    for each in (voice, phone):
        each.close()


def a_phone_behind_a_proxy_is_called_by_its_path(daemon):
    edge = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", config="edge")
    anna = Phone(daemon.folder, "anna", edge.address, 440)
    customer = Phone(daemon.folder, "4930900502", daemon.address, 660, register=False)
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    anna.hears(660)
    customer.hears(440)
    invite = next(m for m in trace.baresip(anna.process.text(), anna.sip) if m.by_tandem and m.first.startswith("INVITE"))
    expect(len([v for k, v in invite.headers if k == "via"]) == 2, "the call did not pass the proxy")
    agent.ask("hang_up", interaction=interaction)
    sealed(daemon, interaction, legs=2)
    # The path is kept over a restart.
    daemon.stop()
    daemon.start()
    agent = Agent(daemon, "anna")
    customer.command("dial", f"sip:support@{daemon.address}")
    agent.contact()
    agent.call("connected")
    anna.hears(660)


def we_register_at_a_carrier_and_are_called_through_it(daemon):
    carrier = Carrier(daemon.folder, daemon.address, "127.0.0.1:9", port_=daemon.far, defined=["REGISTRAR"])
    again(daemon, TANDEM_TRUNK__TEST__USER="trunk1", TANDEM_TRUNK__TEST__PASSWORD="trunk-pw", TANDEM_TRUNK__TEST__REGISTER="1h",
          TANDEM_TRUNK__TEST__DOMAIN="carrier.test", TANDEM_TRUNK__TEST__ROUTES='{ trunk1 = "support" }')
    until(lambda: daemon.metric("tandem_trunk_registered", trunk="test") == 1, 10, "Tandem did not register at the carrier")
    agent, phone = scene(daemon)
    customer = Phone(daemon.folder, "4930900503", carrier.address, 660, register=False)
    customer.command("dial", f"sip:anything@{carrier.address}")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    phone.hears(660)
    customer.hears(440)
    customer.command("hangup")
    sealed(daemon, interaction, legs=2)


def a_wrong_password_at_the_carrier_is_seen(daemon):
    Carrier(daemon.folder, daemon.address, "127.0.0.1:9", port_=daemon.far, defined=["REGISTRAR"])
    again(daemon, TANDEM_TRUNK__TEST__USER="trunk1", TANDEM_TRUNK__TEST__PASSWORD="wrong", TANDEM_TRUNK__TEST__REGISTER="1h",
          TANDEM_TRUNK__TEST__DOMAIN="carrier.test")
    until(lambda: "not registered at the trunk" in daemon.process.text(), 10, "a wrong password was not told")
    expect(daemon.metric("tandem_trunk_registered", trunk="test") == 0, "the metric says that we are registered")


def openssl(folder, *words):
    done = subprocess.run(["openssl", *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=30)
    expect(done.returncode == 0, f"openssl {words[0]} ended with {done.returncode}: {done.stderr[-300:]}")


def authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem")


def certificate(folder, name, signer, host, usage):
    """Makes `name`.pem and `name`.key for a host name."""
    openssl(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={host}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    alternative = f"IP:{host}" if host[0].isdigit() or ":" in host else f"DNS:{host}"
    (folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def context(folder, name=None):
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    if name:
        tls.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return tls


def a_caller_whose_connection_is_closed_is_hung_up_where_its_contact_says(daemon):
    phone, agent = Phone(daemon.folder, "anna", daemon.address, 440), Agent(daemon, "anna")
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(15)
    line = Line(daemon.address, "+4930900507")
    line.port = door.getsockname()[1]
    expect(line.call("support").code == 200, "the call was not answered")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    line.close()
    until(lambda: daemon.metric("tandem_sip_connections") == 0, 10, lambda: "the connection is still open")
    agent.ask("hang_up", interaction=interaction)
    there, _ = door.accept()
    there.settimeout(5)
    first = there.recv(65536).decode().split("\r\n")[0]
    expect(first.startswith(f"BYE sip:+4930900507@127.0.0.1:{line.port}"), f"this came: {first}")
    agent.change("released", interaction=interaction)
    there.close()
    door.close()


def a_client_certificate_proves_a_trunk(daemon):
    authority(daemon.folder, "ca")
    authority(daemon.folder, "other")
    certificate(daemon.folder, "known", "ca", "sip.carrier.example", "clientAuth")
    certificate(daemon.folder, "renamed", "ca", "sip.else.example", "clientAuth")
    certificate(daemon.folder, "foreign", "other", "sip.carrier.example", "clientAuth")
    again(daemon, TANDEM_SIP__CLIENT_AUTHORITY=str(daemon.folder / "ca.pem"), TANDEM_TRUNK__TEST__CERTIFICATE="sip.carrier.example",
          TANDEM_TRUNK__TEST__SOURCES="[]")
    server = f"127.0.0.1:{daemon.tls}"

    def answered(name):
        try:
            line = Line(server, tls=context(daemon.folder, name))
            answer = line.call("support")
        except (OSError, AssertionError):
            return None
        if answer.code == 200:
            line.bye()
        line.close()
        return answer.code

    expect(answered("known") == 200, "a call with the trunk's certificate was not taken")
    for name in (None, "renamed"):
        code = answered(name)
        expect(code in (401, 403), f"a call with the certificate {name} was answered {code}")
    code = answered("foreign")
    expect(code is None, f"a certificate of another authority was taken, and its call answered {code}")


def by_name(folder, address, name):
    """Returns the subject that a server shows to a client that asks for `name`, or for none."""
    asks = ["-servername", name] if name else ["-noservername"]
    done = subprocess.run(["openssl", "s_client", "-connect", address, *asks], input="", cwd=folder, capture_output=True, text=True, timeout=30)
    found = re.search(r"^subject=(.*)$", done.stdout, re.M)
    expect(found, f"openssl s_client at {address} says {done.stderr[-300:]}")
    return found[1].replace(" ", "").removeprefix("CN=")


def a_certificate_is_shown_by_the_name_that_is_asked_for(daemon):
    authority(daemon.folder, "ca")
    hosts = {"first": "one.example", "wide": "*.two.example", "exact": "desk.two.example"}
    for name, host in hosts.items():
        certificate(daemon.folder, name, "ca", host, "serverAuth")
    file = lambda name, kind: str(daemon.folder / f"{name}.{kind}")
    web = f"127.0.0.1:{port()}"
    further = ", ".join(f'{{ certificate = "{file(name, "pem")}", key_file = "{file(name, "key")}" }}' for name in ("wide", "exact"))
    again(daemon, TANDEM_WEB__LISTEN_TLS=web, TANDEM_WEB__CERTIFICATE=file("first", "pem"), TANDEM_WEB__KEY_FILE=file("first", "key"),
          TANDEM_TLS__CERTIFICATES=f"[{further}]")
    asked = {None: "one.example", "one.example": "one.example", "two.example": "one.example", "a.b.two.example": "one.example",
             "sip.two.example": "*.two.example", "desk.two.example": "desk.two.example"}
    for at in (web, f"127.0.0.1:{daemon.tls}"):
        for name, wanted in asked.items():
            got = by_name(daemon.folder, at, name)
            expect(got == wanted, f"who asks {at} for {name} is shown {got}")
    # Another one takes its place, by a reload.
    certificate(daemon.folder, "wide", "ca", "*.three.example", "serverAuth")
    daemon.process.signal(signal.SIGHUP)
    for at in (web, f"127.0.0.1:{daemon.tls}"):
        until(lambda: by_name(daemon.folder, at, "sip.three.example") == "*.three.example", 10, f"{at} shows no certificate that was put there later")
        got = by_name(daemon.folder, at, "sip.two.example")
        expect(got == "one.example", f"a certificate that is gone is shown still: {got}")


def a_certificate_is_replaced_without_dropping_a_call(daemon):
    authority(daemon.folder, "ca")
    for name in ("first", "second"):
        certificate(daemon.folder, name, "ca", "127.0.0.1", "serverAuth")
    chain, key = daemon.folder / "server.pem", daemon.folder / "server.key"

    def put(name):
        chain.write_text((daemon.folder / f"{name}.pem").read_text())
        key.write_text((daemon.folder / f"{name}.key").read_text())
        os.chmod(key, 0o600)

    put("first")
    again(daemon, TANDEM_SIP__CERTIFICATE=str(chain), TANDEM_SIP__KEY_FILE=str(key))
    server = f"127.0.0.1:{daemon.tls}"

    def shown():
        text = ssl.get_server_certificate(("127.0.0.1", daemon.tls))
        return ssl.PEM_cert_to_DER_cert(text)

    def made(name):
        return ssl.PEM_cert_to_DER_cert((daemon.folder / f"{name}.pem").read_text())

    line = Line(server, tls=context(daemon.folder))
    expect(line.call("support").code == 200, "the call over TLS was not answered")
    expect(shown() == made("first"), "another certificate was shown than the first")
    put("second")
    daemon.process.signal(signal.SIGHUP)
    until(lambda: shown() == made("second"), 10, "the new certificate was not shown after SIGHUP")
    expect(line.again(line.sdp(version=2)).code == 200, "a re-INVITE on the old connection was not answered")
    expect(line.bye().code == 200, "the call did not survive the reload")
    line.close()


def large(daemon, transport):
    """Calls out with an INVITE that is too large for a datagram; the far side speaks `transport` alone."""
    again(daemon, TANDEM_RTP__CODECS='["opus", "g722", "pcma", "pcmu"]', TANDEM_RTP__SRTP="offer")
    far = sipp.far_side(daemon, "callee-answers", transport=transport)
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Please call me")
    agent.contact()
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    visitor.call("connected", seconds=20)
    agent.ask("hang_up", interaction=interaction)
    far.done()
    invite = next(m for m in far.messages() if m.by_tandem and m.first.startswith("INVITE"))
    text = far.process.log.parent.joinpath("messages.log").read_text()
    size = len(re.search(r"(?ms)^INVITE .*?^-{20,}", text)[0])
    expect(size > 1300, f"the INVITE had {size} bytes, which is not large")
    expect(f"SIP/2.0/{transport.upper()} " in invite.header("via"), f"the large INVITE came with Via {invite.header('via')}")
    named = ";transport=tcp" in invite.header("contact")
    expect(named == (transport == "tcp"), f"its Contact is {invite.header('contact')}")


def a_large_invite_goes_by_tcp(daemon):
    large(daemon, "tcp")


def a_large_invite_goes_by_udp_where_tcp_is_refused(daemon):
    large(daemon, "udp")


def on_ipv6(daemon):
    """Settings for peers at ::1 alone."""
    return {"TANDEM_SIP__LISTEN": f"[::1]:{daemon.sip}", "TANDEM_TRUNK__TEST__TARGET": f"[::1]:{daemon.far}"}


def over_ipv6(daemon, transport):
    """A caller over ::1 waits in the queue and hangs up."""
    daemon.stop()
    daemon.env |= on_ipv6(daemon)
    daemon.start()
    call = sipp.call(daemon, "caller-hangs-up", "-i", "::1", "-mi", "::1", "-d", "2500", transport=transport, target=f"[::1]:{daemon.sip}")
    call.done()
    answer = next(m for m in call.messages() if m.by_tandem and m.first.startswith("SIP/2.0 200") and m.method == "INVITE")
    text = (call.folder / "messages.log").read_text()
    expect("c=IN IP6 ::1" in text, "no session description names ::1")
    expect(f"[::1]:{daemon.sip}" in answer.header("contact"), f"the Contact is {answer.header('contact')}")
    sealed(daemon, trace.one_session(call.messages()), legs=1)


def a_call_over_ipv6_by_udp(daemon):
    over_ipv6(daemon, "udp")


def a_call_over_ipv6_by_tcp(daemon):
    over_ipv6(daemon, "tcp")


def by_tls(daemon, check):
    again(daemon)
    check(daemon, "tls")
    expect(daemon.metric("tandem_sip_malformed_total") == 0, "what came by TLS was not read")


def sipp_s_call_over_tls(daemon):
    by_tls(daemon, answered)


def sipp_s_cancel_over_tls(daemon):
    by_tls(daemon, cancelled)


def sipp_is_hung_up_over_tls(daemon):
    by_tls(daemon, released)


def sipp_holds_over_tls(daemon):
    by_tls(daemon, held)


def sipp_s_call_over_tls_and_ipv6(daemon):
    again(daemon, **on_ipv6(daemon), TANDEM_SIP__LISTEN_TLS=f"[::1]:{port()}")
    call = sipp.call(daemon, "caller-hangs-up", "-i", "::1", "-mi", "::1", "-d", "2500", transport="tls").done()
    expect(call.tunnel.versions == ["TLSv1.3"], f"it went by {call.tunnel.versions}")
    answer = next(m for m in call.messages() if m.by_tandem and m.first.startswith("SIP/2.0 200") and m.method == "INVITE")
    expect(daemon.secure in answer.header("contact"), f"the Contact is {answer.header('contact')}")
    sealed(daemon, trace.one_session(call.messages()), legs=1)


def music_over_ipv6_is_heard_and_by_tls_too(daemon):
    again(daemon, **on_ipv6(daemon), TANDEM_SIP__LISTEN_TLS=f"[::1]:{port()}")
    server = daemon.env["TANDEM_SIP__LISTEN_TLS"]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as media:
        media.bind(("::1", 0))
        media.settimeout(10)
        line = Line(server, tls=context(daemon.folder), host="[::1]")
        offer = line.sdp().replace("IP4 127.0.0.1", "IP6 ::1").replace("39990", str(media.getsockname()[1])).replace("RTP/AVP 0 8", "RTP/AVP 0")
        answer = line.call("support", body=offer)
        expect(answer.code == 200, f"a call over TLS and IPv6 was answered {answer.code}")
        expect("c=IN IP6 ::1" in answer.body, f"the answer names no IPv6 address: {answer.body!r}")
        there = int(re.search(r"m=audio (\d+)", answer.body)[1])
        media.sendto(struct.pack("!BBHII", 0x80, 0, 1, 160, 7) + b"\xff" * 160, ("::1", there))
        packets = [media.recvfrom(2048) for _ in range(100)]
        expect(all(peer[:2] == ("::1", there) for _, peer in packets), "voice came from elsewhere")
        loud = sum(len(set(data[12:])) > 8 for data, _ in packets)
        expect(loud > 50, f"{loud} of 100 packets held music")
        expect(line.bye().code == 200, "BYE over IPv6 was not answered")
        line.close()


def phones_of_both_families_hear_each_other(daemon):
    both = f'["127.0.0.1:{daemon.sip}", "[::1]:{daemon.sip}"]'
    daemon.stop()
    daemon.env |= {"TANDEM_SIP__LISTEN": both, "TANDEM_TRUNK__TEST__TARGET": f"[::1]:{daemon.far}"}
    daemon.start()
    six = f"[::1]:{daemon.sip}"
    agent, anna = scene(daemon)

    def calls(name, hertz, server, **options):
        """A phone calls, and anna at 127.0.0.1 answers."""
        mark, phone = agent.mark(), Phone(daemon.folder, name, server, hertz, register=False, **options)
        phone.command("dial", f"sip:support@{server}")
        interaction = agent.contact(after=mark)["interaction"]
        anna.hears(hertz)
        phone.hears(440)
        phone.command("hangup")
        sealed(daemon, interaction, legs=2)
        return phone

    caller = calls("4930900504", 660, six, six=True)
    calls("4930900505", 880, daemon.address)
    # One is called behind a trunk at ::1, for a visitor of anna's.
    far = Phone(daemon.folder, NUMBER, six, 1000, register=False, sip=daemon.far, six=True)
    visitor, mark = Visitor(daemon), agent.mark()
    interaction = visitor.open("Please call me")
    agent.contact(after=mark)
    agent.ask("escalate", interaction=interaction, number=NUMBER)
    agent.call("connected")
    anna.hears(1000)
    far.hears(440)
    for phone in (caller, far):
        text = phone.process.text()
        expect("IN IP6 ::1" in text and "IN IP4" not in text, f"a session description at ::1 names IPv4: {phone.name}")
    invite = next(m for m in trace.baresip(far.process.text(), far.sip) if m.by_tandem and m.first.startswith("INVITE"))
    for name in ("via", "contact"):
        expect(f"[::1]:{daemon.sip}" in invite.header(name), f"its {name} is {invite.header(name)}")
    told = [value for _, value in invite.headers if "127.0.0.1" in value]
    expect(not told, f"the INVITE names an address of IPv4: {told}")


def stun_on_the_sip_port_is_answered(daemon):
    host, _, number = daemon.address.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        phone.connect((host, int(number)))
        phone.send(struct.pack("!HHI", 1, 0, 0x2112A442) + b"twelve bytes")
        answer = phone.recv(1500)
        expect(answer[:2] == b"\x01\x01" and answer[8:20] == b"twelve bytes", f"STUN was answered {answer!r}")
        seen = struct.unpack("!H", answer[26:28])[0] ^ 0x2112
        expect(seen == phone.getsockname()[1], f"the port seen is {seen}")
        phone.send(b"\r\n\r\n")
    expect(daemon.metric("tandem_sip_malformed_total") == 0, "a keep-alive was taken for a broken message")


CHECKS = [
    a_phone_registered_over_tcp_is_called_on_its_own_connection,
    a_phone_registered_over_tls_is_called_on_its_own_connection,
    a_phone_registered_over_a_websocket_is_called_on_it_and_heard,
    a_phone_behind_a_proxy_is_called_by_its_path,
    we_register_at_a_carrier_and_are_called_through_it,
    a_wrong_password_at_the_carrier_is_seen,
    a_caller_whose_connection_is_closed_is_hung_up_where_its_contact_says,
    a_client_certificate_proves_a_trunk,
    a_certificate_is_shown_by_the_name_that_is_asked_for,
    a_certificate_is_replaced_without_dropping_a_call,
    a_large_invite_goes_by_tcp,
    a_large_invite_goes_by_udp_where_tcp_is_refused,
    a_call_over_ipv6_by_udp,
    a_call_over_ipv6_by_tcp,
    sipp_s_call_over_tls,
    sipp_s_cancel_over_tls,
    sipp_is_hung_up_over_tls,
    sipp_holds_over_tls,
    sipp_s_call_over_tls_and_ipv6,
    music_over_ipv6_is_heard_and_by_tls_too,
    phones_of_both_families_hear_each_other,
    stun_on_the_sip_port_is_answered,
]
