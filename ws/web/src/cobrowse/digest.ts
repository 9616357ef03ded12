// SHA-256 (FIPS 180-4) at once: the browser's own comes later than the event it is for, and not on a page without TLS. Pure.

const ROUNDS = new Uint32Array(64);
const START = new Uint32Array(8);

// The fractions of the cube and square roots of the first primes.
for (let n = 2, found = 0; found < 64; n++) {
  let prime = true;
  for (let by = 2; by * by <= n; by++) prime &&= n % by !== 0;
  if (!prime) continue;
  if (found < 8) START[found] = fraction(Math.sqrt(n));
  ROUNDS[found++] = fraction(Math.cbrt(n));
}

function fraction(root: number): number {
  return (root - Math.floor(root)) * 2 ** 32;
}

/** Returns the SHA-256 of some bytes, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) block(state, words, view, at);
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

function block(state: Uint32Array, words: Uint32Array, view: DataView, at: number): void {
  for (let n = 0; n < 16; n++) words[n] = view.getUint32(at + n * 4);
  for (let n = 16; n < 64; n++) {
    const [far, near] = [words[n - 15]!, words[n - 2]!];
    words[n] = words[n - 16]! + (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3)) + words[n - 7]! + (turn(near, 17) ^ turn(near, 19) ^ (near >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let n = 0; n < 64; n++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[n]! + words[n]!) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, n) => (state[n]! += word));
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
