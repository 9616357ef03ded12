// A telephone number with its complaint in words.

import { readNumber, type TypedNumber } from "../../text/number";
import { words } from "../words";

const COMPLAINTS: Record<Exclude<TypedNumber["is"], "number">, string> = {
  empty: words.numberEmpty,
  letters: words.numberLetters,
  short: words.numberShort,
  long: words.numberLong,
};

/** Reads the field `number` of a form: the number, or what is wrong with it. */
export function numberIn(form: HTMLFormElement): { number: string } | { complaint: string } {
  const typed = readNumber(String(new FormData(form).get("number") ?? ""));
  return typed.is === "number" ? { number: typed.number } : { complaint: COMPLAINTS[typed.is] };
}

export function NumberField({ value, complaint }: { value: string; complaint: string }) {
  return (
    <label class="field">
      <span>{words.number}</span>
      <input name="number" type="tel" defaultValue={value} maxLength={30} autofocus aria-invalid={complaint !== ""} aria-describedby="number-complaint" data-testid="number" />
      <span id="number-complaint" class="error" role="alert">
        {complaint}
      </span>
    </label>
  );
}
