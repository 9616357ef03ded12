import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Files } from "../src/widget/files";

test("a file whose answer was lost goes again as the same one, and another time as another", async () => {
  let made = 0;
  const files = new Files({ base: "https://chat.example/", lang: "en", texts: {}, here: () => ({ token: "t", interaction: "i" }), largest: 1_000, newMid: () => `m${++made}` });
  const mids: (string | null)[] = [];
  const fetched = mock.method(globalThis, "fetch", async (address: URL) => {
    mids.push(address.searchParams.get("mid"));
    if (mids.length === 1) throw new TypeError("the network is gone");
    return mids.length === 4 ? new Response("{}", { status: 415 }) : new Response();
  });
  const said: [string, boolean][] = [];
  const pick = () => files.send([new File(["bowl"], "bowl.txt", { lastModified: 7 })], (text, wrong) => said.push([text, wrong]));

  await pick();
  assert.match(said.at(-1)![0], /try again/);
  await pick();
  assert.deepEqual(said.at(-1), ["", false]);
  await pick();
  await pick();
  await pick();

  // Lost, taken; taken; refused; taken.
  assert.deepEqual(mids, ["m1", "m1", "m2", "m3", "m4"]);
  fetched.mock.restore();
});
