"""Every scenario of sipp by every way: UDP, TCP and TLS, over IPv4 and over IPv6. By one way callers who need nobody all call at a time; whom
anna serves and whom she calls come one after the other. Sound is not listened to here: what is heard, of each scenario, `calls`, `flows`,
`offers`, `scenarios`, `prompts` and `transports` tell by one way, as voice goes by RTP whatever its signalling goes by. A move to another
address of the same host (RFC 3264 §8.3.1) is none at ::1, which is alone. A WebSocket (RFC 7118) is no way of sipp's: `transports` has it.
What a trunk's callers hear before the answer needs other settings, and has a house of its own. An INVITE too large for a datagram (RFC 3261
§18.1.1) is a matter of UDP: `transports` has it. A session that we refresh as who is called is refreshed after 45 s at the earliest (RFC 4028
§5), which is for no check of programs: the simulation has it."""
import socket, ssl
from functools import partial
from urllib.parse import unquote

from lib import sipp, trace
from lib.baresip import Phone
from lib.daemon import PASSWORD
from lib.people import Agent, Visitor
from lib.processes import expect, port, until
from lib.tunnel import Front

from .calls import sealed
from .menus import with_menus
from .prompts import CLOSED, again, never
from .scenarios import SIX
from .transports import authority, certificate

NUMBER, OTHER = "+4930900400", "+4930900401"
# What is asked for by a re-INVITE, and what the answer has: every direction (RFC 3264 §6.1), the hold of RFC 2543, another codec, and another address.
ANEW = (("sendonly", "0 8", "[media_ip]", "a=(recvonly|inactive)"), ("recvonly", "0 8", "[media_ip]", "a=(sendonly|inactive)"),
        ("inactive", "0 8", "[media_ip]", "a=inactive"), ("sendrecv", "8", "[media_ip]", "m=audio [1-9][0-9]* RTP/AVP 8"),
        ("sendrecv", "0", "127.0.0.7", "m=audio [1-9][0-9]* RTP/AVP 0"), ("sendrecv", "0", "0.0.0.0", "m=audio [1-9]"))


class Way:
    """A transport and a family by which sipp and Tandem reach each other, in both directions; the trunk is called by it."""

    def __init__(self, daemon, transport, six, **settings):
        self.daemon, self.transport, self.six = daemon, transport, six
        self.host = "[::1]" if six else "127.0.0.1"
        daemon.stop()
        daemon.secure = f"{self.host}:{port()}"
        # Many come at a time, to a machine that has other checks to do: nobody is turned away for that.
        daemon.env |= {"TANDEM_ADMISSION__WAIT": "0s", "TANDEM_SIP__LISTEN": f'["127.0.0.1:{daemon.sip}", "[::1]:{daemon.sip}"]',
                       "TANDEM_SIP__LISTEN_TLS": daemon.secure, "TANDEM_TRUNK__TEST__TARGET": f"{self.host}:{daemon.far}", "TANDEM_TRUNK__TEST__TRANSPORT": transport,
                       "TANDEM_SIP__AUTHORITY": str(daemon.folder / "ca.pem"), **settings}
        authority(daemon.folder, "ca")
        self.front = self._front() if transport == "tls" else None
        daemon.start()

    def _front(self):
        certificate(self.daemon.folder, "carrier", "ca", self.host.strip("[]"), "serverAuth")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.daemon.folder / "carrier.pem", self.daemon.folder / "carrier.key")
        return Front(context, self.daemon.far, self.host.strip("[]"))

    def call(self, scenario, *options, **named):
        """Starts a call into Tandem."""
        if self.transport != "tls":
            named["target"] = f"{self.host}:{self.daemon.sip}"
        return sipp.call(self.daemon, scenario, *(SIX if self.six else ()), *options, transport=self.transport, seconds=60, **named)

    def far(self, scenario, **named):
        """Starts what the trunk reaches."""
        number = port() if self.front else self.daemon.far
        side = sipp.Sipp(self.daemon.folder, scenario, *(SIX if self.six else ()), local=number, transport=self.transport, seconds=80, **named)
        if self.front:
            self.front.leads_to(number)
        until(lambda: self._taken(number), 10, f"{scenario} does not listen")
        return side

    def _taken(self, number):
        kind = socket.SOCK_DGRAM if self.transport == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET6 if self.six else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host.strip("[]"), number))
                return False
            except OSError:
                return True

    def named(self, message):
        """Expects that a request of Tandem came by this way."""
        via = message.header("via")
        expect(via.startswith(f"SIP/2.0/{'TCP' if self.front else self.transport.upper()} {self.host}:"), f"{message.first} came with Via {via}")


def reliable(call):
    first = next(m for m in call.messages() if m.by_tandem and m.first.startswith("SIP/2.0 182"))
    expect(first.header("require") == "100rel" and call.statuses("PRACK") == [200], f"182 is {first}, PRACK was answered {call.statuses('PRACK')}")


def cancelled_late(call):
    one(call)
    expect(call.statuses("CANCEL") in ([200], [481]) and call.statuses("BYE") == [200], f"the call was not kept: {call.statuses('CANCEL')}, {call.statuses('BYE')}")


def merged(call):
    # A refusal is of no interaction.
    trace.one_session(m for m in call.messages() if " 482 " not in m.first)


def challenged(call):
    first = call.statuses()[0]
    expect(first in (401, 407), f"an INVITE in anna's name was first answered {first}")


def network_out_of_order(call):
    leg = sealed(call.daemon, trace.one_session(call.messages()), legs=1)["legs"][0]
    expect((leg["end_kind"], leg["reason"]) == ("fault", "the network is out of order"), f"the record says {leg}")


def many_at_a_time(daemon, transport, six):
    """Nobody is there who serves them: each waits in the queue or a menu, and does what its scenario says."""
    with_menus(daemon)
    way = Way(daemon, transport, six)
    began, anna = way.call, ("-au", "anna", "-ap", PASSWORD)
    calls = [
        (began("caller-pracks"), reliable),
        (began("caller-refreshes"), lambda call: expect(call.statuses("UPDATE") == [200], f"UPDATE was answered {call.statuses('UPDATE')}")),
        (began("caller-is-too-quick"), lambda call: expect(call.statuses()[-1] == 422, f"it was answered {call.statuses()}")),
        (began("caller-holds"), one),
        (began("caller-takes-stream-out"), one),
        (began("caller-updates"), lambda call: expect(call.statuses("UPDATE") == [200, 488, 200], f"UPDATE was answered {call.statuses('UPDATE')}")),
        (began("caller-cancels-late"), cancelled_late),
        (began("caller-merges"), merged),
        (began("caller-went-too-far"), lambda call: expect(call.statuses()[-1] == 483, f"it was answered {call.statuses()}")),
        (began("caller-hangs-up", "-d", "300", words={"CSeq: 2 BYE": "CSeq: 2 BYE\n      Reason: Q.850;cause=38"}), network_out_of_order),
        (began("phone-calls-with-digest", *anna, "-key", "auth_user", "anna"), challenged),
        (began("register", *anna, service="anna"), lambda call: expect(call.statuses("REGISTER")[:2] == [401, 200], f"{call.statuses('REGISTER')}")),
        *((began("caller-keys-by-info", service="main", words={"FORM": form, "TEXT": text, "PAUSE": 1000}), one)
          for form, text in (("dtmf-relay", "Signal=2\n      Duration=160"), ("dtmf", "2"))),
        *((began("caller-offers-again", words=dict(zip(("DIRECTION", "FORMATS", "PLACE", "ANSWERED"), anew))), one)
          for anew in ANEW if not six or anew[2].startswith("[")),
    ]
    for call, told in calls:
        call.daemon = daemon
        told(call.done())
    until(lambda: daemon.metric("tandem_legs_live") == 0, 10, lambda: f"{daemon.metric('tandem_legs_live')} legs are left")
    expect(daemon.metric("tandem_sip_malformed_total") == 0, "something was not read")


def one(call):
    trace.one_session(call.messages())


class Desk:
    """Anna at her console and her phone, by a way."""

    def __init__(self, way, **agent):
        self.way, self.daemon = way, way.daemon
        self.phone = Phone(way.daemon.folder, "anna", way.daemon.address, 440)
        self.agent = Agent(way.daemon, "anna", **agent)

    def serves(self, call):
        """Returns the interaction of a call that she is in from now on."""
        mark = self.mark
        interaction = self.agent.contact(after=mark, seconds=20)["interaction"]
        self.agent.call("connected", after=mark)
        return interaction

    def begins(self, *args, **named):
        self.mark = self.agent.mark()
        return self.way.call(*args, **named)

    def ends(self, call, interaction, legs=2):
        """She hangs up, and the scenario came to its end; every message of it is of the interaction."""
        self.agent.ask("hang_up", interaction=interaction)
        self.over(call, interaction, legs)

    def over(self, call, interaction, legs=2):
        call.done()
        self.agent.change("released", interaction=interaction, after=self.mark)
        trace.one_session(call.messages(), interaction)
        return sealed(self.daemon, interaction, legs=legs)


def is_held(desk):
    """Theirs is refused as 491 when it meets ours, or ours by them, which is then made again; who refuses the hold is asked nothing more."""
    call = desk.begins("caller-refuses-hold")
    interaction = desk.serves(call)
    desk.agent.ask("hold", interaction=interaction, on=True)
    until(lambda: call.statuses_of_ours("INVITE") == [488], 15, lambda: f"it answered {call.statuses_of_ours('INVITE')}")
    desk.agent.ask("hold", interaction=interaction, on=False)
    desk.ends(call, interaction)
    for scenario, answered in (("caller-is-held", [491, 200]), ("caller-glares", [200])):
        call = desk.begins(scenario, apart=desk.way.transport == "tcp")
        interaction = desk.serves(call)
        desk.agent.ask("hold", interaction=interaction, on=True)
        until(lambda: call.statuses_of_ours("INVITE") == answered, 15, lambda: f"{scenario} answered {call.statuses_of_ours('INVITE')}")
        if scenario == "caller-is-held":
            desk.agent.ask("hold", interaction=interaction, on=False)
            until(lambda: call.statuses_of_ours("INVITE") == [491, 200, 200], 15, lambda: f"it answered {call.statuses_of_ours('INVITE')}")
        else:
            expect(call.statuses()[-1] == 491, f"what it offered meanwhile was answered {call.statuses()}")
        desk.ends(call, interaction)


def offers_late(desk):
    """Twice, and takes keys by INFO alone."""
    call = desk.begins("caller-offers-late", words={"FIRST": "[media_port]", "SECOND": "[media_port]"})
    interaction = desk.serves(call)
    desk.agent.ask("digits", interaction=interaction, digits="1")
    until(lambda: call.statuses().count(200) == 2, 20, lambda: f"the second INVITE was answered {call.statuses()}")
    desk.ends(call, interaction)


def names_itself(desk):
    """By User-to-User: the call is of the chat that it belongs to."""
    visitor, mark = Visitor(desk.daemon), desk.agent.mark()
    interaction = visitor.open("I have a question")
    desk.agent.contact(after=mark)
    call = desk.begins("caller-names-itself", words={"INTERACTION": interaction})
    visitor.call("connected", seconds=20)
    desk.agent.ask("hang_up", interaction=interaction)
    visitor.call("ended")
    visitor.ask("end")
    desk.over(call, interaction, legs=4)
    visitor.stop()


def transfers(desk, scenario, told):
    """By REFER; whom it names is called by the same way, and talks with anna then."""
    far = desk.way.far("callee-answers")
    call = desk.begins(scenario, apart=desk.way.transport == "tcp")
    interaction = desk.serves(call)
    call.done()
    moved = lambda: [leg["cause"] for leg in desk.daemon.record(interaction)["legs"] if not leg.get("ended_at")]
    until(lambda: moved() == ["outbound", told], 10, lambda: f"these are in the call: {moved()}")
    desk.agent.ask("hang_up", interaction=interaction)
    far.done()
    for side in (call, far):
        trace.one_session(side.messages(), interaction)
    desk.agent.change("released", interaction=interaction, after=desk.mark)
    sealed(desk.daemon, interaction, legs=3)
    return call, next(m for m in far.messages() if m.first.startswith("INVITE "))


def transfers_blind(desk):
    call, invite = transfers(desk, "caller-transfers", "transfer_blind")
    desk.way.named(invite)
    told = [m for m in call.messages() if m.by_tandem and m.first.startswith("NOTIFY ")]
    expect("terminated" in told[-1].header("subscription-state"), f"its subscription ended as {told[-1].header('subscription-state')}")


def transfers_attended(desk):
    """It names the call that is to be replaced, which we do not know, and wants no NOTIFY (RFC 4488)."""
    call, invite = transfers(desk, "caller-names-another", "transfer_attended")
    expect(invite.header("replaces") == "held@pbx.example;to-tag=theirs;from-tag=ours", f"Replaces is {invite.header('replaces')}")
    expect(not any(m.first.startswith("NOTIFY") for m in call.messages()), "it was told how it goes, and did not want to be")


def one_after_the_other(daemon, transport, six):
    """Anna serves them; the first takes its INVITE back while she is asked."""
    way = Way(daemon, transport, six, TANDEM_TRUNK__TEST__HOLD="signal")
    desk = Desk(way, accept=False)
    call = desk.begins("caller-cancels").done()
    interaction = trace.one_session(call.messages())
    expect(call.statuses("CANCEL") == [200] and call.statuses()[-1] == 487, f"INVITE was answered {call.statuses()}")
    desk.agent.change("offer_gone", interaction=interaction)
    sealed(daemon, interaction, legs=1)
    desk.agent.stop()
    desk.agent = Agent(daemon, "anna")
    for does in (is_held, offers_late, names_itself, transfers_blind, transfers_attended):
        does(desk)
    expect(daemon.metric("tandem_sip_malformed_total") == 0, "something was not read")


def before_the_answer(daemon, transport, six):
    """Who waits hears it so, and moves by PRACK and by UPDATE; who is turned away hears why, and is told 480."""
    again(daemon, {"closed": (CLOSED, 1)}, TANDEM_QUEUE__NIGHT__HOURS="never", **never(daemon))
    desk = Desk(Way(daemon, transport, six, TANDEM_TRUNK__TEST__EARLY_MEDIA="60s"), ready=False)
    turned = desk.begins("caller-hears-early", service="night")
    call = desk.begins("caller-moves-early", words={"FIRST": "[media_port]", "SECOND": "[media_port]", **short(1500, 2000)})
    until(lambda: call.statuses("UPDATE") == [488, 200, 200], 20, lambda: f"UPDATE was answered {call.statuses('UPDATE')}")
    expect(call.statuses("PRACK") == [200] and 200 not in call.statuses(), f"INVITE was answered {call.statuses()}")
    desk.agent.ask("presence", presence={"is": "ready"})
    desk.ends(call, desk.serves(call))
    turned.done()
    expect(turned.statuses()[-2:] == [183, 480] and turned.statuses("PRACK") == [200], f"INVITE was answered {turned.statuses()}")
    one(turned)


def short(*pauses):
    """Returns words by which pauses of a scenario are short, as nobody listens meanwhile."""
    return {f'pause milliseconds="{long}"': 'pause milliseconds="200"' for long in pauses}


class Chat(Desk):
    """The same, in a chat with a visitor whom she calls at the trunk."""

    def __init__(self, way):
        super().__init__(way)
        self.anew()

    def anew(self):
        """The next visitor comes."""
        mark, self.visitor = self.agent.mark(), Visitor(self.daemon)
        self.interaction = self.visitor.open("Please call me")
        self.agent.contact(after=mark)

    def dials(self, scenario, words=None, calls=1):
        """Anna calls; returns who is called, and what was sent there first."""
        far = self.way.far(scenario, words=words, calls=calls)
        self.mark = self.visitor.mark()
        self.agent.ask("escalate", interaction=self.interaction, number=NUMBER)
        invites = lambda: [m for m in far.messages() if m.by_tandem and m.first.startswith("INVITE ")]
        first = until(lambda: invites() and invites()[0], 20, lambda: f"{scenario} was not called: {self.visitor.frames[self.mark:]}")
        self.way.named(first)
        return far, first

    def state(self, state):
        return self.visitor.call(state, seconds=25, after=self.mark)["entry"]["call"]

    def hangs_up(self, far):
        """She hangs up when the call stands; every message there was of the interaction."""
        self.state("connected")
        self.agent.ask("hang_up", interaction=self.interaction)
        self.gone(far, "ended")

    def gone(self, far, state):
        self.state(state)
        far.done()
        trace.one_session(far.messages(), self.interaction)

    def leg(self):
        """Returns the last leg to whom was called."""
        return [leg for leg in self.daemon.record(self.interaction)["legs"] if leg["kind"] == "customer_phone"][-1]

    def handed_out(self):
        reasons = lambda: [leg["reason"] for leg in self.daemon.record(self.interaction)["legs"]]
        until(lambda: "the call was handed out" in reasons(), 10, lambda: f"the legs ended because of {reasons()}")


def is_told_of_the_interaction(chat):
    far, invite = chat.dials("callee-answers")
    told = invite.header("user-to-user")
    expect(told == f"{chat.interaction};encoding=hex", f"it was told {told!r}")
    expect(0 < int(invite.header("max-forwards")) <= 70, f"Max-Forwards is {invite.header('max-forwards')}")
    chat.hangs_up(far)


def moves_early(chat):
    """A reliable 183 with sound, and UPDATE before the answer."""
    far, invite = chat.dials("callee-moves-early", {"FIRST": "[media_port]", "SECOND": "[media_port]", **short(1500, 4000, 5000)})
    chat.hangs_up(far)
    prack = next(m for m in far.messages() if m.first.startswith("PRACK "))
    expect(prack.header("rack") == f"41 {invite.header('cseq')}", f"RAck is {prack.header('rack')}")
    expect(far.statuses("UPDATE") == [488, 200], f"UPDATE was answered {far.statuses('UPDATE')}")


def forks(chat):
    waits = {'<recv request="OPTIONS" timeout="60000"/>': '<pause milliseconds="300"/>'}
    far, _ = chat.dials("callee-forks", {"FIRST": "[media_port]", "SECOND": "[media_port]", **waits})
    chat.state("connected")
    told = lambda: [m.method for m in far.messages() if m.by_tandem and m.method in ("ACK", "BYE")]
    until(lambda: told() == ["ACK", "ACK", "BYE"], 20, lambda: f"the phones were told {told()}")
    chat.hangs_up(far)


def forwards(chat):
    far, _ = chat.dials("callee-forwards", {"NUMBER": "+4940111222"})
    chat.hangs_up(far)
    dialled = [m.first.split("@")[0] for m in far.messages() if m.first.startswith("INVITE ")]
    expect(dialled == [f"INVITE sip:{NUMBER}", "INVITE sip:+4940111222"], f"it dialled {dialled}")


def wants_longer(chat):
    far, _ = chat.dials("callee-wants-longer")
    chat.hangs_up(far)


def asks_who(chat):
    far, _ = chat.dials("callee-asks-who")
    chat.hangs_up(far)


def is_refreshed(chat):
    """By us, as the caller, and by UPDATE; `flows` has the same by re-INVITE, of who takes no UPDATE."""
    far, _ = chat.dials("callee-is-refreshed")
    until(lambda: far.statuses_of_ours("UPDATE") == [200], 10, lambda: f"it answered {far.statuses_of_ours('UPDATE')}")
    chat.hangs_up(far)


def refuses_with_a_cause(chat):
    far, _ = chat.dials("callee-refuses", {"CODE": 503, "REASON": "Service Unavailable\nReason: Q.850;cause=1"})
    chat.gone(far, "failed")
    leg = chat.leg()
    expect((leg["end_kind"], leg["reason"]) == ("unreachable", "the number is not assigned"), f"the record says {leg}")


def is_taken_back(chat):
    """While it rings, and as it answers, which is ended at once."""
    for scenario, last in (("callee-rings", "ACK"), ("callee-answers-the-cancel", "BYE")):
        far, _ = chat.dials(scenario)
        until(lambda: 180 in far.statuses_of_ours("INVITE"), 10, "it does not ring")
        chat.agent.ask("hang_up", interaction=chat.interaction)
        far.done()
        told = [m.method for m in far.messages() if m.by_tandem and not m.first.startswith("SIP/")]
        expect(told[1] == "CANCEL" and told[-1] == last, f"{scenario} was told {told}")
        chat.visitor.see("the end of the call", lambda frame: (frame.get("entry") or {}).get("call", {}).get("is") in ("ended", "failed"), after=chat.mark)


def takes_over(chat):
    """Asked by REFER, the trunk calls the number itself."""
    far, _ = chat.dials("callee-takes-over", {"NUMBER": "4940111222"})
    chat.state("connected")
    chat.agent.ask("transfer", interaction=chat.interaction, to={"number": "+4940111222"})
    far.done()
    chat.handed_out()


def connects(chat):
    """The number that anna asked first with whom she called, by REFER with Replaces."""
    far, _ = chat.dials("callee-connects", calls=2)
    chat.state("connected")
    mark = chat.agent.mark()
    chat.agent.ask("consult", interaction=chat.interaction, to={"number": "+4940111222"})
    joined = lambda frame: (((frame.get("change") or {}).get("contact") or {}).get("consult") or {}).get("joined")
    chat.agent.see("the number's answer", joined, after=mark)
    chat.agent.ask("complete", interaction=chat.interaction)
    far.done()
    trace.one_session(far.messages(), chat.interaction)
    first, second = [m for m in far.messages() if m.first.startswith("INVITE ")]
    refer = next(m for m in far.messages() if m.first.startswith("REFER "))
    expect(refer.header("call-id") == first.header("call-id"), "another call than the customer's was referred")
    to = unquote(refer.header("refer-to"))
    expect(f"Replaces={second.header('call-id')};" in to and to.startswith("<sip:uas@"), f"Refer-To is {to}")
    chat.handed_out()


def hangs_up_with_a_cause(chat):
    far, _ = chat.dials("callee-hangs-up", {"CSeq: 1 BYE": "CSeq: 1 BYE\n      Reason: Q.850;cause=38"})
    chat.gone(far, "ended")
    expect((chat.leg()["end_kind"], chat.leg()["reason"]) == ("fault", "the network is out of order"), f"the record says {chat.leg()}")


def whom_anna_calls(daemon, transport, six):
    way = Way(daemon, transport, six, TANDEM_TRANSFER__NUMBERS='["+4940*"]', TANDEM_TRUNK__TEST__USER="trunk1",
              TANDEM_TRUNK__TEST__PASSWORD="trunk-pw", TANDEM_TRUNK__TEST__REFER="true")
    chat = Chat(way)
    for does in (is_told_of_the_interaction, moves_early, forks, forwards, wants_longer, asks_who, is_refreshed, refuses_with_a_cause,
                 hangs_up_with_a_cause, is_taken_back):
        does(chat)
    for hands_it_out in (takes_over, connects):
        chat.anew()
        hands_it_out(chat)
    if way.front:
        expect(set(way.front.versions) == {"TLSv1.3"}, f"it went by {way.front.versions}")
    expect(daemon.metric("tandem_sip_malformed_total") == 0, "something was not read")


def named(check, name, **way):
    made = partial(check, **way)
    made.__name__ = f"{check.__name__}_by_{name}"
    return made


CHECKS = [named(check, name, transport=transport, six=six) for name, transport, six in
          (("udp", "udp", False), ("tcp", "tcp", False), ("tls", "tls", False), ("udp_and_ipv6", "udp", True), ("tcp_and_ipv6", "tcp", True),
           ("tls_and_ipv6", "tls", True))
          for check in (many_at_a_time, one_after_the_other, before_the_answer, whom_anna_calls)]
