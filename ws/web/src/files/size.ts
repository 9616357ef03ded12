// Sizes as people read them.

/** Says how large a file is, in the language's own digits. */
export function size(bytes: number, lang: string): string {
  const steps = ["B", "kB", "MB"];
  let step = 0;
  let number = bytes;
  while (number >= 1_000 && step < steps.length - 1) {
    number /= 1_000;
    step += 1;
  }
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: number < 10 && step > 0 ? 1 : 0 }).format(number)} ${steps[step]}`;
}
