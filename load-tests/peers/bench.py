#!/usr/bin/env python3
"""`make bench`: what the release binary does on this machine, beside programs that do part of the same work.

  bench.py [calls] [chats] [escalation] [sipp] [sockets] [relay] [cobrowse]      only these parts

`calls` measures Tandem beside kamailio and rtpengine, the server on one core and the load on the other: one leg, two legs, sound
passed on and mixed, calls on hold, too many calls, and calls for a while. A word after a colon does only that: `calls:relayed`.
`sockets`, `relay` and `cobrowse` measure Tandem beside plain relays on Node; TANDEM_BENCH_SOCKETS, TANDEM_BENCH_RATES and
TANDEM_BENCH_LEGS change how many.

Prints figures and ratios. Nothing here judges by time, and nothing fails for being slow.
"""
import csv, glob, os, resource, shutil, statistics, subprocess, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from lib import beside, switches
from lib.daemon import LOAD, PASSWORD, ROOT, Daemon, hire
from lib.processes import Process, port, until
from lib.sipp import SCENARIOS

FOLDER = Path(os.environ.get("TANDEM_ARTIFACTS", ROOT / "artifacts")) / "bench"
# Bounds that protect a public server from one address are out of the way: here all load comes from one.
OPEN = {"tandem_web__visitors_per_minute": 100_000, "tandem_web__logins_per_minute": 100_000,
        "tandem_web__requests_per_second": 100_000, "tandem_web__sockets_per_address": 20_000,
        "tandem_log__level": "warn", "tandem_rtp__ports": "33000-59999"}


def house(daemon):
    return ["--web", daemon.url, "--sip", daemon.address, "--ops", f"http://127.0.0.1:{daemon.ops}",
            "--trunk", f"127.0.0.1:{daemon.far}", "--password", PASSWORD]


def load(daemon, scenario, *options, agents=None):
    """Runs a scenario of tandem-load and shows what it says."""
    command = [LOAD, scenario, *house(daemon), *(["--agents", ",".join(agents)] if agents else []), *options]
    print(f"$ tandem-load {scenario} {' '.join(map(str, options))} ({len(agents or ['anna'])} agents)", flush=True)
    subprocess.run([str(part) for part in command], timeout=600)


def cpu(pid):
    """Returns the processor seconds of a process and its children."""
    total = 0.0
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            number, rest = int(stat.split("/")[2]), open(stat).read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if number == pid or int(rest[1]) == pid:
            total += (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")
    return total


def sipp(target, pid, rate, calls):
    """Lets sipp call at a rate; returns what it measured and what the server used."""
    folder = FOLDER / f"sipp-{target.rsplit(':')[-1]}-{rate}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(SCENARIOS / "caller-hangs-up.xml", folder / "s.xml")
    before = cpu(pid)
    subprocess.run(["sipp", target, "-sf", "s.xml", "-s", "support", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(port()),
                    "-r", str(rate), "-m", str(calls), "-d", "100", "-l", str(calls), "-nostdin", "-trace_stat", "-stf", "stat.csv",
                    "-trace_rtt", "-rtt_freq", "1", "-timeout", "60", "-timer_resol", "1", "-recv_timeout", "8000",
                    "-buff_size", "4194304"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "TERM": "dumb"}, timeout=90)
    used = cpu(pid) - before
    last = list(csv.DictReader(open(folder / "stat.csv"), delimiter=";"))[-1]
    times = [float(row[1]) for file in folder.glob("*rtt.csv") for row in csv.reader(open(file), delimiter=";")
             if len(row) >= 3 and row[2].strip() == "invite" and row[1].replace(".", "").isdigit()]
    good = int(last["SuccessfulCall(C)"])
    p99 = statistics.quantiles(times, n=100)[98] if len(times) > 1 else float("nan")
    return {"good": good, "failed": int(last["FailedCall(C)"]), "again": int(last["Retransmissions(C)"]),
            "p99": p99, "cpu": used * 10_000 / max(1, good)}


def beside_kamailio(daemon):
    """One leg answered, called by sipp: Tandem's queue beside Kamailio answering each INVITE with transaction state."""
    number = port()
    config = FOLDER / "reply.cfg"
    text = (Path(__file__).parent / "kamailio" / "reply.cfg").read_text().replace("127.0.0.1:5070", f"127.0.0.1:{number}")
    config.write_text(text.replace("#!KAMAILIO", "#!KAMAILIO\n#!define STATEFUL", 1))
    kamailio = Process("kamailio", ["/usr/sbin/kamailio", "-f", config, "-DD", "-E", "-m", "256", "-M", "16", "-Y", FOLDER], FOLDER)
    until(lambda: "udp" in kamailio.text().lower() or kamailio.running(), 5, "kamailio did not start")
    for rate in (100, 500, 1000):
        ours = sipp(daemon.address, daemon.pid, rate, rate * 5)
        theirs = sipp(f"127.0.0.1:{number}", kamailio.pid, rate, rate * 5)
        for name, one in (("tandem, queue with music", ours), ("kamailio, reply only", theirs)):
            print(f"  {name:26} {rate:5} a second: {one['good']} good, {one['failed']} failed, {one['again']} sent again, "
                  f"p99 {one['p99']:.1f} ms, {one['cpu']:.2f} s of processor for 10,000")
        if theirs["cpu"]:
            print(f"  processor, tandem to kamailio: {ours['cpu'] / theirs['cpu']:.1f} to 1")
    kamailio.stop()


def sockets():
    secured = f"127.0.0.1:{port()}"
    daemon = Daemon(FOLDER / "sockets", tandem_web__listen_tls=secured, **OPEN)
    beside.sockets(daemon, secured)
    daemon.stop()


def relay():
    daemon = Daemon(FOLDER / "relay", **OPEN)
    beside.relay(daemon, hire(daemon, -(-max(beside.RATES) // 12)))
    daemon.stop()


def cobrowse():
    daemon = Daemon(FOLDER / "cobrowse", **OPEN)
    beside.cobrowse(daemon, hire(daemon, -(-beside.LEGS // 6)))
    daemon.stop()


def calls(parts):
    def wanted(part):
        return "calls" in parts or f"calls:{part}" in parts

    daemon = Daemon(FOLDER / "calls", tandem_sip__calls=15_000, tandem_queue_support__limit=100_000, **OPEN)
    crew = hire(daemon, 100)
    # Where nobody is ready the queue answers at once, so that only the daemon's own time is measured.
    for part, answer, run in (("one-leg", "1ms", lambda: switches.passing(daemon, FOLDER, crew, 1, 500, 800)),
                              ("two-legs", "1s", lambda: switches.passing(daemon, FOLDER, crew, 2, 100, 150)),
                              ("relayed", "1s", lambda: switches.sounding(daemon, FOLDER, crew, "relayed", 100)),
                              ("mixed", "1s", lambda: switches.sounding(daemon, FOLDER, crew, "mixed", 100)),
                              ("held", "1ms", lambda: switches.held(daemon, 3_000)),
                              ("soak", "1s", lambda: switches.soak(daemon, crew, 30))):
        if wanted(part):
            # Each part begins with a program that has done nothing yet.
            daemon.stop()
            daemon.env["TANDEM_WORK__ANSWER_AFTER"] = answer
            daemon.before = switches.core(0)
            daemon.start()
            run()
    daemon.stop()
    if wanted("overload"):
        switches.overload()


def main():
    parts = set(sys.argv[1:] or ["calls", "chats", "escalation", "sipp", "sockets", "relay", "cobrowse"])
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f}")
    try:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for name, part in (("sockets", sockets), ("relay", relay), ("cobrowse", cobrowse)):
            if name in parts:
                part()
        if any(part.split(":")[0] == "calls" for part in parts):
            calls(parts)
        if not parts & {"sipp", "escalation", "chats"}:
            return
        daemon = Daemon(FOLDER, **OPEN)
        if "sipp" in parts:
            print("One leg, sipp as the caller:")
            beside_kamailio(daemon)
        if "escalation" in parts:
            load(daemon, "escalation", "--count", "5")
        if "chats" in parts:
            crew = hire(daemon, 100)
            load(daemon, "chats", "--visitors", "500", "--rate", "900", "--seconds", "10", "--pid", daemon.pid, agents=crew)
    finally:
        Process.stop_all()


main()
