#!/usr/bin/env python3
"""Tandem among programs nobody here wrote: sipp, baresip, linphonec, kamailio, promtool, schemathesis. Everything is on loopback.

  run.py [NAME ...]     only the checks whose name contains one of NAME

Each check prints PASS or FAIL with what was wrong; the last line counts them. What the programs said is kept under
artifacts/peers/. Only processes started here are ended, each by its own number. Two checks are made at a time, each in a
loopback network of its own; where the system gives none, one at a time.
"""
import importlib, multiprocessing, os, shutil, sys, time, traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lib import network
from lib.daemon import LOAD, ROOT, TANDEM, Daemon
from lib.processes import Failure, Process

FOLDER = Path(os.environ.get("TANDEM_ARTIFACTS", ROOT / "artifacts")) / "peers"
# In the order in which they are made.
CHECKS = """
    selftest rules torture guards routing choices diversions promises consents calls flows offers registrar
    classes phones quality secured own transports outbound transfers attended edges linphones rooms recordings siprec voicemails keys menus
    prompts carrier names trunks reach joins stir answers mails ops schema records customers
    disk standing crash loads examples
""".split()
MODULES = [importlib.import_module(f"checks.{name}") for name in CHECKS]


def outcome(check, folder):
    """Runs one check against a Tandem of its own; returns what was wrong, or nothing."""
    try:
        daemon = Daemon(folder)
        check(daemon)
        if not daemon.process.running():
            raise Failure(f"Tandem ended during the check: {daemon.process.text()[-400:]}")
        if "panicked at" in daemon.process.text():
            raise Failure("Tandem panicked; its log says where")
        return None
    except AssertionError as failure:
        return " ".join(str(failure).split())[:600] or traceback.format_exc(limit=-1)
    except Exception:
        return traceback.format_exc(limit=-3)
    finally:
        Process.stop_all()


def make(checks, following, passed, apart):
    """Makes checks, each time the next that nobody has begun, until none is left; counts in `passed` those that went well."""
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
        with passed.get_lock():
            passed.value += wrong is None
            print(f"{'FAIL' if wrong else 'PASS'} {name} ({time.monotonic() - began:.1f} s){': ' + wrong if wrong else ''}", flush=True)


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
    fork = multiprocessing.get_context("fork")
    following, passed = fork.Value("i", 0), fork.Value("i", 0)
    lanes = [fork.Process(target=make, args=(checks, following, passed, apart)) for _ in range(2 if apart else 1)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    failed = len(checks) - passed.value
    print(f"{passed.value} passed, {failed} failed")
    sys.exit(1 if failed or not passed.value else 0)


main()
