// The parts of the widget that are loaded when they are needed.

/** Returns what loads a part that stands below `base`. A browser keeps that it failed under an address: it is tried anew under another. */
export function parts(load: (url: string) => Promise<unknown>, base: URL): (name: string) => Promise<any> {
  const names: Record<string, string> = {};
  let tries = 0;
  return (name) =>
    load(new URL((names[name] ??= name), base).href).catch((error) => {
      names[name] = `${name}?${++tries}`;
      throw error;
    });
}
