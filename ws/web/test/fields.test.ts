import assert from "node:assert/strict";
import { test } from "node:test";
import { Echo } from "../src/cobrowse/echo";
import { Fields } from "../src/cobrowse/fields";
import { Rules } from "../src/cobrowse/rules";

/** As much of a page as is asked of fields. */
class PageElement {
  isConnected = true;
  parentElement: PageElement | null = null;
  parentNode: PageElement | null = null;
  assignedSlot: PageElement | null = null;
  focused = false;
  localName = "div";
  constructor(public marks: string[] = []) {}
  matches(selector: string): boolean {
    return selector.split(",").some((one) => one === "*" || this.marks.includes(one));
  }
  closest(selector: string): PageElement | null {
    return this.matches(selector) ? this : (this.parentElement?.closest(selector) ?? null);
  }
  getAttribute(name: string): string | null {
    return this.marks.find((mark) => mark.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  }
  getRootNode(): unknown {
    return { activeElement: this.focused ? this : null };
  }
  querySelectorAll(): PageElement[] {
    return [];
  }
  inside(parent: PageElement, slot: PageElement | null = null): this {
    return Object.assign(this, { parentElement: parent, parentNode: parent, assignedSlot: slot });
  }
}
class Field extends PageElement {
  override localName = "input";
  type = "text";
  value = "";
  maxLength = -1;
}
class Area extends Field {}
class Choice extends PageElement {
  override localName = "select";
  selectedOptions: unknown[] = [];
}
class Root extends PageElement {}
const nothing = {
  querySelector: (selector: string) => {
    if (selector.endsWith("[")) throw new SyntaxError(selector);
    return null;
  },
};
Object.assign(globalThis, { Element: PageElement, HTMLElement: PageElement, HTMLInputElement: Field, HTMLTextAreaElement: Area, HTMLSelectElement: Choice, ShadowRoot: Root, document: { createDocumentFragment: () => nothing }, getComputedStyle: () => ({ getPropertyValue: () => "none" }) });

const rules = () => new Rules({ mask: [".mine"], block: [], reveal: ["#shown"] });
const as = (field: PageElement) => field as unknown as Element;

function page(...fields: PageElement[]) {
  const [echo, chosen, known] = [new Echo(), new Echo(), rules()];
  const all = new Fields(known, echo, chosen);
  for (const field of fields) all.add(field);
  const type = (field: Field, value: string) => {
    for (let length = 1; length <= value.length; length++) {
      field.value = value.slice(0, length);
      all.typed(field);
    }
  };
  return { echo, chosen, rules: known, all, type };
}

test("of a card's number that is typed into a revealed field no more than six digits are shown, and no more than ten when it is left", () => {
  const field = new Field(["#shown"]);
  field.focused = true;
  const { rules, type, echo } = page(field);
  const shown: string[] = [];
  for (let length = 1; length <= 16; length++) {
    type(field, "4929012345679015".slice(0, length));
    shown.push(rules.value(as(field)), echo.cover(`You typed ${field.value}`));
    field.focused = false;
    if (length > 10) shown.push(rules.value(as(field)));
    field.focused = true;
  }

  assert.deepEqual(shown.filter((text) => /\d{7}/.test(text)), []);
  assert.ok(shown.includes("492901"));
  // What is none is shown: at once, or when the field is left.
  for (const [value, typing, left] of [["0170 1234567", true, true], ["4711081522", false, true], ["+49 170 1234567", true, true], ["47110815221", false, false]] as const) {
    field.focused = true;
    field.value = value;
    assert.equal(rules.value(as(field)), typing ? value : "•••••");
    field.focused = false;
    assert.equal(rules.value(as(field)), left ? value : "•••••");
  }
  const short = Object.assign(new Field(["#shown"]), { focused: true, value: "4711081522", maxLength: 12 });
  assert.equal(rules.value(as(short)), "4711081522");
});

test("a number that grows in a revealed field although nobody types there is covered as if somebody did", () => {
  const field = new Field(["#shown"]);
  const { rules } = page(field);
  for (let length = 1; length <= 16; length++) {
    field.value = "4929012345679015".slice(0, length);
    assert.equal(/\d{7}/.test(rules.value(as(field))), false, field.value);
  }
});

test("a number that is typed into several fields is covered whole, in parts, and where the fields are revealed", () => {
  const boxes = Array.from({ length: 6 }, () => new Field());
  const { echo, type } = page(...boxes);
  let code = "";
  for (const [at, digit] of [..."573914"].entries()) {
    type(boxes[at]!, digit);
    code += digit;
    if (code.length > 1) assert.equal(echo.cover(`Code ${code}`), `Code ${"•".repeat(code.length)}`);
  }
  assert.equal(echo.cover("57-39-14 and 2026"), "•••••••• and 2026");

  const letters = Array.from({ length: 3 }, () => Object.assign(new Field(), { maxLength: 2 }));
  const other = page(...letters);
  for (const [at, part] of ["K7", "Q2", "ZP"].entries()) other.type(letters[at]!, part);
  assert.equal(other.echo.cover("Yours is K7Q2ZP"), "Yours is ••••••");

  const card = Array.from({ length: 4 }, () => new Field(["#shown"]));
  const revealed = page(...card);
  for (const [at, part] of ["4929", "0123", "4567", "9015"].entries()) revealed.type(card[at]!, part);
  assert.deepEqual(card.map((field) => revealed.rules.value(as(field))), Array(4).fill("•••••"));
  // Fields beside each other that hold no more than a number each.
  const [quantity, street] = [new Field(["#shown"]), new Field(["#shown"])];
  const plain = page(quantity, street);
  plain.type(quantity, "12");
  plain.type(street, "7");
  assert.equal(plain.echo.cover("12 pots to number 7, 127 in all"), "12 pots to number 7, 127 in all");
});

test("what a password field holds is covered, also when the page shows it, and short numbers of secret fields are", () => {
  const field = Object.assign(new Field(), { type: "password" });
  const cvc = new Field(["name=cvc"]);
  const { echo, type, all } = page(field, cvc);
  type(field, "Tr0ub4dor");
  field.type = "text";
  type(field, "Tr0ub4dor-horse");
  type(cvc, "737");

  assert.equal(echo.cover("It is Tr0ub4dor-horse"), "It is •••••••••••••••");
  assert.equal(echo.cover("On the back: 737"), "On the back: •••");
  // One that was shown before anybody looked.
  const named = new Field(["name=userPassword"]);
  const other = page(named);
  other.type(named, "hunter two");
  assert.equal(other.echo.cover("hunter two"), "•••••• •••");
  // As programs fill it in.
  field.value = "other secret";
  all.sweep();
  assert.equal(echo.cover("other secret things"), "••••• •••••• things");
});

test("of a long text that is written every number is known, also behind what does not change", () => {
  const area = new Area();
  const { echo, type, all } = page(area);
  area.value = `${"lorem ipsum ".repeat(60)}my account is 30291847`;
  all.typed(area);
  assert.equal(echo.cover("my account is 30291847"), "my account is ••••••••");
  area.value += " or 55667788";
  all.typed(area);
  assert.equal(echo.cover("55667788"), "••••••••");
  type(area, "1");
});

test("an option that was chosen is known by its number, and one that nobody chose is not", () => {
  const choice = new Choice();
  const { echo, chosen, all } = page(choice);
  choice.selectedOptions = [{ index: 0, defaultSelected: false, value: "", text: "2026" }];
  all.sweep();
  assert.equal(chosen.cover("2026"), "2026");
  choice.selectedOptions = [{ index: 2, defaultSelected: false, value: "a", text: "Account 60718293" }];
  all.sweep();
  assert.equal(chosen.cover("Chosen: 60718293"), "Chosen: ••••••••");
  // Among the choices it stays readable as the others do.
  assert.equal(echo.cover("Account 60718293"), "Account 60718293");
});

test("what stands in a slot is masked where the slot is, and what is masked is not revealed", () => {
  const host = new PageElement();
  const mask = new PageElement(["[data-tandem-mask]"]);
  const slot = new PageElement().inside(mask);
  const slotted = new PageElement().inside(host, slot);
  const deep = new PageElement().inside(slotted);
  const known = rules();

  assert.equal(known.masked(as(deep)), true);
  assert.equal(known.masked(as(new PageElement().inside(host))), false);

  const button = Object.assign(new Field().inside(mask), { type: "submit", value: "Pay Ada" });
  assert.equal(known.value(as(button)), "••• •••");
  assert.equal(known.value(as(Object.assign(new Field(), { type: "submit", value: "Go on" }))), "Go on");
  for (const around of [mask, new PageElement([".mine"])]) assert.equal(known.value(as(Object.assign(new Field(["#shown"]).inside(around), { value: "blue" }))), "•••••");
  assert.equal(known.value(as(Object.assign(new Field(["#shown"]), { value: "blue" }))), "blue");
});

test("where what is to be masked cannot be read all text is masked, and where what is to be left out cannot, the page is", () => {
  const element = as(new PageElement());
  const body = as(new PageElement(["body"]));
  const made = (mask: string[], block: string[], reveal: string[]) => new Rules({ mask, block, reveal });

  const misread = made([".mine", "#iban["], [], []);
  assert.deepEqual([misread.masked(element), misread.covers, misread.misread], [true, true, ["#iban["]]);
  assert.equal(made([], ["#part["], []).blocked(body), true);
  const revealed = made([], [], ["#shown", "#other["]);
  assert.deepEqual([revealed.masked(element), revealed.blocked(body), revealed.covers, revealed.misread], [false, false, false, ["#other["]]);
  assert.equal(revealed.value(as(Object.assign(new Field(["#shown"]), { value: "blue" }))), "blue");
});
