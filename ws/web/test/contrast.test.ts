import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** A rule of a style sheet: one selector of its list, and what it declares. */
interface Rule {
  file: string;
  selector: string;
  says: Map<string, string>;
}

/** One colour before another, and where that is said. */
interface Pair {
  on: string;
  ground: string;
  where: string;
}

const [TEXT, SHAPE] = [4.5, 3];
const DESIGN = ["tokens.css", "pages.css"].map((name) => readFileSync(`src/design/${name}`, "utf8"));
const rules = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".css") && !name.startsWith("design"))
  .flatMap(rulesIn);

/** What every text may stand on, and what is tinted. */
const PLAIN = ["--surface", "--sunken", "--ground"];
const SOFT = [...new Set(DESIGN.join().match(/--[\w-]+-soft(?=:)/g))];

function rulesIn(file: string): Rule[] {
  const css = readFileSync(`src/${file}`, "utf8").replace(/\/\*[^]*?\*\//g, "");
  return [...css.matchAll(/([^{};]+)\{([^{}]*)\}/g)].flatMap(([, selectors = "", body = ""]) => {
    const says = new Map([...body.matchAll(/([\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value]));
    return selectors.split(/,(?![^(]*\))/).map((selector) => ({ file, selector: selector.trim().replace(/\s+/g, " "), says }));
  });
}

/** The colours that the design has in the light or the dark. */
function palette(scheme: "light" | "dark"): Map<string, string> {
  const parts = DESIGN.flatMap((css) => {
    const dark = /@media \(prefers-color-scheme: dark\) \{[^]*?\n\}/g;
    return scheme === "light" ? [css.replace(dark, "")] : [css.replace(dark, ""), ...(css.match(dark) ?? [])];
  });
  return new Map(parts.flatMap((css) => [...css.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = "", value = ""]): [string, string] => [name, value])));
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const wide = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(wide.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** The colours in a value: tokens and numbers. */
const coloursIn = (value = ""): string[] => value.match(/--(?!s\d|radius|shadow|size|font)[\w-]+|#[0-9a-f]{3}(?:[0-9a-f]{3})?\b/g) ?? [];

/** A selector without the states of what it is about. */
const bare = (selector: string) => selector.replace(/:(hover|enabled|focus-visible|focus-within|has\([^)]*\)+|not\([^)]*\))/g, "");
const groundIn = ({ says }: Rule) => coloursIn(says.get("background") ?? says.get("background-color")).slice(-1);

/** What an element is drawn on that a rule is about: its own ground and that of its states, else that of what it stands in. */
function groundsOf(rule: Rule): string[] {
  const { file, selector } = rule;
  const own = groundIn(rule);
  const around = own.length ? [] : selector.split(" ").map((_, at, parts) => parts.slice(0, at).join(" "));
  const others = rules.filter((each) => each.file === file && each.selector !== selector && (bare(each.selector) === selector || around.includes(each.selector)));
  return [...own, ...others.flatMap(groundIn)];
}

/** What a token stands on by its name, where no rule says more. */
function grounds(token: string): string[] {
  const on = /^--on-(.+)/.exec(token)?.[1];
  if (on) return [`--${on}`];
  if (/^--ink/.test(token)) return [...PLAIN, ...SOFT];
  const soft = `${token.replace(/-strong$/, "")}-soft`;
  return [...PLAIN, ...SOFT.filter((each) => each === soft)];
}

const pair = (ground: string, { file, selector }: Rule) => (on: string): Pair => ({ on, ground, where: `${file}: ${selector}` });

/** Every text before every ground that it is drawn on. */
const texts: Pair[] = rules.flatMap((rule) => {
  const [on] = coloursIn(rule.says.get("color"));
  if (!on) return [];
  const said = groundsOf(rule);
  const wanted = groundIn(rule).length ? said : [...said, ...(on.startsWith("--") ? grounds(on) : [])];
  return wanted.map((ground) => pair(ground, rule)(on));
});

/** The classes of what a rule is about, each with the part of the product that it belongs to. */
const classes = ({ file, selector }: Rule) => (/[^ >]*$/.exec(bare(selector))?.[0].match(/\.[\w-]+/g) ?? []).map((each) => `${file.split("/")[0]} ${each}`);
const takesKeys = /:has\(:focus-visible\)|:focus-within/;
/** What is pressed or written in, as the rules themselves tell. */
const pressed = new Set(rules.filter(({ says, selector }) => says.get("cursor") === "pointer" || takesKeys.test(selector)).flatMap(classes));
const isControl = (rule: Rule) => classes(rule).some((each) => pressed.has(each)) || /(^|[ >])(:is\()?(button|input|select|textarea|summary)[^ >]*$/.test(rule.selector);
const ringOf = ({ says, selector }: Rule) => (/:focus/.test(selector) ? ["outline", "outline-color", "box-shadow"].flatMap((each) => coloursIn(says.get(each))) : []);
const borderOf = (rule: Rule) => (isControl(rule) ? ["border", "border-color"].flatMap((each) => coloursIn(rule.says.get(each))) : []);

/** The border of every control, and every ring about what has the keyboard, before what may lie around it. */
const shapes: Pair[] = rules.flatMap((rule) => {
  const ring = ringOf(rule).slice(-1).filter((each) => each.startsWith("--"));
  const around = ring.includes("--on-head") ? ["--head"] : [...PLAIN, ...SOFT];
  return [...ring, ...borderOf(rule)].flatMap((on) => around.map((ground) => pair(ground, rule)(on)));
});

for (const scheme of ["light", "dark"] as const) {
  const colours = palette(scheme);
  const worth = (name: string) => (name.startsWith("#") ? name : (colours.get(name) ?? assert.fail(`${name} is no colour of the design`)));
  const poor = (pairs: Pair[], least: number) => [
    ...new Set(pairs.map(({ on, ground, where }) => ({ on, ground, where, is: contrast(worth(on), worth(ground)) })).filter(({ is }) => is < least).map(({ on, ground, where, is }) => `${on} on ${ground}: ${is.toFixed(2)} (${where})`)),
  ];

  test(`in the ${scheme}, text has a contrast of 4.5 on everything that it is drawn on`, () => {
    assert.ok(texts.length > 300, `${texts.length} pairs`);
    assert.deepEqual(poor(texts, TEXT), []);
  });

  test(`in the ${scheme}, borders of controls and rings of focus have a contrast of 3`, () => {
    assert.ok(shapes.length > 100, `${shapes.length} pairs`);
    assert.deepEqual(poor(shapes, SHAPE), []);
  });
}

// Of two colours that far apart, one has a contrast of 3 on whatever there is.
test("a ring over somebody else's page has two colours, of which one is seen on every page", () => {
  const over = rules.map(ringOf).filter((ring) => ring.some((each) => each.startsWith("#")));
  assert.ok(over.length > 0);
  for (const [one = "", other = one] of over) assert.ok(contrast(one, other) >= SHAPE ** 2, `${one} and ${other}`);
});

test("contrast is computed as WCAG 2.2 has it", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#fff").toFixed(2), "4.48");
});
