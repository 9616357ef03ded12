"""sipp as the carrier that calls in: every way a call can go, with the answers and the Session-ID of every leg."""
from lib import sipp, trace
from lib.baresip import Phone
from lib.loss import Loss
from lib.people import Agent
from lib.processes import expect, until


def scene(daemon, **agent):
    """Puts anna at a console that accepts, with a baresip that answers."""
    phone = Phone(daemon.folder, "anna", daemon.address, 440)
    return Agent(daemon, "anna", **agent), phone


def sealed(daemon, interaction, legs):
    """Waits until the record is sealed; returns it."""
    def found():
        record = daemon.record(interaction)
        return record if record.get("sealed_at") else None
    record = until(found, 10, lambda: f"the record was not sealed: {daemon.record(interaction)}")
    expect(len(record["legs"]) == legs, f"the record has {len(record['legs'])} legs, not {legs}: {record['legs']}")
    expect(all(leg.get("ended_at") for leg in record["legs"]), f"a leg of the sealed record has no end: {record['legs']}")
    return record


def one_id(call, phone, interaction):
    """Checks that both legs carried the interaction's ID in every message."""
    trace.one_session(call.messages(), interaction)
    trace.one_session(trace.baresip(phone.process.text(), phone.sip), interaction)


def answered(daemon, transport):
    agent, phone = scene(daemon)
    call = sipp.call(daemon, "caller-hangs-up", "-d", "1500", transport=transport)
    interaction = agent.contact()["interaction"]
    call.done()
    expect(200 in call.statuses(), f"no 200 to the INVITE: {call.statuses()}")
    agent.change("released", interaction=interaction)
    record = sealed(daemon, interaction, legs=2)
    expect(record["channel"] == "voice", f"the channel is {record['channel']}")
    one_id(call, phone, interaction)


def an_answered_call_over_udp(daemon):
    answered(daemon, "udp")


def an_answered_call_over_tcp(daemon):
    answered(daemon, "tcp")


def cancelled(daemon, transport):
    agent, _ = scene(daemon, accept=False)
    call = sipp.call(daemon, "caller-cancels", transport=transport).done()
    interaction = trace.one_session(call.messages())
    expect(487 in call.statuses(), f"INVITE was answered {call.statuses()}, not 487")
    expect(call.statuses("CANCEL") == [200], f"CANCEL was answered {call.statuses('CANCEL')}")
    agent.change("offer_gone", interaction=interaction)
    sealed(daemon, interaction, legs=1)


def the_caller_cancels_while_an_agent_is_asked_over_udp(daemon):
    cancelled(daemon, "udp")


def the_caller_cancels_while_an_agent_is_asked_over_tcp(daemon):
    cancelled(daemon, "tcp")


def the_caller_gives_up_while_waiting_in_the_queue(daemon):
    call = sipp.call(daemon, "caller-hangs-up", "-d", "1000").done()
    expect(182 in call.statuses(), f"no 182 with the place in the queue: {call.statuses()}")
    interaction = trace.one_session(call.messages())
    sealed(daemon, interaction, legs=1)
    expect(daemon.metric("tandem_queue_waiting") == 0, "the queue is not empty after the caller left")


def a_waiting_caller_is_served_when_an_agent_comes(daemon):
    call = sipp.call(daemon, "caller-hangs-up", "-d", "5000")
    until(lambda: 200 in call.statuses(), 10, "the waiting caller was not answered")
    agent, phone = scene(daemon)
    interaction = agent.contact()["interaction"]
    until(lambda: phone.recordings(), 10, "the agent's phone was not connected")
    call.done()
    agent.change("released", interaction=interaction)
    sealed(daemon, interaction, legs=2)
    one_id(call, phone, interaction)


def released(daemon, transport):
    agent, phone = scene(daemon)
    call = sipp.call(daemon, "agent-hangs-up", transport=transport)
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    agent.ask("hang_up", interaction=interaction)
    call.done()
    sealed(daemon, interaction, legs=2)
    one_id(call, phone, interaction)


def the_agent_hangs_up_over_udp(daemon):
    released(daemon, "udp")


def the_agent_hangs_up_over_tcp(daemon):
    released(daemon, "tcp")


def the_agents_phone_hangs_up(daemon):
    agent, phone = scene(daemon)
    call = sipp.call(daemon, "agent-hangs-up")
    interaction = agent.contact()["interaction"]
    agent.call("connected")
    phone.command("hangup")
    call.done()
    sealed(daemon, interaction, legs=2)


def held(daemon, transport, *options, **named):
    agent, phone = scene(daemon)
    call = sipp.call(daemon, "caller-holds", *options, transport=transport, **named)
    interaction = agent.contact()["interaction"]
    call.done()
    expect(call.statuses().count(200) >= 3, f"three INVITEs were answered {call.statuses()}")
    sealed(daemon, interaction, legs=2)
    one_id(call, phone, interaction)
    return call


def hold_and_resume_by_re_invite_over_udp(daemon):
    held(daemon, "udp")


def hold_and_resume_by_re_invite_over_tcp(daemon):
    held(daemon, "tcp")


def options_tells_what_is_understood(daemon):
    for transport in ("udp", "tcp"):
        sipp.call(daemon, "options", transport=transport).done()


def an_unknown_number_is_refused(daemon):
    call = sipp.call(daemon, "caller-hangs-up", service="nobody")
    call.process.wait(20)
    expect(call.statuses()[-1:] == [404], f"a number nobody has was answered {call.statuses()}")


def a_tenth_of_all_datagrams_is_lost(daemon):
    agent, _ = scene(daemon)
    host, _, number = daemon.address.rpartition(":")
    loss = Loss((host, int(number)), 0.1, seed=7)
    calls = []
    try:
        for _ in range(5):
            call = sipp.call(daemon, "caller-hangs-up", "-d", "300", target=f"127.0.0.1:{loss.port}", seconds=60).done()
            # The next caller finds the agent free.
            agent.change("released", seconds=40, interaction=trace.one_session(call.messages()))
            calls.append(call)
    finally:
        loss.stop()
    expect(loss.lost > 0, f"seed 7: nothing was lost of {loss.passed}")
    ids = {trace.one_session(call.messages()) for call in calls}
    expect(len(ids) == len(calls), f"seed 7: {len(calls)} calls made {len(ids)} interactions")
    for interaction in ids:
        sealed(daemon, interaction, legs=2)


CHECKS = [
    an_answered_call_over_udp,
    an_answered_call_over_tcp,
    the_caller_cancels_while_an_agent_is_asked_over_udp,
    the_caller_cancels_while_an_agent_is_asked_over_tcp,
    the_caller_gives_up_while_waiting_in_the_queue,
    a_waiting_caller_is_served_when_an_agent_comes,
    the_agent_hangs_up_over_udp,
    the_agent_hangs_up_over_tcp,
    the_agents_phone_hangs_up,
    hold_and_resume_by_re_invite_over_udp,
    hold_and_resume_by_re_invite_over_tcp,
    options_tells_what_is_understood,
    an_unknown_number_is_refused,
    a_tenth_of_all_datagrams_is_lost,
]
