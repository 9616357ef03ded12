// Names what is written or sent, so that it is taken once however often it is sent.

/** Makes a name; pages that are not served securely have no `crypto.randomUUID`. */
export function newMid(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
