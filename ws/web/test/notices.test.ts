import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./browser";

const { browser: kept, page: tabs } = install();
const { discreet, noticeOf, settle, takeBack, toggleDiscreet } = await import("../src/console/notices");

const notices: FakeNotice[] = [];
const page = { hidden: true, focused: 0 };

class FakeNotice {
  static permission = "granted";
  onclick: (() => void) | null = null;
  closed = false;

  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    notices.push(this);
  }

  close(): void {
    this.closed = true;
  }
}

function away(): void {
  notices.length = 0;
  Object.assign(page, { hidden: true, focused: 0 });
  Object.assign(globalThis, { Notification: FakeNotice, document: page, window: { focus: () => (page.focused += 1) } });
  settle(new Set());
}

const open = () => notices.filter(({ closed }) => !closed).map(({ title, options }) => `${title}: ${options.body}`);
const led: string[] = [];
const says = (who: string, text: string) => noticeOf({ of: `chat ${who}`, title: who, body: text, plain: "New message", lead: () => led.push(who) });

test("a notification says whose chat it is, and each chat has its own", () => {
  away();

  says("Ada", "Hello?");
  says("Ben", "ok");

  assert.deepEqual(open(), ["Ada: Hello?", "Ben: ok"]);
  assert.equal(new Set(notices.map(({ options }) => options.tag)).size, 2);
});

test("pressing it brings the window to the front, leads to the chat, and takes it away", () => {
  away();
  says("Ada", "Hello?");
  says("Ben", "ok");

  notices[1]?.onclick?.();

  assert.deepEqual([led, page.focused, open()], [["Ben"], 1, ["Ada: Hello?"]]);
});

test("it goes when its chat is read, its offer is gone, or what it says is taken back", () => {
  away();
  says("Ada", "Hello?");
  says("Ben", "my password is hunter2");
  noticeOf({ of: "offer x", title: "Chat offered: Cleo", body: "Queue support", plain: "New offer", lead: () => {} });

  settle(new Set(["chat Ada", "chat Ben"]));
  assert.deepEqual(open(), ["Ada: Hello?", "Ben: my password is hunter2"]);
  settle(new Set(["chat Ben"]));
  takeBack("my password is hunter2");

  assert.deepEqual(open(), []);
});

test("who looks at the page gets none", () => {
  away();
  page.hidden = false;

  says("Ada", "Hello?");

  assert.deepEqual(open(), []);
});

test("where names and texts are hidden it says only that something came, also after a reload, and what was shown before goes", async () => {
  away();
  says("Ada", "Hello?");

  toggleDiscreet();
  says("Ada", "My number is 4711");
  noticeOf({ of: "offer x", title: "Chat offered: Cleo", body: "Queue support", plain: "New offer", lead: () => {} });

  assert.deepEqual(open(), ["New message: undefined", "New offer: undefined"]);
  assert.equal(JSON.stringify(notices.slice(1).map(({ title, options }) => [title, options.body])).includes("Cleo"), false);
  assert.equal(kept.getItem("tandem.notices"), "plain");
  takeBack("My number is 4711");
  assert.deepEqual(open(), ["New offer: undefined"]);

  // Another console of this browser shows them again.
  kept.setItem("tandem.notices", "whole");
  tabs.dispatchEvent(Object.assign(new Event("storage"), { key: "tandem.notices" }));
  assert.equal(discreet.value, false);
});

test("where another console of this browser hides names and texts, what is there with them goes here too", () => {
  away();
  says("Ada", "Hello?");

  kept.setItem("tandem.notices", "plain");
  tabs.dispatchEvent(Object.assign(new Event("storage"), { key: "tandem.notices" }));

  assert.deepEqual([discreet.value, open()], [true, []]);
  toggleDiscreet();
});

test("whoever signs out leaves no notification behind", async () => {
  away();
  Object.assign(page, { addEventListener: () => {}, visibilityState: "hidden", documentElement: {} });
  Object.defineProperty(globalThis, "location", { value: new URL("https://desk.example/"), configurable: true });
  Object.assign(globalThis, { setInterval: () => 0, BroadcastChannel: class {} });
  const { signOut } = await import("../src/console/model");
  says("Ada", "Hello?");

  signOut();

  assert.deepEqual(open(), []);
});
