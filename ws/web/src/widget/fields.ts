// What a zone asks before the chat: its fields, drawn, checked and read.

import type { Filled } from "../generated/protocol";
import { readNumber } from "../text/number";
import { el } from "./dom";
import type { Words } from "./words";

/** A field as `GET /api/v1/zones/{zone}` tells it. */
export interface Field {
  field: string;
  kind: "name" | "mail" | "number" | "text" | "choice" | "consent";
  label: string;
  required: boolean;
  options?: { value: string; label: string }[];
  link?: string;
}

/** What is asked where a zone asks nothing of its own. */
export const plainFields = (words: Words): Field[] => [
  { field: "name", kind: "name", label: words.name, required: false },
  { field: "mail", kind: "mail", label: words.mail, required: false },
];

type Input = HTMLInputElement | HTMLSelectElement;

const AS = {
  name: { autocomplete: "name", maxlength: "100", "data-testid": "name" },
  mail: { type: "email", autocomplete: "email", maxlength: "254", "data-testid": "mail" },
  number: { type: "tel", autocomplete: "tel", maxlength: "40" },
  text: { autocomplete: "off", maxlength: "500" },
  consent: { type: "checkbox" },
};

/** The fields of a form. */
export class Fields {
  readonly element = el("div", { class: "fields" });
  #fields: Field[] = [];
  readonly #inputs = new Map<string, Input>();
  /** What the visitor said of themselves before, and what they typed. */
  #said = { name: "", mail: "", typed: {} as Record<string, string> };
  #own = false;
  #drawn = "";

  constructor(private readonly words: Words) {
    this.draw(undefined);
  }

  /** Draws what a zone asks; what is typed already stays. */
  draw(form: Field[] | undefined): void {
    const drawn = JSON.stringify(form ?? null);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#own = form !== undefined;
    Object.assign(this.#said.typed, this.typed);
    this.#fields = form ?? plainFields(this.words);
    this.#inputs.clear();
    this.element.replaceChildren(...this.#fields.map((field) => this.#draw(field)));
    this.#fillIn();
  }

  /** Fills in what is known of the visitor, and what was typed before. */
  prefill(name: string, mail: string, typed: Record<string, string>): void {
    this.#said = { name, mail, typed };
    this.#fillIn();
  }

  /** What is in each field, by its name. */
  get typed(): Record<string, string> {
    return Object.fromEntries(this.#fields.map(({ field }) => [field, this.#value(field)]));
  }

  get name(): string {
    return this.#of("name");
  }

  get mail(): string {
    return this.#of("mail");
  }

  /** What was answered to a zone's own form, besides name and mail address. */
  filled(lang: string, later: boolean): Filled | undefined {
    if (!this.#own) return undefined;
    const asked = this.#fields.filter(({ kind }) => kind !== "name" && kind !== "mail");
    const answers = asked.map(({ field }) => [field, this.#value(field)]).filter(([, value]) => value);
    return { lang, later, answers: Object.fromEntries(answers) };
  }

  /** The first field that is wrong, with what to do about it; who leaves a message can be answered somehow. */
  wrong(later: boolean): { input: HTMLElement; text: string } | undefined {
    for (const field of this.#fields) {
      const text = this.#complaint(field);
      const input = this.#inputs.get(field.field);
      if (text && input) return { input, text };
    }
    const ways = this.#fields.filter(({ kind }) => kind === "mail" || kind === "number");
    const first = ways[0] && this.#inputs.get(ways[0].field);
    if (later && first && ways.every(({ field }) => !this.#value(field))) return { input: first, text: this.words.leaveWay };
    return undefined;
  }

  get inputs(): Iterable<HTMLElement> {
    return this.#inputs.values();
  }

  #complaint({ field, kind, label, required }: Field): string | undefined {
    const { words } = this;
    const value = this.#value(field);
    if (!value) {
      if (!required) return undefined;
      return kind === "consent" ? words.fieldConsent(label) : kind === "choice" ? words.fieldChoice(label) : words.fieldMissing(label);
    }
    const input = this.#inputs.get(field);
    if (kind === "mail" && !input?.checkValidity()) return required ? words.badMailNeeded : words.badMail;
    if (kind !== "number") return undefined;
    const { is } = readNumber(value);
    return { number: undefined, empty: words.fieldMissing(label), letters: words.numberLetters, short: words.numberShort, long: words.numberLong }[is];
  }

  #of(kind: Field["kind"]): string {
    const field = this.#fields.find((each) => each.kind === kind);
    return field ? this.#value(field.field) : "";
  }

  #value(field: string): string {
    const input = this.#inputs.get(field);
    if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked ? "yes" : "";
    return input?.value.trim() ?? "";
  }

  #fillIn(): void {
    const { typed, ...said } = this.#said;
    for (const { field, kind } of this.#fields) {
      const value = typed[field] ?? (said as Record<string, string>)[kind] ?? "";
      const input = this.#inputs.get(field);
      if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = value === "yes";
      else if (input) input.value = value;
    }
  }

  #draw(field: Field): HTMLElement {
    const { words } = this;
    const optional = !field.required && el("span", { class: "optional" }, ` (${words.optional})`);
    const common = { name: field.field, "data-testid": `field-${field.field}`, "aria-required": field.required && "true" };
    if (field.kind === "choice") {
      const options = (field.options ?? []).map(({ value, label }) => el("option", { value }, label));
      const select = el("select", common, el("option", { value: "" }, words.fieldChoose), ...options);
      this.#inputs.set(field.field, select);
      return el("label", { class: "field" }, el("span", {}, field.label, optional), select);
    }
    const input = el("input", { ...common, ...AS[field.kind], "aria-describedby": "welcome-error" });
    this.#inputs.set(field.field, input);
    if (field.kind !== "consent") return el("label", { class: "field" }, el("span", {}, field.label, optional), input);
    const link = field.link && el("a", { href: field.link, target: "_blank", rel: "noopener noreferrer" }, words.fieldRead);
    return el("div", { class: "field agree" }, el("label", {}, input, el("span", {}, field.label, optional)), link);
  }
}
