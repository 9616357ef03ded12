// Every recorded event, built anew from what may be seen: what is not named here does not leave the page.

import { Asked, type Ask } from "./asked";
import { Dressed } from "./dressed";
import { Popovers, SHOWN } from "./popovers";
import type { Echo, Typed } from "./echo";
import { beside, Fields, isField, LONGEST as LOOKED } from "./fields";
import { Late } from "./late";
import { LOOKS } from "./looks";
import { isUnpainted, isVeiled, LABELS, slotOf, type Rules } from "./rules";
import { BETWEEN } from "./sheets";
import { clean } from "./secret";
import { clean as cleanName, cover, place } from "../text/secret";
import { address, declared, style } from "./text";

type Json = Record<string, any>;

/** An event as rrweb writes it. */
export interface Recorded {
  type: number;
  data: Json;
  timestamp: number;
}

/** What is asked of the page about a node of the recording. */
export interface Page {
  node(id: number): Node | null;
  /** Its number; below one where it has none. */
  id(node: Node): number;
  href: string;
  /** Whether its visitor likes dark pages. */
  dark: boolean;
  /** What was told of it is not all that is shown of it any more. */
  late(): void;
}

const ELEMENT = 2;
const TEXT = 3;
const LONGEST = 4_000;
/** Of them, those that a page makes up. */
const NAMES = ["class", "id", "for", "slot", "name", "part", "exportparts"];
/** What of drawings refers to a part of the same page. */
const REFERS = /^(?:use|lineargradient|radialgradient|pattern|textpath)$/i;
/** What a field takes: a number, a date, a time. */
const LIMIT = /^(?:any|[-+\d.:TW]{1,24})$/;
const COUNT = /^-?\d{1,9}$/;
/** Where in a style sheet a text of the page may stand: strings, and what custom properties are set to. */
const SAID = /"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|(?<![\w-])--[\w-]+\s*:[^;{}]*/g;
/** What an element's own style may have a number of the page in, which is shown by counting. */
const COUNTED = /(?<![\w-])(?:--[\w-]+|counter-[a-z]+)\s*:[^;]*/g;
/** What is drawn from an address, as it is written once it is cleaned. */
const PICTURED = /url\("(https?:[^"\\]*)"\)/g;
/** What a text stands in, where that says what it is for: a style sheet, or what no page paints. */
type Within = "style" | "unpainted" | "";

/** Builds events anew. */
export class Cleaner {
  readonly #echo: Echo;
  readonly #chosen: Echo;
  readonly #asked = new Asked();
  readonly popovers = new Popovers();
  readonly dressed = new Dressed();
  readonly #late = new Late();
  readonly fields: Fields;
  /** Numbers of the style sheets that programs made and parts that are shown have. */
  readonly #worn = new Set<number>();
  /** Style sheets that programs made, of which it is known what they ask for. */
  readonly #read = new WeakSet<CSSStyleSheet>();

  constructor(
    private readonly rules: Rules,
    private readonly page: Page,
    /** Returns what stands for a whole style sheet. */
    private readonly stand: (css: string) => string,
    typed: Typed,
  ) {
    this.#echo = typed.echo;
    this.#chosen = typed.chosen;
    this.fields = new Fields(rules, this.#echo, this.#chosen);
  }

  /** Returns what may leave the page of an event; nothing when it may not at all. */
  event({ type, data, timestamp }: Recorded): Recorded | undefined {
    const clean = this.#data(type, data);
    return clean && { type, data: clean, timestamp };
  }

  /** Covers in a text that the page has beside what is recorded, such as its title, what was typed. */
  other(text: string): string {
    return this.#chosen.cover(this.#echo.cover(clean(text)));
  }

  /** Covers in the path of an address what was typed. */
  where(url: string): string {
    const at = url.indexOf("/", url.indexOf("//") + 2);
    if (!/^https?:/.test(url) || at < 0) return url;
    const path = decoded(url.slice(at));
    const covered = this.#chosen.coverName(this.#echo.coverName(path));
    return covered === path ? url : url.slice(0, at) + covered;
  }

  /** Returns what a recorder would have told of what changed since it was asked last, of which nothing else tells. */
  changed(): Json[] {
    this.dressed.look();
    const late = this.#late.take((element, name) => this.#told(element, name));
    return [this.popovers.changed(), late].filter((each) => each !== undefined);
  }

  #told(element: Element, name: string): { id: number; value: string } | undefined {
    const id = this.page.id(element);
    const value = element.getAttribute(name);
    if (id < 1 || value === null || !this.#ours(id)) return undefined;
    const shown = this.#asking(element.tagName.toLowerCase(), name, value, id);
    return shown === undefined ? undefined : { id, value: shown };
  }

  #data(type: number, data: Json): Json | undefined {
    switch (type) {
      case 0:
      case 1:
        return {};
      case 2:
        this.fields.begin(document);
        this.#find(data["node"]);
        this.#learnAll(data["node"]);
        this.fields.sweep();
        this.#worn.clear();
        this.popovers.begin();
        this.#late.begin();
        this.dressed.begin();
        return { node: this.#node(data["node"], false, ""), initialOffset: pick(data["initialOffset"], "top", "left") };
      case 3:
        return this.#change(data);
      case 4:
        return { href: this.where(place(new URL(this.page.href))), dark: this.page.dark, ...pick(data, "width", "height") };
      default:
        return undefined;
    }
  }

  #change(data: Json): Json | undefined {
    const source = data["source"];
    switch (source) {
      case 0:
        return this.#mutation(data);
      case 1:
      case 6:
      case 12:
        return { source, positions: data["positions"].map((at: Json) => pick(at, "x", "y", "id", "timeOffset")) };
      case 2:
        return { source, ...pick(data, "type", "id", "x", "y", "pointerType") };
      case 3:
        return { source, ...pick(data, "id", "x", "y") };
      case 4:
        return { source, ...pick(data, "width", "height") };
      case 5: {
        const field = this.#element(data["id"]);
        this.fields.typed(field);
        if (!this.#ours(data["id"])) return undefined;
        return { source, id: data["id"], text: this.#value(field), isChecked: this.rules.reveals(field) && data["isChecked"] === true };
      }
      case 8:
        if (!this.#dresses(data)) return undefined;
        return { source, ...pick(data, "id", "styleId"), removes: data["removes"], adds: this.#sheets(data["adds"]), ...this.#replaced(data) };
      case 13:
        if (!this.#dresses(data)) return undefined;
        return { source, ...pick(data, "id", "styleId", "index"), set: data["set"] && { ...pick(data["set"], "property", "priority"), value: this.#declared(data["set"].property, data["set"].value) }, remove: data["remove"] };
      case 15:
        return this.#adopted(data);
      default:
        return undefined;
    }
  }

  // Whether a style sheet that changes is one of what is shown.
  #dresses(data: Json): boolean {
    return this.#worn.has(data["styleId"]) || this.#ours(data["id"]);
  }

  // The rules come with who has a sheet first: where that is left out, the next who is shown gets them from the sheet itself.
  #adopted(data: Json): Json | undefined {
    const { source, id } = data;
    if (!this.#ours(id)) return undefined;
    const styleIds: number[] = data["styleIds"];
    const told = new Map<number, Json[]>((data["styles"] ?? []).map((one: Json) => [one["styleId"], one["rules"]]));
    const sheets = adoptedBy(this.page.node(id));
    const styles = styleIds.flatMap((styleId, at) => {
      const rules = told.get(styleId) ?? (this.#worn.has(styleId) ? undefined : rulesOf(sheets[at]));
      this.#worn.add(styleId);
      return rules ? [{ styleId, rules: this.#made(rules) }] : [];
    });
    return { source, id, styleIds, ...(styles.length > 0 && { styles }) };
  }

  #mutation(data: Json): Json | undefined {
    // What a frame holds comes like this, whatever is said of the frame itself.
    if (data["isAttachIframe"]) return undefined;
    this.#asks(data["adds"].flatMap(({ node, parentId }: Json) => this.#learnAll(node, this.page.node(parentId)?.nodeName === "STYLE")), data["adds"]);
    for (const { node, parentId } of data["adds"]) {
      if (node["isShadow"]) this.dressed.found(this.#element(parentId)?.shadowRoot ?? null);
      this.#find(node);
      this.#written(this.page.node(node["id"]));
    }
    for (const { id } of data["texts"]) this.#written(this.page.node(id));
    this.fields.sweep();
    return {
      source: 0,
      texts: data["texts"].filter(({ id }: Json) => this.#ours(id)).map(({ id, value }: Json) => ({ id, value: value === null ? null : this.#text(value, this.rules.masked(this.page.node(id)), this.#within(this.page.node(id)?.parentElement), id) })),
      attributes: data["attributes"].filter(({ id }: Json) => this.#ours(id)).map(({ id, attributes }: Json) => ({ id, attributes: this.#attributes(this.#element(id)?.tagName.toLowerCase() ?? "", attributes, id) })),
      removes: data["removes"].map((gone: Json) => pick(gone, "id", "parentId", "isShadow")),
      adds: data["adds"].filter((come: Json) => this.#ours(come["parentId"])).map((come: Json) => {
        const parent = this.page.node(come["parentId"]);
        return { ...pick(come, "parentId", "nextId", "previousId"), node: this.#node(come["node"], this.rules.masked(this.page.node(come["node"].id) ?? parent), this.#within(parent)) };
      }),
    };
  }

  // All style sheets are read before what they ask for is told.
  #learnAll(node: Json, within = false): Ask[] {
    const css = node["attributes"]?.["_cssText"] ?? (within && node["textContent"]);
    const worn = node["type"] === 0 || node["isShadowHost"] ? adoptedBy(this.page.node(node["id"])) : [];
    const own = worn.filter((sheet) => !this.#read.has(sheet) && this.#read.add(sheet)).flatMap((sheet) => rulesOf(sheet).map(({ rule }) => rule));
    const learnt = [...own, ...(css ? [css] : [])].flatMap((text) => this.#asked.learn(String(text)));
    return [...learnt, ...(node["childNodes"] ?? []).flatMap((child: Json) => this.#learnAll(child, node["tagName"] === "style"))];
  }

  // What a style sheet that came later asks for was not told of what was there before.
  #asks(asks: Ask[], adds: Json[] = []): void {
    const come = adds.map(({ node }) => this.page.node(node.id));
    const was = (element: Element, name: string) => !come.some((node) => node?.contains(element)) && this.#told(element, name) !== undefined;
    if (!this.#late.ask(asks, this.dressed.roots, was)) this.page.late();
  }

  // Fields that came, wherever they stand.
  #find(node: Json): void {
    if (isField(node["tagName"])) this.fields.add(this.page.node(node["id"]));
    for (const child of node["childNodes"] ?? []) this.#find(child);
  }

  // What people write into a page, and programs for them.
  #written(node: Node | null): void {
    if (node?.parentElement?.isContentEditable) this.#echo.hold((node.textContent ?? "").slice(0, LOOKED));
  }

  #node(node: Json, masked: boolean, within: Within): Json {
    const own = this.page.node(node["id"]);
    if (node["isShadowHost"]) this.dressed.found(this.#element(node["id"])?.shadowRoot ?? null);
    const slot = own && slotOf(own);
    const left = slot && this.rules.blocked(slot);
    const kept = pick(node, "type", "id", "rootId", "compatMode", "name", "publicId", "systemId", "isSVG", "needBlock", "isShadowHost", "isShadow", "isCustom", "isStyle");
    if (node["type"] === TEXT) return { ...kept, textContent: left ? "" : this.#text(node["textContent"] ?? "", masked || (slot && this.rules.masked(slot)) === true, within, node["id"]) };
    // Comments and what stands in CDATA.
    if (node["type"] > TEXT) return { ...kept, textContent: "" };
    const children = (inside: Within, hidden: boolean) => (node["childNodes"] ?? []).map((child: Json) => this.#node(child, hidden, inside));
    if (node["type"] !== ELEMENT) return { ...kept, childNodes: children(within, masked) };
    const tag: string = node["tagName"];
    if (left) return { ...kept, tagName: tag, attributes: {}, childNodes: [] };
    // What is around it was asked for what is around it.
    const hidden = masked || this.rules.marks(own) || (slot && this.rules.masked(slot)) === true;
    this.rules.remember(this.#element(node["id"]));
    return { ...kept, tagName: tag, attributes: this.#attributes(tag, node["attributes"], node["id"]), childNodes: children(tag === "style" ? "style" : within === "unpainted" || isUnpainted(tag) ? "unpainted" : "", hidden) };
  }

  #text(text: string, masked: boolean, within: Within, id: number): string {
    if (within === "style") return this.#css(text);
    if (within === "unpainted") return "";
    const node = this.page.node(id);
    const parent = node?.parentElement;
    if (masked || (parent && text.trim() !== "" && isVeiled(parent))) return cover(text);
    const wide = this.#echo.goesOn(text);
    const near = wide || /\p{Nd}/u.test(text) ? beside(node, text, wide) : undefined;
    const shown = this.#echo.cover(clean(text), near);
    // Were one of several choices covered, it would be told which was made.
    return parent?.tagName === "OPTION" ? shown : this.#chosen.cover(shown, near);
  }

  #value(field: Element | null): string {
    const value = this.rules.value(field);
    return field instanceof HTMLInputElement && LABELS.includes(field.type) ? this.#echo.cover(value) : this.#echo.coverKept(value);
  }

  #attributes(tag: string, attributes: Json, id: number): Json {
    const kept: Json = {};
    for (const [name, value] of Object.entries(attributes)) {
      const shown = value === null ? null : this.#attribute(tag, name, value, attributes, id);
      if (shown !== undefined) kept[name] = shown;
    }
    if ("popover" in attributes) kept[SHOWN] = this.popovers.found(id, this.#element(id)) ? "" : null;
    return kept;
  }

  #attribute(tag: string, name: string, value: unknown, all: Json, id: number): unknown {
    switch (name) {
      case "type":
        this.rules.remember(this.#element(id));
        break;
      case "style":
        return typeof value === "object" ? this.#declarations(value as Json) : this.#led(this.#css(String(value))).replace(COUNTED, (said) => this.#echo.coverName(said));
      case "_cssText":
        return this.stand(this.#css(String(value)));
      case "src":
        return tag === "img" ? this.where(address(String(value), this.page.href)) : undefined;
      case "href":
        if (tag === "link" && all["rel"] === "stylesheet") return address(String(value), this.page.href);
        // An anchor looks like one because it leads somewhere.
        return tag === "a" ? "#" : this.#refers(tag, String(value));
      case "xlink:href":
        return this.#refers(tag, String(value));
      case "name":
        return tag === "slot" ? this.#named(name, String(value)) : undefined;
      case "start":
        return this.#count(String(value));
      case "min":
      case "max":
      case "step":
      case "maxlength":
        return LIMIT.test(String(value)) && this.#echo.cover(String(value)) === value ? value : undefined;
      case "rel":
        return tag === "link" && value === "stylesheet" ? value : undefined;
      case "value":
        if (tag === "li") return this.#count(String(value));
        return ["input", "textarea", "select"].includes(tag) ? this.#value(this.#element(id)) : undefined;
      case "checked":
      case "selected":
        return this.rules.reveals(this.#element(id)?.closest("select, input") ?? null) ? value : undefined;
    }
    if (!LOOKS.has(name)) return this.#asking(tag, name, value, id);
    // Drawings are rows of numbers, in which more than whole cards would be found.
    if (typeof value !== "string") return value;
    if (name === "d" || name === "points") return cleanName(value).slice(0, name === "d" ? undefined : LONGEST);
    return this.#named(name, value);
  }

  #named(name: string, value: string): string {
    const named = cleanName(value).slice(0, LONGEST);
    return NAMES.includes(name) ? this.#echo.coverName(named) : this.#echo.coverKept(named);
  }

  // As the part is called that it refers to.
  #refers(tag: string, value: string): string | undefined {
    return REFERS.test(tag) && value.startsWith("#") ? `#${this.#named("id", value.slice(1))}` : undefined;
  }

  // A list that is counted on from what somebody typed is counted from its beginning.
  #count(value: string): string | undefined {
    return COUNT.test(value) && this.#echo.cover(value) === value ? value : undefined;
  }

  // What only says how something looks, by the style sheets of the page.
  #asking(tag: string, name: string, value: unknown, id: number): string | undefined {
    if (typeof value !== "string") return undefined;
    const chosen = () => {
      const element = this.#element(id);
      return /^(?:tab|row|treeitem)$/.test(element?.getAttribute("role") ?? "") || this.rules.reveals(element);
    };
    const shown = this.#asked.attribute(name, value, tag.includes("-") || tag === "html" || tag === "body", chosen);
    return shown && this.#echo.coverKept(shown);
  }

  #declarations(declarations: Json): Json {
    return Object.fromEntries(
      Object.entries(declarations).map(([property, value]) => [property, Array.isArray(value) ? [this.#declared(property, value[0]), value[1]] : value === false ? value : this.#declared(property, value)]),
    );
  }

  #sheets(rules: Json[] | undefined): Json[] | undefined {
    return rules?.map(({ rule, index }) => ({ rule: this.#css(rule), index }));
  }

  // A sheet that a program of the page made: its rules, in their order.
  #made(rules: Json[] | undefined): Json[] | string | undefined {
    const clean = this.#sheets(rules);
    const whole = clean?.map(({ rule }) => rule).join(BETWEEN) ?? "";
    const stands = this.stand(whole);
    return stands === whole ? clean : stands;
  }

  #replaced(data: Json): Json {
    const out: Json = {};
    for (const name of ["replace", "replaceSync"]) if (data[name] !== undefined) out[name] = this.#css(data[name]);
    return out;
  }

  // A page's script may set a number, or what only makes a text.
  #css(css: unknown): string {
    const text = String(css ?? "");
    this.#asks(this.#asked.learn(text));
    const clean = style(text, this.page.href, (name, how, value) => this.#asked.selector(name, how, value));
    return this.#echo.keeps ? clean.replace(SAID, (said) => this.#echo.coverKept(said)) : clean;
  }

  #declared(property: unknown, value: unknown): string {
    const clean = declared(String(property), String(value ?? ""), this.page.href);
    return /^(?:--|counter-)/.test(String(property)) ? this.#echo.coverName(clean) : this.#led(clean);
  }

  // A picture that an element of its own has.
  #led(style: string): string {
    return style.replace(PICTURED, (_, url: string) => `url("${this.where(url)}")`);
  }

  #element(id: number): Element | null {
    const node = this.page.node(id);
    return node instanceof Element ? node : null;
  }

  // Whether a node is of this document and within nothing that is left out.
  #ours(id: number): boolean {
    const node = this.page.node(id);
    if (!node) return false;
    return (node === document || node.ownerDocument === document) && !this.rules.blocked(node);
  }

  // Style sheets work wherever they stand.
  #within(parent: Node | null | undefined): Within {
    if (!(parent instanceof Element)) return "";
    if (parent.tagName.toLowerCase() === "style") return "style";
    return this.rules.unpainted(parent) ? "unpainted" : "";
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function adoptedBy(node: Node | null): readonly CSSStyleSheet[] {
  const root = node instanceof Element ? node.shadowRoot : node instanceof Document ? node : null;
  return root?.adoptedStyleSheets ?? [];
}

function rulesOf(sheet: CSSStyleSheet | undefined): Json[] {
  return [...(sheet?.cssRules ?? [])].map(({ cssText }, index) => ({ rule: cssText, index }));
}

function pick(from: Json | undefined, ...names: string[]): Json {
  const out: Json = {};
  for (const name of names) if (from?.[name] !== undefined) out[name] = from[name];
  return out;
}
