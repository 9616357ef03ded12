"""A disk that takes nothing more: readiness fails, new work is told 503, nothing is acknowledged, and all goes on by itself."""
import resource, urllib.error, urllib.request

from lib import sip
from lib.people import Agent, Visitor
from lib.processes import expect, until

FULL, ROOM = 4096, resource.RLIM_INFINITY


def acknowledged(visitor, mid):
    return any((frame.get("ok") or {}).get("mid") == mid for frame in list(visitor.frames))


def fill(daemon, limit):
    """Lets no file of the daemon grow beyond `limit`, as a full disk would; its writes fail with an error then."""
    resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (limit, ROOM))


def refused(daemon):
    """Returns the status of a request for new work, and how long the client is told to wait."""
    request = urllib.request.Request(f"{daemon.url}/api/v1/visitors", method="POST", data=b'{"zone": "shop"}')
    request.add_header("content-type", "application/json")
    request.add_header("origin", daemon.url)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("retry-after")


def a_full_disk_refuses_new_work_acknowledges_nothing_and_recovers(daemon):
    daemon.stop()
    # Else the first write over the limit would end it by a signal, which no full disk sends.
    daemon.before = ["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]
    daemon.start()
    agent, visitor = Agent(daemon, "anna"), Visitor(daemon)
    interaction = visitor.open("Hello")
    visitor.entry("joined")

    fill(daemon, FULL)
    visitor.ask("message", mid="full", text="Is this kept?")
    until(lambda: daemon.status("/readyz") == 503, 10, "readiness did not fail")
    expect(daemon.status("/healthz") == 200, "it is alive all the same")
    expect(daemon.metric("tandem_journal_well") == 0, "the metrics do not say that the journal is ill")
    status, retry_after = refused(daemon)
    expect(status == 503 and retry_after, f"a new visitor was answered {status}, to come back after {retry_after}")
    caller = sip.Client(daemon.address)
    answer = caller.call("support")
    caller.close()
    expect(answer.code == 503 and answer.get("retry-after"), f"a new call was answered {answer.code} {answer.headers}")
    expect(not acknowledged(visitor, "full"), "a message was acknowledged that no disk has")

    fill(daemon, ROOM)
    until(lambda: daemon.status("/readyz") == 200, 20, "readiness did not come back")
    until(lambda: acknowledged(visitor, "full"), 20, "the message was never acknowledged")
    agent.see("the message", lambda frame: (frame.get("entry") or {}).get("mid") == "full", seconds=10)
    expect(refused(daemon)[0] == 201, "new work is not taken again")
    kept = [entry["mid"] for entry in daemon.record(interaction)["timeline"] if entry.get("what") == "message"]
    expect(kept == ["m1", "full"], f"the record has {kept}")


CHECKS = [a_full_disk_refuses_new_work_acknowledges_nothing_and_recovers]
