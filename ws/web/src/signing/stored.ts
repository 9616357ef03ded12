// What a page of staff keeps in its tab, for a reload and for whoever comes back to it.

/** Returns what is kept under a key; nothing where nothing is, or what is there cannot be read. */
export function stored<T>(key: string): T | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? "null") as T | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps something under a key, or nothing any more. A storage that is full, or that there is not, costs what is kept after a reload, and nothing else. */
export function store(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Then it is kept until the page is left.
  }
}
