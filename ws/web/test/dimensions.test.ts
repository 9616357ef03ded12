import assert from "node:assert/strict";
import { test } from "node:test";
import { dimensions, isDrawable } from "../src/files/dimensions";

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
const png = (width: number, height: number) => Uint8Array.from([0x89, ...ascii("PNG\r\n\x1a\n"), 0, 0, 0, 13, ...ascii("IHDR"), ...big(width), ...big(height), 8, 2, 0, 0, 0]);
const big = (value: number) => [24, 16, 8, 0].map((by) => (value >>> by) & 255);
const riff = (kind: string, ...rest: number[]) => Uint8Array.from([...ascii("RIFF"), 0, 0, 0, 0, ...ascii(`WEBP${kind}`), 0, 0, 0, 0, ...rest, 0, 0, 0, 0]);

test("a picture of few bytes and many pixels is not decoded by itself", () => {
  assert.equal(isDrawable(png(6_000, 4_000)), true);
  assert.equal(isDrawable(png(25_000, 25_000)), false);
  assert.equal(isDrawable(png(2 ** 31, 1)), false);
});

test("each kind of picture says how large it is", () => {
  const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc4, 0, 3, 9, 0xff, 0xff, 0xc2, 0, 17, 8, 0x0b, 0xb8, 0x0f, 0xa0, 3];
  for (const [kind, bytes, wanted] of [
    ["png", png(640, 480), [640, 480]],
    ["gif", Uint8Array.from([...ascii("GIF89a"), 0x40, 0x01, 0xf0, 0x00, 0, 0]), [320, 240]],
    ["jpeg", Uint8Array.from(jpeg), [4_000, 3_000]],
    ["webp, lossy", riff("VP8 ", 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01), [640, 480]],
    ["webp, lossless", riff("VP8L", 0x2f, 0x7f, 0xc2, 0x77, 0x00), [640, 480]],
    ["webp, extended", riff("VP8X", 0, 0, 0, 0, 0xa7, 0x61, 0x00, 0xa7, 0x61, 0x00), [25_000, 25_000]],
  ] as const) {
    const found = dimensions(bytes);
    assert.deepEqual([found?.width, found?.height], wanted, kind);
  }
});

test("what does not say it is not drawn, however it ends", () => {
  const whole = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff]);
  for (const bytes of [new Uint8Array(), whole, png(640, 480).slice(0, 20), Uint8Array.from(ascii("%PDF-1.7")), Uint8Array.from([0xff, 0xd8, 0, 0, 0, 0])]) {
    assert.equal(isDrawable(bytes), false);
  }
});
