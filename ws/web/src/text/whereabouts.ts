// Where somebody is, by the clock of their browser.

/** Returns the time zone of the browser by its IANA name; nothing where that names no region, and so says little of where somebody is. */
export function ownZone(name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone): string | undefined {
  return name !== undefined && /^(?!Etc\/)[A-Z]\w*\/[\w+/-]+$/.test(name) ? name : undefined;
}
