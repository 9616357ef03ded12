"""A disk that takes nothing more: readiness fails, new work is told 503, nothing is acknowledged, and all goes on by itself. Where
it is that of the recordings alone, calls go on, it is told and counted, and what was taken can be heard."""
import os, resource, subprocess, time, urllib.error, urllib.request
from pathlib import Path

from lib import sip
from lib.people import Agent, Visitor
from lib.processes import Skipped, expect, until

from . import recordings, voicemails
from .transfers import ANNA, CUSTOMER

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


class SmallDisk:
    """A disk of 2 MiB for the recordings of a daemon, in a mount namespace of its own; a file may fill it."""

    def __init__(self, daemon):
        self.daemon, self.at = daemon, daemon.folder / "small"
        self.at.mkdir()
        mount = f"mount -t tmpfs -o size=2m tmpfs '{self.at}'"
        tried = subprocess.run(["unshare", "--mount", "sh", "-c", mount], capture_output=True, text=True)
        if tried.returncode:
            raise Skipped(f"no small disk can be mounted here: {tried.stderr.strip()}")
        daemon.env["TANDEM_RECORDING__PATH"] = str(self.at)
        daemon.before = ["unshare", "--mount", "sh", "-c", f"{mount} && exec \"$0\" \"$@\""]

    @property
    def seen(self):
        """Returns where it is for who is not in that namespace."""
        return Path(f"/proc/{self.daemon.pid}/root{self.at}")

    def fill(self):
        with open(self.seen / "ballast", "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        expect(os.statvfs(self.seen).f_bavail == 0, "the disk is not full")

    def clear(self):
        (self.seen / "ballast").unlink()


FULL_DISK = "the disk takes nothing of recordings"


def a_full_disk_leaves_silence_in_a_recording_and_the_call_goes_on(daemon):
    disk = SmallDisk(daemon)
    recordings.begin(daemon)
    anna, customer, agent, interaction = recordings.call(daemon)
    until(lambda: list(disk.seen.rglob("*.part")), 10, "nothing is recorded")
    time.sleep(3)
    disk.fill()
    told = lambda: daemon.process.text().count(FULL_DISK)
    lost = lambda: daemon.metric("tandem_recordings_lost_frames_total")
    until(told, 10, "nobody is told that the disk is full")
    until(lambda: lost() > 100, 10, lambda: f"{lost()} frames are counted as lost")
    anna.hears_anew(CUSTOMER)
    customer.hears_anew(ANNA)
    expect(daemon.status("/readyz") == 200, "the house is not ready, and its own disk has room")
    disk.clear()
    until(lambda: "recordings are written to the disk again" in daemon.process.text(), 10, "nobody is told that it is over")
    time.sleep(3)
    customer.command("hangup")
    found = recordings.kept(daemon, interaction)[0]
    expect(told() == 1, f"it is told {told()} times")
    expect(abs(found["lost_ms"] - 20 * lost()) <= 1000 and found["lost_ms"] >= 2000, f"{lost()} frames were lost, and the record says {found}")
    for side, hertz in zip(recordings.sides(daemon, recordings.fetch(daemon, interaction)[2]), (CUSTOMER, ANNA)):
        blocks = [bool(block) for block in recordings.heard(side, hertz)]
        expect(abs(len(blocks) * 100 - found["ms"]) <= 200, f"{len(blocks)} tenths of a second, and the record says {found}")
        expect(sum(blocks[:30]) >= 20 and sum(blocks[-30:]) >= 20, f"before and after: {blocks}")
        expect(len(blocks) - sum(blocks) >= found["lost_ms"] // 100 - 5, f"the rest is not where it was said: {blocks}")


def a_full_disk_ends_a_message_whose_beginning_is_kept(daemon):
    disk = SmallDisk(daemon)
    voicemails.begin(daemon)
    caller = voicemails.calls(daemon)
    until(lambda: list(disk.seen.rglob("*.part")), 10, "nothing is recorded after the tone")
    time.sleep(4)
    disk.fill()
    interaction = voicemails.only(daemon)
    message = voicemails.left(daemon, interaction)
    expect(message["ms"] >= 2500 and 0 < message["lost_ms"] <= 2000, f"it is on record as {message}")
    ends = lambda: [leg["ended_at"] for leg in daemon.record(interaction, "sam")["legs"]]
    until(lambda: all(ends()), 20, lambda: f"the caller was not let go: {ends()}")
    text = str(daemon.record(interaction, "sam")["happenings"])
    expect("the rest of the message could not be recorded" in text, f"the record says {text}")
    expect("a message is cut, as the disk takes no more of it" in daemon.process.text(), "nobody is told")
    expect(daemon.metric("tandem_voicemails_total", queue="support") == 1, "it is not counted")
    voicemails.is_heard(daemon, interaction, 2)
    caller.stop()


CHECKS = [
    a_full_disk_refuses_new_work_acknowledges_nothing_and_recovers,
    a_full_disk_leaves_silence_in_a_recording_and_the_call_goes_on,
    a_full_disk_ends_a_message_whose_beginning_is_kept,
]
