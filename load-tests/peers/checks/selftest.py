"""`tandem-load selftest` against a fresh Tandem."""
import re, subprocess

from lib.daemon import LOAD, PASSWORD, TANDEM
from lib.processes import expect


STEPS = ["call", "chat and escalation", "one ID, call", "one ID, chat and escalation", "browser call", "phone in a page", "hold and transfer", "conference", "whisper", "recording", "ops"]


def the_selftest_passes(daemon):
    daemon.stop()
    daemon.env |= {"TANDEM_QUEUE__SUPPORT__RECORDING": "demand", "TANDEM_RECORDING__FORMAT": "wav", "TANDEM_RECORDING__ANNOUNCEMENT": "[]",
                   "TANDEM_RECORDING__REFUSAL": "false"}
    daemon.start()
    command = [LOAD, "selftest", "--web", daemon.url, "--sip", daemon.address, "--ops", f"http://127.0.0.1:{daemon.ops}",
               "--trunk", f"127.0.0.1:{daemon.far}", "--password", PASSWORD, "--tandem", TANDEM]
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=90, cwd=daemon.folder,
                            env={"PATH": "/usr/bin:/bin", **daemon.env})
    (daemon.folder / "selftest.log").write_text(result.stdout + result.stderr)
    expect(result.returncode == 0, f"it ended with {result.returncode}: {result.stdout}{result.stderr}")
    lines = result.stdout.splitlines()
    passed = [line.split(" ", 2)[2].split(":")[0] for line in lines if line.startswith("PASS ")]
    expect(passed == STEPS, f"the steps that passed are {passed}")
    expect(re.fullmatch(r"\d+ passed, 0 failed", lines[-1]), f"its last line is {lines[-1]!r}")


CHECKS = [the_selftest_passes]
