// Files in chats, from both sides, and what hostile ones may not do.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { until } from "./house.mjs";
import { served } from "./console.mjs";

export const FILES = [
  ["files go both ways: by a button, by pasting and by dropping, and show as pictures", bothWays],
  ["a file that is dropped on the widget is sent, and where none can be the page stays", dropped],
  ["a file that is not what it says is refused with a sentence", hostile],
];

const PNG = picture(640, 400);

// A picture of some size (PNG, RFC 2083): rows of a colour that changes.
export function picture(width, height) {
  const part = (name, data) => {
    const whole = Buffer.concat([Buffer.from(name, "latin1"), data]);
    const framed = Buffer.alloc(8);
    framed.writeUInt32BE(data.length);
    framed.writeUInt32BE(crc32(whole), 4);
    return Buffer.concat([framed.subarray(0, 4), whole, framed.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  const rows = Buffer.alloc((3 * width + 1) * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < 3 * width; x++) rows[y * (3 * width + 1) + 1 + x] = [200 - y / 4, 120 + x / 16, 90 + y / 4][x % 3];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), part("IHDR", head), part("IDAT", deflateSync(rows)), part("IEND", Buffer.alloc(0))]);
}

// A file that is brought to a page as a person would: from outside, over an element.
// Tells whether the page took it over from the browser.
async function bring(side, kind, id, name, type, bytes, text) {
  const at = await side.get(id).elementHandle();
  return at.evaluate((element, { kind, name, type, bytes, text }) => {
    const data = new DataTransfer();
    if (text !== undefined) data.setData("text/plain", text);
    data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }) : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
    return !element.dispatchEvent(event);
  }, { kind, name, type, bytes: [...bytes], text });
}

// The same as the browser does it: what the page does not take, it opens in the page's place.
async function drop(side, id, path) {
  const { x, y, width, height } = await side.get(id).boundingBox();
  const session = await side.page.context().newCDPSession(side.page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  await session.detach();
}

async function dropped(house) {
  const folder = await mkdtemp(join(tmpdir(), "tandem-drop-"));
  const file = join(folder, "terms.txt");
  await writeFile(file, "Terms");
  const early = await house.visitor();
  await early.open();
  await early.get("first-message").fill("Have you read them?");
  await drop(early, "first-message", file);
  await drop(early, "close", file);
  assert.equal(await early.get("first-message").inputValue(), "Have you read them?");
  assert.match(early.page.url(), /\/demo\/$/);
  await early.window.close();

  const yves = await served(house, "Yolanda", "I have the terms");
  for (const [n, id] of ["composer", "log", "close"].entries()) {
    await drop(yves, id, file);
    await until(`what was dropped on ${id} arrived`, async () => (await yves.get("file").count()) === n + 1);
  }
  await yves.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  assert.equal(await yves.get("file").count(), 3, "each is sent once");
  await house.axe(yves.page, "widget, files that were dropped");
  await house.cast.anna.clear();
  await yves.window.close();
  await rm(folder, { recursive: true });
}

async function bothWays(house) {
  const { anna } = house.cast;
  const { page } = anna;
  const yves = await served(house, "Yves", "I took a picture");
  await yves.get("attach").setInputFiles({ name: "broken bowl.png", mimeType: "image/png", buffer: PNG });
  await yves.get("picture").waitFor();
  await anna.get("picture").waitFor();
  await house.axe(page, "desk, a file");
  await bring(anna, "paste", "composer", "how-to.png", "image/png", PNG);
  await until("what was pasted arrived", async () => (await yves.get("file").count()) === 2);
  // Office programs put a picture beside the text of what is copied: the text is pasted, and nothing is sent.
  for (const side of [anna, yves]) assert.equal(await bring(side, "paste", "composer", "cells.png", "image/png", PNG, "42 EUR"), false, "the browser pastes the text");
  await bring(anna, "dragover", "log", "terms.txt", "text/plain", Buffer.from("Terms"));
  await house.shot(page, "67-dropping");
  await bring(anna, "drop", "log", "terms.txt", "text/plain", Buffer.from("Terms"));
  await until("what was dropped arrived", async () => (await yves.get("file").count()) === 3);
  await house.axe(yves.page, "widget, files");
  await house.shot(yves.page, "68-widget-files");
  await house.shot(page, "69-desk-files");
  const [kept] = await Promise.all([yves.page.waitForEvent("download"), yves.get("file").nth(2).click()]);
  assert.equal(kept.suggestedFilename(), "terms.txt");
  assert.equal(await readFile(await kept.path(), "utf8"), "Terms");
  await yves.reload();
  await until("the files are there after a reload", async () => (await yves.get("file").count()) === 3);
  for (const [name, width, height, scheme] of [["tablet", 1024, 768, "light"], ["phone", 390, 780, "dark"]]) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    await house.shot(page, `69-desk-files-${name}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  await yves.page.setViewportSize({ width: 390, height: 780 });
  await yves.page.emulateMedia({ colorScheme: "dark" });
  await house.shot(yves.page, "68-widget-files-phone");
  await anna.end();
  await yves.window.close();
}

async function hostile(house) {
  const { anna } = house.cast;
  const zoe = await served(house, "Zoe", "Here it is");
  zoe.window.expected.push(/status of 415/);
  anna.window.expected.push(/status of 415/);
  const page = Buffer.from("<html><script>document.title = 'owned'</script></html>");
  for (const name of ["picture.png", "page.html", "drawing.svg"]) {
    await zoe.get("attach").setInputFiles({ name, mimeType: "image/png", buffer: page });
    await zoe.page.locator(".composer .error", { hasText: name }).waitFor();
  }
  // Those beside it are sent.
  await zoe.get("attach").setInputFiles([{ name: "one.png", mimeType: "image/png", buffer: PNG }, { name: "two.png", mimeType: "image/png", buffer: page }, { name: "three.png", mimeType: "image/png", buffer: PNG }]);
  for (const name of ["one.png", "three.png"]) await anna.get("file").getByText(name).waitFor();
  await zoe.page.locator(".composer .error", { hasText: "two.png" }).waitFor();
  await house.axe(zoe.page, "widget, a refused file");
  await house.shot(zoe.page, "70-widget-file-refused");
  await anna.get("attach").setInputFiles({ name: "page.html", mimeType: "text/html", buffer: page });
  await anna.get("sendings").getByText("Not sent:").waitFor();
  await house.axe(anna.page, "desk, a refused file");
  await house.shot(anna.page, "70-desk-file-refused");
  await zoe.get("attach").setInputFiles({ name: "<img src=x onerror=document.title='owned'>.png", mimeType: "image/png", buffer: PNG });
  await anna.get("file").getByText("onerror").waitFor();
  assert.equal(await anna.page.locator(".timeline img").count(), 0, "a name is text");
  assert.notEqual(await anna.page.title(), "owned");
  assert.notEqual(await zoe.page.title(), "owned");
  await anna.get("sendings").getByRole("button", { name: "Dismiss" }).click();
  await anna.end();
  await zoe.window.close();
}
