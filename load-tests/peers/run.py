#!/usr/bin/env python3
"""Tandem among programs nobody here wrote: sipp, baresip, kamailio, promtool, schemathesis. Everything is on loopback.

  run.py [NAME ...]     only the checks whose name contains one of NAME

Each check prints PASS or FAIL with what was wrong; the last line counts them. What the programs said is kept under
artifacts/peers/. Only processes started here are ended, each by its own number.
"""
import importlib, os, shutil, sys, time, traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lib.daemon import LOAD, ROOT, TANDEM, Daemon
from lib.processes import Failure, Process

FOLDER = Path(os.environ.get("TANDEM_ARTIFACTS", ROOT / "artifacts")) / "peers"
# In the order in which they are made.
CHECKS = """
    selftest rules torture guards calls registrar
    classes phones secured own transports transfers rooms recordings keys menus
    carrier names trunks answers mails ops schema records
    disk crash examples
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


def main():
    for program in (TANDEM, LOAD):
        if not program.exists():
            sys.exit(f"{program} is not there; build it with: cargo build --release -p gateway -p load-tests")
    shutil.rmtree(FOLDER, ignore_errors=True)
    wanted, passed, failed = sys.argv[1:], 0, 0
    for module in MODULES:
        for check in module.CHECKS:
            name = f"{module.__name__.rsplit('.')[-1]}: {check.__name__.replace('_', ' ')}"
            if wanted and not any(word in name for word in wanted):
                continue
            began = time.monotonic()
            wrong = outcome(check, FOLDER / module.__name__.rsplit(".")[-1] / check.__name__)
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            print(f"{'FAIL' if wrong else 'PASS'} {name} ({time.monotonic() - began:.1f} s){': ' + wrong if wrong else ''}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
