// What a level meter shows.

/** Turns a loudness, of 1, into 0 to 100, as loud as it sounds. */
export function shown(level: number): number {
  const decibels = 20 * Math.log10(Math.max(level, 0.000_1));
  return Math.round(Math.min(100, Math.max(0, (decibels + 60) * (100 / 54))));
}
