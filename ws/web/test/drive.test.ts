import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Driver, type Machine } from "../src/link/drive";
import { notify } from "../src/sound/notify";

type Output = { do: "show" | "break" };

/** What of a browser the driver needs; faults are kept. */
function browser(): unknown[] {
  const faults: unknown[] = [];
  Object.assign(globalThis, { addEventListener: () => {}, document: { addEventListener: () => {}, hidden: false }, reportError: (fault: unknown) => faults.push(fault) });
  return faults;
}

class Scripted implements Machine<Output> {
  outputs: Output[] = [];
  due: number | undefined;
  timeouts: number[] = [];
  handleOpen(): void {}
  handleText(): void {}
  handleClose(): void {}
  wake(): void {}
  handleTimeout(now: number): void {
    this.timeouts.push(now);
    if (this.due !== undefined && this.due <= now) this.due = undefined;
  }
  pollTimeout(): number | undefined {
    return this.due;
  }
  pollOutput(): Output | undefined {
    return this.outputs.shift();
  }
}

test("what cannot be done stops nothing that comes after it", () => {
  const faults = browser();
  const machine = new Scripted();
  const done: string[] = [];
  const driver = new Driver<Output>(machine, "", (output) => {
    if (output.do === "break") throw new TypeError("no such thing here");
    done.push(output.do);
  }, () => {});

  driver.step(() => machine.outputs.push({ do: "break" }, { do: "show" }));
  driver.step(() => machine.outputs.push({ do: "show" }));

  assert.deepEqual(done, ["show", "show"]);
  assert.equal(faults.length, 1);
});

test("what has waited out its time is due, also where the clock was set back meanwhile", () => {
  browser();
  mock.timers.enable({ apis: ["setTimeout"] });
  const wall = mock.method(Date, "now", () => 1_000_000);
  const machine = new Scripted();
  const driver = new Driver<Output>(machine, "", () => {}, () => {});
  driver.step((now) => (machine.due = now + 5_000));

  wall.mock.mockImplementation(() => 1_000_000 + 5_000 - 600_000);
  mock.timers.tick(5_000);

  assert.deepEqual([machine.timeouts, machine.due], [[1_005_000], undefined]);
  // And it goes on from there.
  let later = 0;
  wall.mock.mockImplementation(() => 1_000_000 + 6_000 - 600_000);
  driver.step((now) => (later = now));
  assert.equal(later, 1_006_000);
  mock.restoreAll();
  mock.timers.reset();
});

test("a browser that knows notifications and refuses them shows none, and nothing breaks", () => {
  let tried = 0;
  class Refusing {
    static permission = "granted";
    constructor() {
      tried += 1;
      throw new TypeError("Illegal constructor");
    }
  }
  Object.assign(globalThis, { Notification: Refusing });

  notify("Tandem", { body: "Chat from Ada" });

  assert.equal(tried, 1);
});

test("a WebSocket that the page put in its place is sent to, whatever names it knows", () => {
  browser();
  const sockets: Wrapped[] = [];
  class Wrapped {
    readyState = 0;
    sent: string[] = [];
    constructor() {
      sockets.push(this);
    }
    send(text: string): void {
      this.sent.push(text);
    }
    close(): void {}
  }
  Object.assign(globalThis, { WebSocket: Wrapped });
  const machine = new Scripted();
  const driver = new Driver<Output>(machine, "", () => {}, () => {});
  const tell = (...outputs: object[]) => driver.step(() => machine.outputs.push(...(outputs as Output[])));

  tell({ do: "connect" }, { do: "send", text: "too early" });
  sockets[0]!.readyState = 1;
  tell({ do: "send", text: "hello" });

  assert.deepEqual(sockets[0]!.sent, ["hello"]);
});
