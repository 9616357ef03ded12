// Attributes by which a page's style sheets tell how something looks. Of the values that they ask for, words that say nothing of
// anybody stay, and any other has a number in its place, there and where it is set; what none asks for is a dot. Pure.

import { LOOKS } from "./looks";
import { asks } from "./text";

/** Such attributes whatever is known of the style sheets: not all of them can be read. */
const KNOWN = new Set(
  (
    "aria-hidden aria-expanded aria-selected aria-current aria-disabled aria-pressed aria-busy aria-invalid aria-orientation aria-sort aria-modal " +
    "data-state data-theme data-mode data-color-mode data-color-scheme data-bs-theme data-open data-closed data-expanded data-collapsed data-active " +
    "data-visible data-hidden data-disabled data-orientation data-side data-align data-placement data-size data-variant x-cloak v-cloak ng-cloak " +
    "inert popover required readonly multiple scope draggable spellcheck translate inputmode loading"
  ).split(" "),
);
/** What lead elsewhere, would run or take the keyboard, and what is text. */
const NEVER =
  /^(?:on.*|http-.*|accept.*|src.*|form.*|content.*|xlink.*|xml.*|style|value|name|title|href|action|placeholder|alt|label|data|poster|cite|ping|nonce|integrity|autofocus|autoplay|is|target|download|background|manifest|usemap)$/;
/** What is told of them goes by something else. */
const OTHERWISE = new Set("start min max step maxlength rel checked selected".split(" "));
/** Words that say how a part is. */
const WORDS = new Set(
  (
    "true false yes no open opened opening closed closing close expanded expanding collapsed collapsing active inactive current visible hidden show shown hide " +
    "enabled disabled loading loaded idle ready pending busy error invalid valid success warning danger info none auto manual hint default primary secondary " +
    "tertiary light dark system small medium large xs sm md lg xl start end center left right top bottom up down horizontal vertical row column grid list " +
    "ascending descending page step location date time sticky fixed instant-open delayed-open full half"
  ).split(" "),
);
/** Attributes, and words, that say what somebody chose. */
const CHOICE = /check|chosen|choice|selected|pressed|value|rating|answer/;
const CHOSEN = /^(?:on|off|(?:un)?checked|indeterminate|mixed|(?:un)?selected|chosen)$/;
const OTHER = "•";
const NAME = /^-?[a-z_][\w-]*$/;
/** Names, and values, that are known of one page. */
const MOST = 4_000;
const LONGEST = 60;
/** Of the words of one value. */
const TOKENS = 20;

/** What a style sheet asks for: that there is an attribute, or for a value of it. */
export interface Ask {
  name: string;
  value?: string;
}

/** What the style sheets of a page ask of its attributes. */
export class Asked {
  /** By the names of attributes what is asked of them; nothing where it is asked whether they are there. */
  readonly #values = new Map<string, Set<string>>();
  readonly #numbers = new Map<string, string>();

  /** Takes what a style sheet asks for; returns what of it changes how the page was told. */
  learn(css: string): Ask[] {
    const found: Ask[] = [];
    asks(css, (name, value = "") => {
      if (!NAME.test(name) || NEVER.test(name) || LOOKS.has(name) || OTHERWISE.has(name) || name.length > LONGEST) return;
      let values = this.#values.get(name);
      if (!values) {
        if (this.#values.size === MOST) return;
        this.#values.set(name, (values = new Set()));
      }
      if (value.length > LONGEST || values.has(value)) return;
      if (value !== "" && !WORDS.has(value) && !this.#numbers.has(value)) {
        if (this.#numbers.size === MOST) return;
        this.#numbers.set(value, `v${this.#numbers.size + 1}`);
      }
      values.add(value);
      // That they are there, and such words, is told of these from the beginning.
      if (KNOWN.has(name) && (value === "" || WORDS.has(value))) return;
      found.push(value === "" ? { name } : { name, value });
    });
    return found;
  }

  /** Returns what stands in a style sheet where it asks for a value; nothing where that is not told. */
  selector(name: string, how: string, value: string): string | undefined {
    if (NEVER.test(name)) return undefined;
    if (WORDS.has(value)) return value;
    return how === "=" || how === "~=" ? this.#numbers.get(value) : undefined;
  }

  /**
   * Returns what is shown of an attribute; nothing where it is left out. `own` says whether an element has such attributes of its
   * own making, and `chosen` whether what was chosen there is shown.
   */
  attribute(name: string, value: string, own: boolean, chosen: () => boolean): string | undefined {
    const values = this.#values.get(name);
    const known = KNOWN.has(name);
    if (NEVER.test(name) || !(known || (values && (own || name.includes("-"))))) return undefined;
    if (CHOICE.test(name) && !chosen()) return undefined;
    const shown = (word: string) => {
      if (!values?.has(word) && !(known && WORDS.has(word))) return undefined;
      return CHOSEN.test(word) && !chosen() ? undefined : WORDS.has(word) ? word : this.#numbers.get(word);
    };
    const whole = value.trim();
    if (whole === "") return "";
    const words = whole.split(/\s+/, TOKENS).map(shown);
    return shown(whole) ?? (words.some(Boolean) ? words.map((word) => word ?? OTHER).join(" ") : OTHER);
  }
}
