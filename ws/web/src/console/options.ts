// Lists to choose from, and which of their lines fit what is typed. Pure.

/** One line of a list to choose from. */
export interface Option {
  value: string;
  text: string;
  disabled?: boolean;
}

/** Lines under one heading. */
export interface Group {
  label: string;
  options: Option[];
}

/** Returns what has each typed word somewhere, in whatever case and with or without accents; `chosen` always stays. */
export function fitting(groups: readonly Group[], typed: string, chosen: string): Group[] {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  const fits = ({ text }: Option) => wanted.every((word) => plain(text).includes(word));
  return groups
    .map(({ label, options }) => ({ label, options: options.filter((option) => option.value === chosen || fits(option)) }))
    .filter(({ options }) => options.length > 0);
}

/** Returns what is chosen by typing alone: the first that fits and can be. */
export function first(groups: readonly Group[], typed: string): string | undefined {
  return fitting(groups, typed, "").flatMap(({ options }) => options).find(({ disabled }) => !disabled)?.value;
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
