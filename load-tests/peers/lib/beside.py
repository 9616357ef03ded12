"""Tandem and plain relays, one after the other in turns: what idle sockets, messages and shared pages cost."""
import os, shutil

from .relays import KINDS, Relay, figure, load

PROCESSOR = r"([\d.]+) µs a message"
MEMORY = r"with them: ([\d.]+) kB a socket"
# Message rates; the last is the bound of the design.
RATES = [int(rate) for rate in os.environ.get("TANDEM_BENCH_RATES", "900,5000").split(",")]
# Pages that are shared, batches a second of each, and about how many bytes a batch has.
LEGS, BATCHES, BATCH = int(os.environ.get("TANDEM_BENCH_LEGS", "200")), 5, 1_200
SOCKETS = int(os.environ.get("TANDEM_BENCH_SOCKETS", "10000"))


def shown(daemon, scenario, *options, agents=None):
    """Runs a scenario, shows what it was and what it said; returns that."""
    print(f"$ tandem-load {scenario} {' '.join(map(str, options))} ({len(agents or ['anna'])} agents; "
          f"load average {os.getloadavg()[0]:.1f})", flush=True)
    code, said = load(daemon, scenario, *options, agents=agents)
    print(said + ("" if code == 0 else f"  it ended with {code}\n"), end="", flush=True)
    return said


def ratio(what, ours, theirs):
    for kind, other in theirs.items():
        if ours and other:
            print(f"  {what}, tandem to {kind}: {ours / other:.2f} to 1")


def sockets(daemon, secured):
    """Idle sockets, plain and by TLS; `secured` is where the daemon listens for those."""
    certs = daemon.folder / "data" / "certs"
    for tls in ([], ["--tls", certs / "ca.pem"]):
        many = ["--count", SOCKETS, "--at-once", 200, "--settle", 30, *tls]
        place = ["--at", secured, *many] if tls else many
        # The first that come make a program take memory that it keeps; each is started anew.
        daemon.stop()
        daemon.start()
        ours = figure(shown(daemon, "sockets", *place, "--chats", 50, "--pid", daemon.pid), MEMORY)
        theirs = {}
        for kind in KINDS:
            relay = Relay(kind, daemon.folder, *((certs / "server.pem", certs / "server.key") if tls else ()))
            theirs[kind] = figure(shown(daemon, "sockets", *many, *relay.options), MEMORY)
            relay.process.stop()
        ratio("memory of an idle socket" + (" by TLS" if tls else ""), ours, theirs)


def cobrowse(daemon, agents):
    """Shared pages, and the relays with as many messages as there are batches, as large and as fast."""
    seconds = 20
    plan = ["--legs", LEGS, "--batches", BATCHES * seconds, "--rate", BATCHES, "--late", min(20, LEGS)]
    ours = figure(shown(daemon, "cobrowse", *plan, "--pid", daemon.pid, agents=agents), r"([\d.]+) µs a batch")
    theirs = {}
    for kind in KINDS:
        other = Relay(kind, daemon.folder)
        plan = ["--visitors", LEGS, "--rate", LEGS * BATCHES, "--seconds", seconds, "--bytes", BATCH]
        theirs[kind] = figure(shown(daemon, "chats", *plan, *other.options, agents=agents), PROCESSOR)
        other.process.stop()
    ratio("processor of a batch, cleaned and kept for who looks later to passed on", ours, theirs)


def relay(daemon, agents, turns=2):
    """Messages at the same rates, in turns. What the relays acknowledge is in no journal."""
    # Each turn begins with an empty house and the same agents.
    data, empty = daemon.folder / "data", daemon.folder / "empty"
    daemon.stop()
    shutil.copytree(data, empty)
    for rate in RATES:
        visitors = max(6, -(-rate // 2))
        plan = ["--visitors", visitors, "--rate", rate, "--seconds", 10]
        crew = agents[:-(-visitors // 6)]
        if len(crew) * 6 < visitors:
            print(f"{rate} messages a second need {visitors} visitors and {-(-visitors // 6)} agents; there are {len(agents)}")
            continue
        costs = {"tandem": [], **{kind: [] for kind in KINDS}}
        for _ in range(turns):
            daemon.stop()
            shutil.rmtree(data)
            shutil.copytree(empty, data)
            daemon.start()
            costs["tandem"].append(figure(shown(daemon, "chats", *plan, "--pid", daemon.pid, agents=crew), PROCESSOR))
            for kind in KINDS:
                other = Relay(kind, daemon.folder)
                costs[kind].append(figure(shown(daemon, "chats", *plan, *other.options, agents=crew), PROCESSOR))
                other.process.stop()
        least = {name: min((cost for cost in found if cost), default=None) for name, found in costs.items()}
        ours = least.pop("tandem")
        ratio(f"processor of a message at {rate} a second, journaled to not journaled", ours, least)
