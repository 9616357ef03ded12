// A picture as the browser draws it: decoded from its bytes onto a canvas, so that nothing in it is ever a document, and
// no address of it stands in the page.

import { isDrawable } from "./dimensions";

/** Draws a picture no larger than given; rejects what the browser cannot decode, or should not by itself. */
export async function drawn(blob: Blob, widest: number, highest: number): Promise<HTMLCanvasElement> {
  if (!isDrawable(new Uint8Array(await blob.arrayBuffer()))) throw new RangeError("the picture is too large to be drawn");
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, widest / bitmap.width, highest / bitmap.height);
  const canvas = document.createElement("canvas");
  const dense = Math.min(2, devicePixelRatio || 1);
  canvas.width = Math.max(1, Math.round(bitmap.width * scale * dense));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale * dense));
  canvas.style.width = `${Math.max(1, Math.round(bitmap.width * scale))}px`;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** Has the browser keep it as a file. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(blob);
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Whether a picture of this type is drawn in the conversation. */
export function isPicture(kind: string, bytes: number): boolean {
  return kind.startsWith("image/") && bytes <= 12_000_000;
}
