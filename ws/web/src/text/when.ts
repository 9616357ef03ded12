// Times and spans in words, and the times people ask to be called at.

/** Ways to say when to be called. */
export type When = "now" | "minutes20" | "hour" | "tomorrow" | "chosen";

/** Returns the moment meant, nothing for "now" and for a chosen time that is no time. */
export function moment(when: When, chosen: string, now: number): number | undefined {
  switch (when) {
    case "now":
      return undefined;
    case "minutes20":
      return now + 20 * 60_000;
    case "hour":
      return now + 60 * 60_000;
    case "tomorrow": {
      const day = new Date(now);
      day.setDate(day.getDate() + 1);
      day.setHours(10, 0, 0, 0);
      return day.getTime();
    }
    case "chosen": {
      const time = new Date(chosen).getTime();
      return Number.isNaN(time) ? undefined : time;
    }
  }
}

/** Returns a time for a `datetime-local` field, in local time. */
export function fieldTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** Returns how times are written in a text: as in the browser's own country, where the text is in the browser's language. */
export function written(lang: string, own = globalThis.navigator?.language): string {
  return new RegExp(`^${lang}(-\\w+)*$`, "i").test(own) ? own : lang;
}

/** Returns the time of day, after whatever else of the moment is asked for. */
export function clockTime(at: number, lang: string, more: Intl.DateTimeFormatOptions = {}): string {
  return new Intl.DateTimeFormat(written(lang), { ...more, hour: "2-digit", minute: "2-digit" }).format(at);
}

/** Returns the day, when it is not today, and the time of day. */
export function dayTime(at: number, now: number, lang: string): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return clockTime(at, lang, sameDay ? {} : { weekday: "short", day: "numeric", month: "short" });
}

/** Returns day, month by name or as the language has it in full, year, and the time to the second: for what is kept. */
export function fullTime(at: number, lang: string): string {
  return new Intl.DateTimeFormat(written(lang), { dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** Returns a span as minutes and seconds, `4:05`, or with hours, `1:04:05`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
