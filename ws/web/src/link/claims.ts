// What a JSON Web Token claims. Whether it is true is the server's to see.

/** Reads it; nothing where it is none. */
export function claimed(token: string | undefined): { sub?: string; exp?: number } | undefined {
  try {
    return JSON.parse(atob(token!.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return undefined;
  }
}
