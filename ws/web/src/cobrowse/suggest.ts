// The visitor suggests a page of this website to the agent: the one they are on, or another whose address they give.

import type { VisitorAct } from "../generated/protocol";
import { clean } from "./secret";
import { el, say, show } from "../widget/dom";
import type { ShareWords } from "./words";

type Ask = (act: VisitorAct, told?: (error: string | undefined) => void) => void;

const LONGEST = 2_000;

/** The form for it; `close` takes it away. */
export function suggestForm(words: ShareWords, ask: Ask, close: () => void): HTMLElement {
  const here = location.origin + location.pathname;
  const field = el("input", { id: "tandem-suggest", autocomplete: "off", maxlength: String(LONGEST), "data-testid": "suggest-address" });
  const told = el("p", { role: "status" });
  const away = el("button", { type: "button", class: "quiet", "data-testid": "suggest-close", onclick: close }, words.dismiss);
  const send = el("button", { class: "primary", "data-testid": "suggest-send" }, words.send);
  field.value = here;
  const submit = (event: Event) => {
    event.preventDefault();
    const typed = field.value.trim();
    if (!URL.canParse(typed, here)) return field.focus();
    const url = new URL(typed, here);
    const title = url.href === here ? clean(document.title).slice(0, 100) : null;
    // The house lists its pages with their host or, for those of this one, without it.
    const ways = url.origin === location.origin ? [url.href, url.pathname + url.search + url.hash] : [url.href];
    const next = (refused = "") => {
      const way = ways.shift();
      if (!way) return say(told, refused);
      ask({ do: "suggest", url: way, title }, (error) => (error ? next(error) : done()));
    };
    next();
  };
  const done = () => {
    say(told, words.sent);
    for (const each of [label, field, send]) show(each, false);
    away.textContent = words.close;
    away.focus();
  };
  const label = el("label", { for: "tandem-suggest" }, words.address);
  return el("form", { onsubmit: submit, "data-testid": "suggest" }, label, field, told, el("span", { class: "row" }, away, send));
}
