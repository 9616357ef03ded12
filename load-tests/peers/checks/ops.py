"""What operations touch: metrics that promtool takes, health, readiness, drain, bad configuration."""
import os, signal, subprocess

from lib import sipp
from lib.baresip import Phone
from lib.daemon import TANDEM
from lib.people import Agent, Visitor
from lib.processes import expect, until


def series(daemon):
    """Returns every series without its value."""
    return {line.rpartition(" ")[0] for line in daemon.metrics().splitlines() if line and not line.startswith("#")}


def work(daemon, agent):
    """One call and one chat, to their ends."""
    sipp.call(daemon, "caller-hangs-up", "-d", "300").done()
    visitor = Visitor(daemon)
    interaction = visitor.open("Hello")
    visitor.entry("joined")
    visitor.ask("end")
    agent.change("released", interaction=interaction)
    visitor.stop()


def promtool_takes_the_metrics(daemon):
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    work(daemon, agent)
    text = daemon.metrics()
    result = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    said = (result.stdout + result.stderr).strip()
    expect(result.returncode == 0 and not said, f"promtool: {said}")


def the_number_of_series_does_not_grow_with_work(daemon):
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    for _ in range(2):
        work(daemon, agent)
    before = series(daemon)
    for _ in range(3):
        work(daemon, agent)
    more = series(daemon) - before
    expect(not more, f"series that came with more contacts: {sorted(more)[:5]}")


def health_and_readiness_are_told(daemon):
    expect(daemon.status("/healthz") == 200, "/healthz is not 200")
    expect(daemon.status("/readyz") == 200, "/readyz is not 200")
    expect(daemon.status("/nothing") == 404, "an unknown path is not 404")


def sigterm_drains(daemon):
    Phone(daemon.folder, "anna", daemon.address, 440)
    agent = Agent(daemon, "anna")
    call = sipp.call(daemon, "caller-hangs-up", "-d", "3000")
    agent.call("connected")
    daemon.process.signal(signal.SIGTERM)
    until(lambda: daemon.status("/readyz") != 200, 5, "a draining Tandem still says it is ready")
    late = sipp.call(daemon, "caller-hangs-up", seconds=10)
    late.process.wait(20)
    expect(late.statuses()[-1:] == [503], f"a call during the drain was answered {late.statuses()}")
    refusal = next(m for m in late.messages() if m.by_tandem and " 503 " in m.first)
    expect(refusal.header("retry-after"), "the 503 has no Retry-After")
    call.done()
    code = daemon.process.wait(20)
    expect(code == 0, f"after the drain Tandem ended with {code}")
    daemon.start()


def a_bad_configuration_is_explained(daemon):
    path = daemon.folder / "bad.toml"
    path.write_text('[web]\nlisten = "somewhere"\n')
    result = subprocess.run([TANDEM, "check", "--config", path], capture_output=True, text=True, timeout=20,
                            env={k: v for k, v in os.environ.items() if not k.startswith("TANDEM_")})
    said = result.stdout + result.stderr
    expect(result.returncode == 64, f"tandem check ended with {result.returncode}: {said}")
    expect("bad.toml:2" in said, f"it does not say where: {said}")


CHECKS = [
    promtool_takes_the_metrics,
    the_number_of_series_does_not_grow_with_work,
    health_and_readiness_are_told,
    sigterm_drains,
    a_bad_configuration_is_explained,
]
