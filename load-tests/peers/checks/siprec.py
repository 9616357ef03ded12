"""Recordings that are sent to a recorder outside (SIPREC): who speaks is known by the frequency of each stream, and by the metadata."""
import socket, ssl, time
from pathlib import Path

from lib import sipp
from lib.baresip import Phone
from lib.people import Agent
from lib.processes import expect, port, until
from lib.recorder import Recorder

from .recordings import call
from .transports import authority, certificate
from .transfers import ANNA, BEN, CUSTOMER, of_ben

CALLER, AGENT, OTHER = "4930900100", "anna", "ben"


def begin(daemon, ports, rule="always", **siprec):
    """Starts Tandem with recorders at these ports; what else is said of [siprec], and of the first trunk by trunk_."""
    daemon.stop()
    daemon.env |= {"TANDEM_QUEUE__SUPPORT__RECORDING": rule, "TANDEM_RECORDING__ANNOUNCEMENT": "[]", "TANDEM_RECORDING__REFUSAL": "false", "TANDEM_RECORDING__FORMAT": "wav",
                   "TANDEM_SIPREC__SERVERS": str([f"rec{n}" for n in range(len(ports))]).replace("'", '"')}
    for n, number in enumerate(ports):
        daemon.env |= {f"TANDEM_TRUNK__REC{n}__TARGET": f"127.0.0.1:{number}", f"TANDEM_TRUNK__REC{n}__TRUSTED": "true"}
    for key, value in siprec.items():
        name = f"TANDEM_TRUNK__REC0__{key[6:]}" if key.startswith("trunk_") else f"TANDEM_SIPREC__{key}"
        daemon.env[name.upper()] = str(value)
    daemon.start()


def listed(daemon, interaction):
    return daemon.record(interaction, agent="sam")["recordings"]


def user(aor):
    return (aor or "").removeprefix("sip:").split("@")[0]


def both(recorder):
    """Waits until both are sent, each on the stream that the metadata says is theirs; returns the labels."""
    active = lambda lines, told: [line["direction"] for line in lines] == ["sendonly"] * 2
    lines, told, invite = recorder.told("two streams", active)
    labels = {user(told.sender(line["label"])): line["label"] for line in lines}
    return labels, told, invite


def ends(daemon, recorder, customer, interaction):
    """The customer hangs up; the recorder is told so, once, with the last metadata."""
    customer.command("hangup")
    _, last, bye = recorder.told("the end", lambda _, told: told.stopped, method="BYE")
    # One that was given up before it was answered gets a BYE too.
    times = sum(one.get("call-id") == bye.get("call-id") for one in recorder.all("BYE"))
    expect(last.interaction == interaction and times == 1, f"{times} times BYE, of {last.interaction}")
    expect(bye.get("content-disposition") == "recording-session", f"BYE has {bye.get('content-disposition')}")
    expect(last.left() == set(last.aor.values()), "somebody has not left")
    ended = lambda: (listed(daemon, interaction)[0]["recorders"] or [{}])[-1].get("closed_at")
    until(ended, 10, lambda: f"the record does not say that it ended: {listed(daemon, interaction)}")
    recorder.silent()


def both_voices_are_sent_with_who_they_are(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number], files="false")
    anna, customer, agent, interaction = call(daemon)
    labels, told, invite = both(recorder)
    expect(invite.get("require") == "siprec" and invite.get("contact").endswith(";+sip.src"), f"{invite.headers}")
    expect(invite.first.startswith("INVITE sip:record@127.0.0.1"), invite.first)
    expect(invite.get("x-interaction-id") == interaction == told.interaction, f"it is of {told.interaction}")
    expect(invite.get("session-id").startswith(interaction), invite.get("session-id"))
    expect(set(labels) == {CALLER, AGENT}, f"they are {told.aor}")
    for who, hertz, other in ((CALLER, CUSTOMER, ANNA), (AGENT, ANNA, CUSTOMER)):
        recorder.hears(labels[who], hertz)
        expect(not any(recorder.shares(labels[who], other, 0)), f"{other} Hz is on the stream of {who}")
    found = listed(daemon, interaction)[0]
    expect([one["recorder"] for one in found["recorders"]] == ["rec0"] and not found["unsent"], f"the record says {found}")
    agent.ask("hold", interaction=interaction, on=True)
    rests = lambda lines, told: sorted(line["direction"] for line in lines) == ["inactive", "sendonly"]
    _, held, _ = recorder.told("hold", rests)
    expect(not held.left() and held.sender(labels[AGENT]) is None and user(held.sender(labels[CALLER])) == CALLER, f"{held.streams}")
    recorder.silent(labels={labels[AGENT]})
    recorder.hears(labels[CALLER], CUSTOMER)
    agent.ask("hold", interaction=interaction, on=False)
    until(lambda: len(recorder.all("INVITE")) == 3, 10, "nobody told that it goes on")
    both(recorder)
    recorder.hears(labels[AGENT], ANNA)
    ends(daemon, recorder, customer, interaction)
    expect(not list(Path(daemon.folder).rglob("recordings/*/*")), "there is a file, and none was wanted")
    expect(daemon.metric("tandem_recording_steps_total", step="recorder_opened") == 1, "it is not counted")


def a_pause_for_card_data_sends_nothing(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number])
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    recorder.hears(labels[CALLER], CUSTOMER)
    agent.ask("record", interaction=interaction, act="pause")
    rests = lambda lines, told: {line["direction"] for line in lines} == {"inactive"} and not any(sent for sent, _ in told.streams.values())
    recorder.told("a pause", rests)
    recorder.silent()
    agent.ask("record", interaction=interaction, act="resume")
    until(lambda: len(recorder.all("INVITE")) == 3, 10, "nobody told that it goes on")
    hears_both(recorder, labels)
    ends(daemon, recorder, customer, interaction)
    until(lambda: listed(daemon, interaction)[0].get("sha512"), 15, "the file beside is not there")


def a_transfer_names_who_came_and_who_left(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number])
    ben, other = Phone(daemon.folder, "ben", daemon.address, BEN), Agent(daemon, "ben", ready=False)
    anna, customer, agent, interaction = call(daemon)
    labels, first, _ = both(recorder)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    recorder.silent(labels={labels[AGENT]})
    agent.ask("complete", interaction=interaction)
    customer.hears(BEN)
    of_ben(daemon, interaction)
    came = lambda lines, told: any(user(told.sender(line["label"])) == OTHER for line in lines) and told.left()
    lines, told, _ = recorder.told("who came", came)
    expect({user(aor) for aor in told.left()} == {AGENT}, f"left: {told.left()}")
    same = lambda told: {user(aor): who for who, aor in told.aor.items()}
    expect(same(told)[CALLER] == same(first)[CALLER] and told.session.get("session_id") == first.session.get("session_id"), "names change")
    label = next(line["label"] for line in lines if user(told.sender(line["label"])) == OTHER)
    expect(label not in labels.values(), "the label was somebody else's")
    recorder.hears(label, BEN)
    recorder.hears(labels[CALLER], CUSTOMER)
    ends(daemon, recorder, customer, interaction)


def who_joins_a_conference_has_a_stream_more(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number])
    ben, other = Phone(daemon.folder, "ben", daemon.address, BEN), Agent(daemon, "ben", ready=False)
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    agent.ask("consult", interaction=interaction, to={"agent": "ben"})
    ben.hears(ANNA)
    agent.ask("conference", interaction=interaction)
    three = lambda lines, told: [line["direction"] for line in lines] == ["sendonly"] * 3
    lines, told, _ = recorder.told("three streams", three)
    named = {user(told.sender(line["label"])): line["label"] for line in lines}
    expect(set(named) == {CALLER, AGENT, OTHER} and labels.items() <= named.items(), f"they are {named}, and were {labels}")
    for who, hertz in ((CALLER, CUSTOMER), (AGENT, ANNA), (OTHER, BEN)):
        recorder.hears(named[who], hertz)
        others = {CUSTOMER, ANNA, BEN} - {hertz}
        expect(not any(any(recorder.shares(named[who], other, time.monotonic() - 1)) for other in others), f"others are on the stream of {who}")
    ben.command("hangup")
    left = lambda lines, told: OTHER in {user(aor) for aor in told.left()}
    recorder.told("who left", left)
    recorder.silent(labels={named[OTHER]})
    ends(daemon, recorder, customer, interaction)


def the_next_one_has_it_when_the_first_is_dead_or_refuses(daemon):
    dead, refuses, takes = port(), Recorder(port(), code=503), Recorder(port())
    begin(daemon, [dead, refuses.number, takes.number], answer="1s")
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(takes)
    takes.hears(labels[CALLER], CUSTOMER)
    expect(len(refuses.all("INVITE")) == 1, "the second was not asked")
    found = listed(daemon, interaction)[0]
    expect([one["recorder"] for one in found["recorders"]] == ["rec2"], f"the record says {found}")
    # It leaves, and the others are still as they were.
    takes.send("BYE")
    until(lambda: len(takes.all("INVITE")) == 2, 15, "it was not asked again")
    expect(takes.all("INVITE")[0].get("call-id") != takes.all("INVITE")[1].get("call-id"), "it is the same call")
    until(lambda: len(listed(daemon, interaction)[0]["recorders"]) == 2, 10, lambda: f"{listed(daemon, interaction)}")
    both(takes)
    ends(daemon, takes, customer, interaction)


def without_any_the_call_goes_on_and_they_are_asked_again(daemon):
    numbers = [port(), port()]
    begin(daemon, numbers, files="false", answer="1s")
    # An alert on an increase sees the first failure only if there was something to increase from.
    expect('tandem_recording_steps_total{step="recorder_failed"} 0' in daemon.metrics(), "failures do not begin at none")
    anna, customer, agent, interaction = call(daemon)
    reason = until(lambda: listed(daemon, interaction) and listed(daemon, interaction)[0]["unsent"], 15, "the record does not say so")
    expect("rec0: " in reason and "rec1: " in reason, f"it says {reason}")
    expect(daemon.metric("tandem_recording_steps_total", step="recorder_failed") >= 1, "it is not counted")
    customer.hears(ANNA), anna.hears(CUSTOMER)
    late = Recorder(numbers[1])
    labels, *_ = both(late)
    late.hears(labels[AGENT], ANNA)
    ends(daemon, late, customer, interaction)


def a_call_that_must_be_recorded_ends_without(daemon):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        begin(daemon, [silent.getsockname()[1]], unreachable="hang_up", answer="1s")
        anna, customer, agent, interaction = call(daemon)
        agent.call("ended", seconds=20)
    legs = until(lambda: all(leg["ended_at"] for leg in daemon.record(interaction)["legs"]) and daemon.record(interaction)["legs"], 10, "legs are left")
    expect(any("must be recorded" in str(leg) for leg in legs), f"the record does not say why: {legs}")


def a_recorder_may_challenge_and_move(daemon):
    recorder = Recorder(port(), formats="0", password="open sesame")
    begin(daemon, [recorder.number], trunk_user="tandem", trunk_password="open sesame")
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    expect(len(recorder.all("INVITE")) == 2, "it was not challenged once")
    # It takes µ-law alone.
    recorder.hears(labels[CALLER], CUSTOMER)
    expect({data[1] & 127 for _, data in recorder.packets[labels[CALLER]]} == {0}, "it is not what was agreed")
    wrong = recorder.send("INVITE", recorder.sdp(["recvonly", "recvonly"]).split("m=audio")[0] + "m=audio 9 RTP/AVP 0\r\n")
    expect(wrong.code == 488, f"an offer with a stream less was answered {wrong.code}")
    # It may let the agent's stream rest, where a call need not be recorded.
    ways = ["recvonly" if line["label"] == labels[CALLER] else "inactive" for line in recorder.lines]
    moved = recorder.send("INVITE", recorder.sdp(ways))
    expect(moved.code == 200 and "a=inactive" in moved.body and "a=sendonly" in moved.body, f"{moved.code} {moved.body}")
    other = recorder.lines[ways.index("inactive")]["label"]
    recorder.silent(labels={other})
    expect(recorder.send("INVITE", recorder.sdp(["recvonly", "recvonly"])).code == 200, "it was not answered")
    recorder.hears(other, ANNA)
    ends(daemon, recorder, customer, interaction)


def one_that_lets_the_customers_stream_rest_has_the_call_still(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number], files="false")
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    recorder.hears(labels[CALLER], CUSTOMER)
    own = lambda way: [way if line["label"] == labels[CALLER] else "recvonly" for line in recorder.lines]
    steps = lambda: [it["details"].get("on") for it in daemon.record(interaction)["happenings"] if it["details"].get("step") == "recorder_rests"]
    expect(recorder.send("INVITE", recorder.sdp(own("inactive"))).code == 200, "it was not answered")
    until(lambda: steps() == [True], 10, lambda: f"the record says {steps()}")
    agent.see("a pause", lambda frame: "'recording': 'paused'" in str(frame))
    recorder.silent(labels={labels[CALLER]})
    recorder.hears(labels[AGENT], ANNA)
    # A change of ours leaves it at rest.
    agent.ask("hold", interaction=interaction, on=True)
    recorder.told("hold", lambda lines, told: {line["direction"] for line in lines} == {"inactive"})
    agent.ask("hold", interaction=interaction, on=False)
    recorder.told("the end of the hold", lambda lines, told: {line["label"] for line in lines if line["direction"] == "sendonly"} == {labels[AGENT]})
    recorder.silent(labels={labels[CALLER]})
    expect(recorder.send("INVITE", recorder.sdp(own("recvonly"))).code == 200, "it was not answered")
    recorder.hears(labels[CALLER], CUSTOMER)
    until(lambda: steps() == [True, False], 10, lambda: f"the record says {steps()}")
    expect(not recorder.all("BYE") and len({one.get("call-id") for one in recorder.all("INVITE")}) == 1, "it was left")
    ends(daemon, recorder, customer, interaction)


def one_that_lets_the_customers_stream_rest_which_must_be_recorded_is_left(daemon):
    recorder = Recorder(port())
    begin(daemon, [recorder.number], unreachable="hang_up")
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    ways = ["inactive" if line["label"] == labels[CALLER] else "recvonly" for line in recorder.lines]
    expect(recorder.send("INVITE", recorder.sdp(ways)).code == 200, "it was not answered")
    until(lambda: recorder.all("BYE"), 10, "it has the call, and records nothing of the customer")
    told = lambda: listed(daemon, interaction)[0]["recorders"]
    until(lambda: "it does not take every stream" in str(told()), 10, lambda: f"the record does not say why: {told()}")


def one_that_answers_in_a_reliable_response_has_it(daemon):
    """RFC 3262: its 183 is acknowledged by PRACK and is its answer; its 200 has none."""
    recorder = Recorder(port(), early=True)
    begin(daemon, [recorder.number])
    anna, customer, agent, interaction = call(daemon)
    labels, _, invite = both(recorder)
    expect("100rel" in invite.get("supported"), f"it supports {invite.get('supported')}")
    hears_both(recorder, labels)
    prack = recorder.all("PRACK")
    expect([one.get("rack") for one in prack] == [f"1 {invite.get('cseq')}"], f"PRACK has {[one.get('rack') for one in prack]}")
    told_of_hold(agent, interaction, recorder)
    ends(daemon, recorder, customer, interaction)


def offers_that_meet_are_both_refused_and_made_again(daemon):
    """sipp is the recorder, and sends its re-INVITE while ours is open."""
    number = port()
    recorder = sipp.Sipp(daemon.folder, "recorder-offers-too", local=number)
    begin(daemon, [number])
    anna, customer, agent, interaction = call(daemon)
    until(lambda: listed(daemon, interaction) and listed(daemon, interaction)[0]["recorders"], 10, "the recorder was not called")
    agent.ask("hold", interaction=interaction, on=True)
    offers = lambda: [m for m in recorder.messages() if m.by_tandem and m.first.startswith("INVITE ")]
    until(lambda: len({m.header("cseq") for m in offers()}) == 3, 15, lambda: f"it was not tried again: {recorder.statuses()}")
    expect(recorder.statuses() == [491], f"what the recorder offered meanwhile was answered {recorder.statuses()}")
    last = (recorder.folder / "messages.log").read_text().rsplit("\nINVITE sip:srs@", 1)[1]
    expect("a=inactive" in last, "the second try does not say that the agent is on hold")
    found = listed(daemon, interaction)[0]["recorders"]
    expect(len(found) == 1 and not found[0].get("closed_at"), f"the recorder was left: {found}")
    customer.command("hangup")
    recorder.done()


def hears_both(recorder, labels):
    for who, hertz in ((CALLER, CUSTOMER), (AGENT, ANNA)):
        recorder.hears(labels[who], hertz)


def told_of_hold(agent, interaction, recorder):
    agent.ask("hold", interaction=interaction, on=True)
    recorder.told("hold", lambda lines, told: sorted(line["direction"] for line in lines) == ["inactive", "sendonly"])


def goes_on_after_a_hold(agent, interaction, recorder, labels):
    told_of_hold(agent, interaction, recorder)
    agent.ask("hold", interaction=interaction, on=False)
    until(lambda: len(recorder.all("INVITE")) == 3, 10, "nobody told that it goes on")
    recorder.hears(labels[AGENT], ANNA)


def over_tcp_it_is_sealed_where_that_is_demanded(daemon):
    recorder = Recorder(port(), tcp=True, keys=True)
    daemon.env["TANDEM_RTP__SDES_IN_CLEAR"] = "true"
    begin(daemon, [recorder.number], trunk_transport="tcp", trunk_srtp="require")
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    hears_both(recorder, labels)
    goes_on_after_a_hold(agent, interaction, recorder, labels)
    ends(daemon, recorder, customer, interaction)
    expect(len(recorder.streams) == 1, f"{len(recorder.streams)} connections were used")


def who_takes_no_keys_is_left_for_the_next(daemon):
    """The first answers as if it had not seen that keys are demanded."""
    plain, takes = Recorder(port()), Recorder(port(), keys=True)
    daemon.env |= {"TANDEM_RTP__SDES_IN_CLEAR": "true", "TANDEM_TRUNK__REC0__SRTP": "require", "TANDEM_TRUNK__REC1__SRTP": "require"}
    begin(daemon, [plain.number, takes.number])
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(takes)
    takes.hears(labels[CALLER], CUSTOMER)
    expect(len(plain.all("INVITE")) == 1 and not plain.packets, "the first was sent something")
    found = listed(daemon, interaction)[0]
    expect([one["recorder"] for one in found["recorders"]] == ["rec1"], f"the record says {found}")
    ends(daemon, takes, customer, interaction)


def proving(daemon, signer, name):
    """A certificate for this address and how TLS shows it; it is signed by `signer`, of whom the checks know how to make one."""
    if not (daemon.folder / f"{signer}.pem").exists():
        authority(daemon.folder, signer)
    certificate(daemon.folder, name, signer, "127.0.0.1", "serverAuth")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(daemon.folder / f"{name}.pem", daemon.folder / f"{name}.key")
    return tls


def over_tls_keys_are_told_and_the_recorder_proves_who_it_is(daemon):
    """The first shows a certificate that nobody trusted signed."""
    foreign, takes = Recorder(port(), tls=proving(daemon, "other", "foreign")), Recorder(port(), tls=proving(daemon, "ca", "known"), keys=True)
    daemon.env["TANDEM_SIP__AUTHORITY"] = str(daemon.folder / "ca.pem")
    for n in range(2):
        daemon.env |= {f"TANDEM_TRUNK__REC{n}__TRANSPORT": "tls", f"TANDEM_TRUNK__REC{n}__SRTP": "require"}
    begin(daemon, [foreign.number, takes.number])
    anna, customer, agent, interaction = call(daemon)
    labels, _, invite = both(takes)
    expect(invite.get("via").startswith("SIP/2.0/TLS "), f"it came with Via {invite.get('via')}")
    hears_both(takes, labels)
    expect(foreign.unproved and not foreign.requests, f"the first was told {[one.first for one in foreign.requests]}, {foreign.unproved}")
    found = listed(daemon, interaction)[0]["recorders"]
    expect([one["recorder"] for one in found] == ["rec1"], f"the record says {found}")
    told_of_hold(agent, interaction, takes)
    ends(daemon, takes, customer, interaction)
    expect(len(takes.streams) == 1, f"{len(takes.streams)} connections were used")


def one_that_does_not_prove_itself_has_nothing_and_the_record_says_so(daemon):
    foreign = Recorder(port(), tls=proving(daemon, "other", "foreign"))
    authority(daemon.folder, "ca")
    daemon.env["TANDEM_SIP__AUTHORITY"] = str(daemon.folder / "ca.pem")
    begin(daemon, [foreign.number], trunk_transport="tls")
    anna, customer, agent, interaction = call(daemon)
    reason = until(lambda: listed(daemon, interaction) and listed(daemon, interaction)[0]["unsent"], 15, "the record does not say so")
    expect(reason.startswith("rec0: "), f"it says {reason}")
    expect("TLS to a SIP peer did not begin" in daemon.process.text(), "the log does not say why")
    customer.hears(ANNA), anna.hears(CUSTOMER)
    expect(foreign.unproved and not foreign.requests, "it was told something")


def by_handshake(daemon, count=1):
    """Keys that are made beside the voice are demanded of so many recorders."""
    daemon.env["TANDEM_RTP__SRTP_KEYS"] = '["dtls"]'
    for n in range(count):
        daemon.env[f"TANDEM_TRUNK__REC{n}__SRTP"] = "require"


def handshakes(daemon, how):
    recorder = Recorder(port(), shakes=how, folder=daemon.folder)
    by_handshake(daemon)
    begin(daemon, [recorder.number])
    anna, customer, agent, interaction = call(daemon)
    labels, *_ = both(recorder)
    hears_both(recorder, labels)
    goes_on_after_a_hold(agent, interaction, recorder, labels)
    # It offers itself, and what was agreed on stays.
    answer = recorder.send("INVITE", recorder.sdp(["recvonly", "recvonly"]))
    expect(answer.code == 200 and answer.body.count("a=fingerprint:sha-256") in (1, 2), f"it was answered {answer.code} {answer.body}")
    recorder.hears(labels[CALLER], CUSTOMER)
    ends(daemon, recorder, customer, interaction)


def a_recorder_may_begin_a_handshake(daemon):
    handshakes(daemon, "active")


def a_recorder_may_wait_for_a_handshake(daemon):
    handshakes(daemon, "passive")


def a_handshake_that_fails_leaves_the_call_unharmed(daemon):
    """One shows another certificate than it named, the other never begins."""
    folders = [daemon.folder / name for name in ("liar", "mute")]
    for folder in folders:
        folder.mkdir()
    liar = Recorder(port(), shakes="passive", shown=":".join(["AB"] * 32), folder=folders[0])
    mute = Recorder(port(), shakes="never", folder=folders[1])
    by_handshake(daemon, count=2)
    begin(daemon, [liar.number, mute.number])
    anna, customer, agent, interaction = call(daemon)
    reason = until(lambda: listed(daemon, interaction) and listed(daemon, interaction)[0]["unsent"], 50, "the record does not say so")
    expect(reason.count("no keys came of the handshake") == 2 and "rec0: " in reason and "rec1: " in reason, f"it says {reason}")
    for one in (liar, mute):
        expect(len(one.all("INVITE")) == 1 and not one.packets, f"it was sent {one.packets.keys()}")
        until(lambda: one.all("BYE"), 5, "it was not hung up")
    customer.hears(ANNA), anna.hears(CUSTOMER)
    customer.command("hangup")
    agent.change("released", interaction=interaction)


def one_that_begins_with_another_certificate_is_left_at_once(daemon):
    """Nobody waits for the end of the time that a handshake has."""
    folders = [daemon.folder / name for name in ("liar", "honest")]
    for folder in folders:
        folder.mkdir()
    liar = Recorder(port(), shakes="active", shown=":".join(["AB"] * 32), folder=folders[0])
    honest = Recorder(port(), shakes="active", folder=folders[1])
    by_handshake(daemon, count=2)
    begin(daemon, [liar.number, honest.number])
    anna, customer, agent, interaction = call(daemon)
    until(lambda: liar.all("BYE"), 10, "it was not hung up")
    until(lambda: honest.all("INVITE"), 5, "the next was not called")
    labels, *_ = both(honest)
    hears_both(honest, labels)
    expect(not liar.packets, f"it was sent {liar.packets.keys()}")
    ends(daemon, honest, customer, interaction)


CHECKS = [
    both_voices_are_sent_with_who_they_are,
    a_pause_for_card_data_sends_nothing,
    a_transfer_names_who_came_and_who_left,
    who_joins_a_conference_has_a_stream_more,
    the_next_one_has_it_when_the_first_is_dead_or_refuses,
    without_any_the_call_goes_on_and_they_are_asked_again,
    a_call_that_must_be_recorded_ends_without,
    a_recorder_may_challenge_and_move,
    one_that_lets_the_customers_stream_rest_has_the_call_still,
    one_that_lets_the_customers_stream_rest_which_must_be_recorded_is_left,
    one_that_answers_in_a_reliable_response_has_it,
    offers_that_meet_are_both_refused_and_made_again,
    over_tcp_it_is_sealed_where_that_is_demanded,
    who_takes_no_keys_is_left_for_the_next,
    over_tls_keys_are_told_and_the_recorder_proves_who_it_is,
    one_that_does_not_prove_itself_has_nothing_and_the_record_says_so,
    a_recorder_may_begin_a_handshake,
    a_recorder_may_wait_for_a_handshake,
    a_handshake_that_fails_leaves_the_call_unharmed,
    one_that_begins_with_another_certificate_is_left_at_once,
]
