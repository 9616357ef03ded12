"""An agent's console and a visitor's widget without a browser: `tandem-load agent` and `tandem-load visitor` speak the
WebSocket, here only JSON lines go in and out."""
import json, subprocess, threading, time

from .daemon import LOAD, PASSWORD
from .processes import Failure, Process


class Person:
    """A WebSocket client: requests go in by `ask`, everything the server said is in `frames`, what went out in `asked`."""

    def __init__(self, daemon, kind, name, *options):
        self.frames, self.asked = [], []
        self.news, self.name = threading.Condition(), f"{kind}-{name}"
        command = [LOAD, kind, "--web", daemon.url, *options]
        self.process = Process(self.name, command, daemon.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.popen.stdout:
            if self.process.file.closed:
                return  # It was ended, and this was on its way.
            self.process.file.write(line)
            frame = json.loads(line)
            with self.news:
                if "asked" in frame:
                    self.asked.append(frame["asked"])
                else:
                    self.frames.append(frame)
                self.news.notify_all()

    def ask(self, op, **fields):
        """Sends a request; its answer comes as a frame."""
        line = json.dumps({"op": op, **fields}) + "\n"
        self.process.popen.stdin.write(line.encode())
        self.process.popen.stdin.flush()

    def answer(self, op, **fields):
        """Sends a request and waits for its own answer; returns what was `done`, or the code of the refusal."""
        mark, before = self.mark(), len(self.asked)
        self.ask(op, **fields)
        sent = lambda: [asked["id"] for asked in self.asked[before:] if asked["op"] == op]
        frame = self.see(f"an answer to {op}", lambda frame: frame.get("re") in sent()[:1], after=mark)
        return frame["error"]["code"] if "error" in frame else frame["ok"]["done"]

    def see(self, what, matches, seconds=10, after=0):
        """Waits until a frame matches; returns it."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for frame in self.frames[after:]:
                    if matches(frame):
                        return frame
                left = end - time.monotonic()
                if left <= 0 or not self.process.running():
                    raise Failure(f"{self.name} never saw {what}; last frames {self.frames[-3:]}; {self.process.text()[-300:]}")
                self.news.wait(min(left, 0.2))

    def mark(self):
        """Returns where the frames end now, for `after`."""
        with self.news:
            return len(self.frames)

    def change(self, kind, seconds=10, after=0, **fields):
        """Waits for a change of the desk."""
        def matches(frame):
            change = frame.get("change")
            return isinstance(change, dict) and change.get("change") == kind \
                and all(frame.get(key) == value for key, value in fields.items())
        return self.see(f"change {kind} {fields}", matches, seconds, after)

    def entry(self, what, seconds=10, after=0, **fields):
        """Waits for an entry of a timeline."""
        def matches(frame):
            entry = frame.get("entry")
            return isinstance(entry, dict) and entry.get("what") == what and all(entry.get(k) == v for k, v in fields.items())
        return self.see(f"entry {what} {fields}", matches, seconds, after)

    def call(self, state, seconds=10, after=0):
        """Waits until a timeline says that the call stands so."""
        def matches(frame):
            entry = frame.get("entry") or {}
            return entry.get("what") == "call" and entry.get("call", {}).get("is") == state
        return self.see(f"call {state}", matches, seconds, after)

    def messages(self):
        """Returns (mid, text) of every message entry, in the order they came."""
        with self.news:
            entries = [frame["entry"] for frame in self.frames if isinstance(frame.get("entry"), dict)]
        return [(entry["mid"], entry["text"]) for entry in entries if entry.get("what") == "message"]

    def stop(self):
        self.process.stop()


class Agent(Person):
    """A console. `accept` takes every offer, `ready` is said at once."""

    def __init__(self, daemon, agent="anna", accept=True, ready=True, wrap_up=True):
        options = ["--agent", agent, "--password", PASSWORD]
        options += ["--accept"] if accept else []
        options += ["--ready"] if ready else []
        options += ["--wrap-up"] if wrap_up else []
        super().__init__(daemon, "agent", agent, *options)
        self.see("its desk", lambda frame: frame.get("push") == "desk")

    def contact(self, seconds=10, after=0):
        """Waits for a contact on the desk; returns it."""
        return self.change("contact", seconds, after)["change"]["contact"]


class Visitor(Person):
    """A widget on the demo shop, or on a page of another zone."""

    count = 0

    def __init__(self, daemon, *options, zone="shop"):
        Visitor.count += 1
        self.zone = zone
        super().__init__(daemon, "visitor", Visitor.count, "--zone", zone, *options)
        self.see("its welcome", lambda frame: (frame.get("ok") or {}).get("done") == "welcome")

    def open(self, text, mid="m1", **fields):
        """Opens the chat; returns the interaction."""
        self.ask("open", zone=self.zone, mid=mid, text=text, **fields)
        frame = self.see("its first message written", lambda frame: (frame.get("ok") or {}).get("mid") == mid)
        return frame["ok"]["interaction"]
