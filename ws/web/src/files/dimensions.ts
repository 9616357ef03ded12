// How large a picture is, as its first bytes say: few bytes may be a picture of gigabytes once it is decoded. Pure.

/** Width and height in pixels. */
export interface Dimensions {
  width: number;
  height: number;
}

/** The most pixels that are decoded by themselves: as many as a large camera makes. */
const MOST = 40_000_000;

/** Tells whether a picture says how large it is, and is not too large to be decoded. */
export function isDrawable(bytes: Uint8Array): boolean {
  const size = dimensions(bytes);
  return size !== undefined && size.width * size.height <= MOST;
}

/** Reads the dimensions of a PNG, GIF, WebP or JPEG. */
export function dimensions(bytes: Uint8Array): Dimensions | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (says(bytes, 1, "PNG")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (says(bytes, 0, "GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (says(bytes, 0, "RIFF") && says(bytes, 8, "WEBP")) return webp(bytes, view);
    return view.getUint16(0) === 0xffd8 ? jpeg(view) : undefined;
  } catch {
    // It ends before it has said so.
    return undefined;
  }
}

function webp(bytes: Uint8Array, view: DataView): Dimensions | undefined {
  if (says(bytes, 12, "VP8X")) return { width: 1 + three(view, 24), height: 1 + three(view, 27) };
  if (says(bytes, 12, "VP8 ")) return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (!says(bytes, 12, "VP8L")) return undefined;
  const packed = view.getUint32(21, true);
  return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >> 14) & 0x3fff) };
}

// The frame header comes after segments that say their length: FFC0 to FFCF, but for tables (C4, C8, CC).
function jpeg(view: DataView): Dimensions | undefined {
  for (let at = 2; ; ) {
    const marker = view.getUint16(at);
    if (marker === 0xffff) at += 1;
    else if (marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    else if (marker < 0xff01 || marker === 0xffda) return undefined;
    else at += 2 + view.getUint16(at + 2);
  }
}

function says(bytes: Uint8Array, at: number, word: string): boolean {
  return [...word].every((letter, n) => bytes[at + n] === letter.charCodeAt(0));
}

function three(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
}
