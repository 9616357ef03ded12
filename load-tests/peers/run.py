#!/usr/bin/env python3
"""Tandem among programs nobody here wrote: sipp, baresip, linphonec, kamailio, promtool, schemathesis, openapi-spec-validator. Everything is on loopback.

  run.py [NAME ...]     only the checks whose name contains one of NAME

Each check prints PASS, FAIL with what was wrong, or SKIP with why it cannot be made here; the last line counts them. What the programs said is kept under
artifacts/peers/. Only processes started here are ended, each by its own number. Three checks are made at a time, each in a
loopback network of its own: most of their time they wait. Where the system gives none, one at a time. What failed is made once
more at the end, with nothing beside it: the clocks of phones run on while a busy machine stands still. What fails then has
failed; what does not is named.
"""
import importlib, multiprocessing, os, shutil, sys, time, traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lib import network
from lib.daemon import LOAD, ROOT, TANDEM, Daemon
from lib.processes import Failure, Process, Skipped

FOLDER = Path(os.environ.get("TANDEM_ARTIFACTS", ROOT / "artifacts")) / "peers"
# In the order in which they are made.
CHECKS = """
    selftest rules torture guards routing choices diversions promises consents calls flows offers scenarios registrar
    classes phones quality secured own transports outbound transfers attended edges linphones rooms ids recordings siprec voicemails keys menus
    prompts holds carrier names trunks reach joins stir answers mails ops schema records customers retention
    ways disk standing crash loads examples
""".split()
# So many are made at a time.
LANES = 3
# So many that failed are made once more: more than those are no accident.
AGAIN = 5
# How a check went; one in which Tandem panicked is not made again, and one that cannot be made here is none.
FAILED, PASSED, LOST, SKIPPED = range(4)
PANICKED = "Tandem panicked; its log says where"
MODULES = [importlib.import_module(f"checks.{name}") for name in CHECKS]


def outcome(check, folder):
    """Runs one check against a Tandem of its own; returns what was wrong, why it cannot be made, or nothing."""
    daemon = None
    try:
        daemon = Daemon(folder)
        check(daemon)
        if not daemon.process.running():
            raise Failure(f"Tandem ended during the check: {daemon.process.text()[-400:]}")
        return PANICKED if panicked(daemon) else None
    except Skipped as why:
        return why
    except Exception as failure:
        if daemon and panicked(daemon):
            return PANICKED
        own = isinstance(failure, AssertionError) and " ".join(str(failure).split())[:600]
        return own or traceback.format_exc(limit=-3)
    finally:
        Process.stop_all()


def panicked(daemon):
    return "panicked at" in daemon.process.text()


def make(checks, following, ends, apart):
    """Makes checks, each time the next that nobody has begun, until none is left; tells in `ends` how each went."""
    if apart:
        network.leave()
    while True:
        with following.get_lock():
            at, following.value = following.value, following.value + 1
        if at >= len(checks):
            return
        name, folder, check = checks[at]
        began = time.monotonic()
        wrong = outcome(check, folder)
        with ends.get_lock():
            ends[at] = PASSED if wrong is None else LOST if wrong == PANICKED else SKIPPED if isinstance(wrong, Skipped) else FAILED
            word = {PASSED: "PASS", SKIPPED: "SKIP"}.get(ends[at], "FAIL")
            print(f"{word} {name} ({time.monotonic() - began:.1f} s){f': {wrong}' if wrong else ''}", flush=True)


def wanted(words):
    """Returns name, folder and function of each check that is asked for."""
    found = []
    for area, module in zip(CHECKS, MODULES):
        for check in module.CHECKS:
            name = f"{area}: {check.__name__.replace('_', ' ')}"
            if not words or any(word in name for word in words):
                found.append((name, FOLDER / area / check.__name__, check))
    return found


def main():
    for program in (TANDEM, LOAD):
        if not program.exists():
            sys.exit(f"{program} is not there; build it with: cargo build --release -p gateway -p load-tests")
    shutil.rmtree(FOLDER, ignore_errors=True)
    checks, apart = wanted(sys.argv[1:]), network.can_be_left()
    ends = run(checks, apart, LANES if apart else 1)
    failed = [check for check, end in zip(checks, ends) if end == FAILED]
    again = [(f"{name}, once more", folder.with_name(f"{folder.name}.again"), check) for name, folder, check in failed[:AGAIN]]
    late = run(again, apart, 1).count(PASSED)
    if again:
        print(f"{late} of {len(failed)} went well only when made once more")
    passed, skipped = ends.count(PASSED) + late, ends.count(SKIPPED)
    wrong = len(checks) - passed - skipped
    print(f"{passed} passed, {wrong} failed{f', {skipped} skipped' if skipped else ''}")
    sys.exit(0 if checks and not wrong else 1)


def run(checks, apart, lanes):
    """Makes checks, so many at a time; returns how each went."""
    fork = multiprocessing.get_context("fork")
    following, ends = fork.Value("i", 0), fork.Array("b", len(checks))
    lanes = [fork.Process(target=make, args=(checks, following, ends, apart)) for _ in range(lanes)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    return list(ends)


main()
