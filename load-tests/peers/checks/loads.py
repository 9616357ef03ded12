"""What `tandem-load` measures, in small: nothing is lost and everybody welcomed, at Tandem and at the relays beside it."""
import re
import subprocess

from lib.daemon import hire
from lib.processes import expect, port
from lib.relays import KINDS, LOAD, Relay, load
from lib.switches import Switch, shown

OPEN = {"TANDEM_WEB__VISITORS_PER_MINUTE": "100000", "TANDEM_WEB__LOGINS_PER_MINUTE": "100000",
        "TANDEM_WEB__REQUESTS_PER_SECOND": "100000"}


def whole(daemon, scenario, *options, **more):
    code, said = load(daemon, scenario, *options, seconds=120, **more)
    (daemon.folder / f"{scenario}.log").open("a").write(said)
    expect(code == 0, f"tandem-load {scenario} ended with {code}: {said}")
    return said


def opened(daemon, **settings):
    """Starts the daemon anew without bounds for one address."""
    daemon.stop()
    daemon.env.update(OPEN, **settings)
    daemon.start()


def idle_sockets_are_all_welcomed_and_all_come_back(daemon):
    opened(daemon)
    said = whole(daemon, "sockets", "--count", 200, "--chats", 10, "--settle", 1, "--pid", daemon.pid)
    expect("came back after a cut: 200 of 200" in said, said)
    expect("chats begun 10 of 10, taken up again 10" in said, said)


def idle_sockets_by_tls_are_all_welcomed_and_all_come_back(daemon):
    number = port()
    opened(daemon, TANDEM_WEB__LISTEN_TLS=f"127.0.0.1:{number}")
    said = whole(daemon, "sockets", "--count", 200, "--settle", 1, "--pid", daemon.pid, "--at", f"127.0.0.1:{number}",
                 "--tls", daemon.folder / "data" / "certs" / "ca.pem")
    expect("by TLS" in said and "came back after a cut: 200 of 200" in said, said)


def the_relays_beside_it_are_measured_alike(daemon):
    for kind in KINDS:
        relay = Relay(kind, daemon.folder)
        said = whole(daemon, "sockets", "--count", 100, "--settle", 1, *relay.options)
        expect("came back after a cut: 100 of 100" in said, said)
        said = whole(daemon, "chats", "--visitors", 12, "--rate", 20, "--seconds", 2, *relay.options, agents=["a", "b"])
        expect("lost 0, doubled or never written 0" in said, said)
        relay.process.stop()


def shared_pages_reach_their_viewers_whole_and_in_order(daemon):
    opened(daemon)
    names = hire(daemon, 4)
    said = whole(daemon, "cobrowse", "--legs", 20, "--batches", 20, "--late", 5, "--pid", daemon.pid, agents=names)
    expect("batches seen 420, lost 0, doubled 0, out of order 0, fell behind 0" in said, said)
    expect("(5 times)" in said, said)


def heard(said):
    """Expects that of what both sides said nearly all was heard; the edges of the time that is measured are not sharp."""
    share = re.search(r"packets sent \d+, heard \d+ \(([\d.]+) %\)", said)
    expect(share and 90 <= float(share[1]) <= 110, said)


def calls_stand_with_sound_and_leave_nothing_behind(daemon):
    opened(daemon)
    names = hire(daemon, 4)
    for sound in ("relayed", "mixed"):
        said = whole(daemon, "calls", "--at-once", 4, "--seconds", 2, "--sound", sound, "--settle", 60, "--pid", daemon.pid, agents=names)
        heard(said)
        # Only what was not decoded still has its stamp.
        expect(("on their way" in said) == (sound == "relayed"), said)
    # The first calls opened what stays open; the second left nothing more.
    expect("back at the start but for memory" in said, said)


def overloaded(daemon, busy, *options):
    """What can be taken is found first. Times are printed: the machine has other checks to do beside it."""
    done = subprocess.run([LOAD, "overload", "--untimed", "--seconds", "1", *options], capture_output=True, text=True, timeout=240)
    said = done.stdout + done.stderr
    (daemon.folder / "overload.log").write_text(said)
    print(said)
    expect(done.returncode == 0, f"tandem-load overload ended with {done.returncode}: {said}")
    expect(re.search(rf'10 times .*refused {{"{busy}": \d+}}, unanswered 0', said), said)


def more_than_can_be_taken_are_told_so_and_nothing_is_left(daemon):
    overloaded(daemon, "503")


def more_chats_than_can_be_taken_are_told_so_at_once_or_taken_and_nothing_is_left(daemon):
    """Who is not told that there is too much to do is taken: nobody is left without an answer."""
    overloaded(daemon, "unavailable", "--of", "chats")


def calls_are_measured_alike_at_kamailio_and_rtpengine(daemon):
    for name, sound, plan in (("reply", "none", ["--one-leg", "--rate", 20, "--seconds", 1]),
                              ("proxy", "none", ["--rate", 20, "--seconds", 1]),
                              ("proxy", "relayed", ["--at-once", 4, "--seconds", 2, "--sound", "relayed"]),
                              ("proxy", "mixed", ["--at-once", 4, "--seconds", 2, "--sound", "mixed"])):
        switch = Switch(daemon.folder, name, sound)
        said = shown("beside", switch.options, *plan)
        if sound == "none":
            expect("20 dialled, all clean" in said, said)
        else:
            heard(said)
        switch.stop()


CHECKS = [
    more_than_can_be_taken_are_told_so_and_nothing_is_left,
    more_chats_than_can_be_taken_are_told_so_at_once_or_taken_and_nothing_is_left,
    calls_stand_with_sound_and_leave_nothing_behind,
    calls_are_measured_alike_at_kamailio_and_rtpengine,
    idle_sockets_are_all_welcomed_and_all_come_back,
    idle_sockets_by_tls_are_all_welcomed_and_all_come_back,
    the_relays_beside_it_are_measured_alike,
    shared_pages_reach_their_viewers_whole_and_in_order,
]
