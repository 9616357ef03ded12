import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Batches, LARGEST } from "../src/cobrowse/batches";
import { sha256 } from "../src/cobrowse/digest";
import { BETWEEN, NAMED, Sheets } from "../src/cobrowse/sheets";
import { address, declared, style } from "../src/cobrowse/text";
import { dress } from "../src/cobrowse/viewer/dress";
import { Wardrobe } from "../src/console/cobrowse/wardrobe";
import type { VisitorAct } from "../src/generated/protocol";

const long = (n: number) => `.a${n}{}`.padEnd(30_000, "x");

test("a hash is what everybody else makes of it", () => {
  for (const size of [0, 1, 55, 56, 63, 64, 65, 1_000, 100_001]) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + size) & 255);

    assert.equal(sha256(bytes), createHash("sha256").update(bytes).digest("hex"), String(size));
  }
});

test("what is asked of attributes that are not shown leaves a style sheet, and comments do", () => {
  const css = `/* secret */ [data-user="ada"] a[class~="wide"], [value=x], .w-\\[a\\=b\\] { content: "[a=b]" } [title^='Dear Ada' i] {}`;

  assert.equal(style(css, "https://shop.example/"), ` [data-user=""] a[class~="wide"], [value=""], .w-\\[a\\=b\\] { content: "[a=b]" } [title^="" i] {}`);
});

test("what is asked of an attribute is found however its name is written", () => {
  for (const [css, clean] of [
    [String.raw`[data\-user="ada"] {}`, String.raw`[data\-user=""] {}`],
    [String.raw`[\74 itle=ada] {}`, String.raw`[\74 itle=""] {}`],
    [String.raw`[\000074itle = "ada"] {}`, String.raw`[\000074itle=""] {}`],
    [`[*|title="ada"] {}`, `[*|title=""] {}`],
    [`[|title^='ada' i] {}`, `[|title^="" i] {}`],
    [`[größe$=ada] {}`, `[größe$=""] {}`],
    [`[title/* x */=/* y */"ada"] {}`, `[title=""] {}`],
    [String.raw`[title=a\]da\20 b] {}`, `[title=""] {}`],
    [`[title="ada`, `[title=""`],
    [`[title|="ada"] [class*=wide] [title] {}`, `[title|=""] [class*=wide] [title] {}`],
    [String.raw`.w-\[10px\], a { background: url(a[b=c].png); grid-area: [a] 1 }`, String.raw`.w-\[10px\], a { background: url("https://shop.example/a[b=c].png"); grid-area: [a] 1 }`],
  ] as const)
    assert.equal(style(css, "https://shop.example/"), clean);
  // Read in one way only, however it goes on.
  for (const part of ["\\a", "\\7 ", "\\7\u00a0", "\u00a0", "[", "\\[", "a|*"]) {
    const css = `[${part.repeat(50_000)}`;
    assert.equal(style(css, "https://shop.example/"), css);
  }
});

test("no texts, tokens and queries leave in a style sheet, whatever writes them", () => {
  const at = "https://shop.example/";
  for (const css of [
    `a::after { content: "• " "CANARY long secret" }`,
    `a::after { content: counter(a) "CANARYlong" }`,
    String.raw`a::after { content:"a\"b CANARY" }`,
    `a::after { content: "CANARY" "CANARY" }`,
    `a { --t: CANARYsecretvalue123456 }`,
    `a { --t: "CANARYlong" 1px }`,
    `a { --t: CANARY@secret.example; --u: 4111 1111 1111 1111 }`,
    `a { quotes: "CANARYlong" "b" }`,
    `a { list-style: "CANARYlong" }`,
    `a { list-style-type: 'CANARYlong' }`,
    `@counter-style x { symbols: "CANARYlong" "b" }`,
    `a { text-overflow: "CANARYlong" }`,
    `@import "x.css?token=CANARY";`,
    String.raw`@import 'x.css\3ftoken=CANARY';`,
    `a { background: image-set("/i.png?token=CANARY" 1x, url(/j.png?CANARY) 2x) }`,
    `a { background: url("data:image/svg+xml,<svg><text>CANARY</text></svg>") }`,
    `a { background: url(data:image/svg+xml;base64,${btoa("<svg><title>CANARY</title></svg>")}) }`,
    `a { content: "x\n } b { content: "CANARYlong" }`,
    `a { content: "CANARYlong`,
  ]) {
    const clean = style(css, at);
    assert.equal(/CANARY.|4111|Q0FOQVJZ/.test(clean.replace(/"CANARY" ""/, "")), false, clean);
  }
  assert.equal(declared("--mine", '"CANARY-long-secret"', at), '""');
  assert.equal(declared("content", '"CANARY-long-secret"', at), '""');
  assert.equal(declared("--mine", "CANARYsecretvalue123456", at).includes("CANARY"), false);
  assert.equal(address(`data:image/svg+xml,${encodeURIComponent("<svg><desc>CANARY</desc></svg>")}`, at), "");
  assert.equal(address(`data:image/svg+xml,<svg>${"<path d='M0 0'/>".repeat(200)}</svg>`, at), "");
});

test("what a style sheet needs stays in it", () => {
  const drawing = "data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'%3e%3cpath d='M2 5l6 6 6-6'/%3e%3c/svg%3e";
  for (const css of [
    `a { font-family: "Helvetica Neue", 'Segoe UI Variable' } @font-face { src: local("Helvetica Neue") format("woff2-variations") }`,
    `a { grid-template-areas: "header header" "main aside" } a[class~="wide-and-long"]::before { content: "\\201C" } a { quotes: "«" "»" "‹" "›" }`,
    `:root { --shadow: 0 1px 2px rgba(0,0,0,.5); --to: var(--colour-primary-500-contrast-1); --blue: #0a2b4c8d } .a--b:hover { color: var(--blue) }`,
    `@charset "utf-8"; @media (min-width: 600px) { a { background: url("${drawing}"); transition: all .2s } }`,
    `a { background: image-set("https://shop.example/i.png" type("image/png")) } @property --x { syntax: "<length-percentage>"; inherits: false }`,
  ])
    assert.equal(style(css, "https://shop.example/"), css);
  assert.equal(declared("color", "red", "https://shop.example/"), "red");
});

class Server {
  readonly sent: VisitorAct[] = [];
  readonly #told: ((error?: string, answer?: string) => void)[] = [];
  again = 0;
  tooLarge = 0;
  readonly batches = new Batches(
    (act, told) => {
      this.sent.push(act);
      this.#told.push(told);
    },
    () => (this.again += 1),
    () => (this.tooLarge += 1),
  );

  /** What was sent since it was asked last. */
  take(): string[] {
    return this.sent.splice(0).map((act) => act.do);
  }

  answer(error?: string, answer?: string): void {
    this.#told.shift()!(error, answer);
  }

  show(css: string): string {
    const stands = this.batches.sheets.stand(css);
    this.batches.add({ type: 3, data: { stands }, timestamp: 1 });
    this.batches.flush(1);
    return stands.slice(NAMED.length);
  }
}

test("a batch waits until its style sheets are there, and only those that are missing are sent", () => {
  const server = new Server();
  server.batches.begin("s");

  const [one] = [server.show(long(1)), server.show(long(2))];
  assert.deepEqual(server.take(), ["sheets"]);
  server.answer(undefined, one);
  assert.deepEqual(server.take(), ["sheet", "sheet", "sheet", "part", "sheets"]);
  for (let part = 0; part < 4; part++) server.answer();
  server.answer(undefined, "");
  assert.deepEqual(server.take(), ["part"]);
  server.show(long(1));
  assert.deepEqual(server.take(), ["part"], "what this recording named is known");
});

test("a style sheet that is on its way is sent once, though the recording begins anew meanwhile", () => {
  const server = new Server();
  server.batches.begin("s");
  const large = "x".repeat(300_000);
  const name = server.show(large);
  server.answer(undefined, name);
  const parts = Math.ceil(300_000 / 12_000);
  assert.ok(server.take().length < parts, "not all of it is under way");

  server.batches.begin("t");
  server.show(large);
  for (let n = 0; n < parts; n++) server.answer();

  const sent = server.sent.splice(0).map((act) => ("stream" in act ? `${act.do} ${act.stream}` : act.do));
  assert.deepEqual([...new Set(sent)], ["sheet s", "sheets t"]);
  server.answer(undefined, "");
  assert.deepEqual(server.take(), ["part"]);

  server.batches.begin("u");
  server.show(large.replace("x", "y"));
  server.answer();
  server.answer(undefined, server.batches.sheets.stand(large.replace("x", "y")).slice(NAMED.length));
  server.batches.stop();
  server.take();
  for (let n = 0; n < 16; n++) server.answer();
  assert.deepEqual(server.take(), [], "nothing is sent any more");
});

test("style sheets for which there is no room are written out", () => {
  const server = new Server();
  server.batches.begin("s");
  const one = server.show(long(1));
  server.take();
  server.answer(undefined, one);
  server.take();

  server.answer("no room", "full");

  assert.equal(server.again, 1);
  server.batches.begin("t");
  assert.equal(server.batches.sheets.stand(long(1)), long(1));
});

test("short style sheets and more than sixty-four are written out", () => {
  const sheets = new Sheets();

  assert.equal(sheets.stand("a{}"), "a{}");
  for (let n = 0; n < 64; n++) assert.ok(sheets.stand(long(n)).startsWith(NAMED));
  assert.equal(sheets.stand(long(64)), long(64));
  assert.ok(sheets.stand(long(5)).startsWith(NAMED));
  assert.equal(sheets.take().size, 64);
});

test("a rule that comes into a style sheet while the page is seen is shown", () => {
  const rule = { type: 3, data: { source: 8, styleId: 5, adds: [{ rule: ".late { order: 1 }" }] } };
  const before = structuredClone(rule);

  dress(rule, new Map());

  assert.deepEqual(rule, before);
});

test("style sheets are put back where their names stand", () => {
  const known = new Map([["x", ["a{}", "b{}"].join(BETWEEN)]]);
  const link = { type: 2, attributes: { _cssText: "sheet:x" }, childNodes: [] };
  const whole = { type: 2, data: { node: { type: 0, childNodes: [link] } } };
  const made = { type: 3, data: { source: 15, styles: [{ styleId: 1, rules: "sheet:x" }] } };
  const lost = { type: 3, data: { source: 0, adds: [{ node: { attributes: { _cssText: "sheet:y" } } }], attributes: [] } };
  for (const event of [whole, made, lost]) dress(event, known);

  assert.equal(link.attributes._cssText, known.get("x"));
  assert.deepEqual(made.data.styles[0]!.rules, [{ rule: "a{}", index: 0 }, { rule: "b{}", index: 1 }]);
  assert.equal(lost.data.adds[0]!.node.attributes._cssText, "");
});

test("what a style sheet asks of attributes that say how something looks stays, as far as it may be read", () => {
  const css = `[slot=head] [width="120"] [part~='round'] [start="3"] [WIDTH="5105105105105100"] [title="Ada"] [href="/x"] [value="7"] {}`;

  assert.equal(style(css, "https://shop.example/"), `[slot=head] [width="120"] [part~='round'] [start="3"] [WIDTH="••••••••••••••••"] [title=""] [href=""] [value=""] {}`);
});

test("what style sheets ask of the colours that somebody likes is answered as for the visitor, and nothing else is changed", () => {
  const css = "@media (prefers-color-scheme: dark) and (width > 9px) { a {} } @media (prefers-color-scheme:light) { b {} } @media not (prefers-color-scheme) { c {} }";
  const answers = (dark: boolean) => css.replace("(prefers-color-scheme: dark)", dark ? "(min-width: 0px)" : "(max-width: -1px)").replaceAll(/\(prefers-color-scheme(?::light)?\)/g, dark ? "(max-width: -1px)" : "(min-width: 0px)");
  const known = new Map([["x", css]]);
  const events = () => {
    const style = { type: 2, tagName: "style", attributes: { media: "(prefers-color-scheme: dark)" }, childNodes: [{ type: 3, textContent: css }] };
    const said = { type: 2, tagName: "p", attributes: { title: css }, childNodes: [{ type: 3, textContent: css }] };
    const whole = { type: 2, data: { node: { type: 0, childNodes: [{ type: 2, attributes: { _cssText: "sheet:x" }, childNodes: [] }, style, said] } } };
    const ruled = { type: 3, data: { source: 8, adds: [{ rule: css, index: 0 }] } };
    const made = { type: 3, data: { source: 15, styles: [{ styleId: 1, rules: "sheet:x" }, { styleId: 2, rules: [{ rule: css, index: 0 }] }] } };
    return { whole, style, said, ruled, made };
  };

  for (const dark of [true, false]) {
    const { whole, style, said, ruled, made } = events();
    for (const event of [whole, ruled, made]) dress(event, known, dark);
    const found = [(whole.data.node.childNodes[0]!.attributes as Record<string, string>)["_cssText"], style.childNodes[0]!.textContent, ruled.data.adds[0]!.rule, ...made.data.styles.map(({ rules }) => (rules as { rule: string }[])[0]!.rule)];
    assert.deepEqual([new Set(found), style.attributes.media, said], [new Set([answers(dark)]), dark ? "(min-width: 0px)" : "(max-width: -1px)", events().said]);
  }
  const { ruled } = events();
  dress(ruled, known);
  assert.equal(ruled.data.adds[0]!.rule, css, "a widget of before does not say");
});

test("a page whose style sheets did not come is asked for once", () => {
  const wardrobe = new Wardrobe();
  let again = 0;
  const fetch = (fresh: boolean, names: string[]) => wardrobe.fetch(fresh, names, () => (again += 1));

  assert.equal(fetch(true, ["x"]), undefined);
  assert.equal(fetch(false, []), undefined, "what follows is of a page that is not shown");
  wardrobe.keep("x", "a{}");
  assert.deepEqual(fetch(true, ["x"]), [["x", "a{}"]]);
  assert.deepEqual([again, fetch(false, []), wardrobe.names], [1, [], ["x"]]);
});

test("style sheets of a page that was looked at are kept within a bound of their size", () => {
  const wardrobe = new Wardrobe();
  const mebi = "x".repeat(1024 * 1024);

  for (const name of ["a", "b", "c", "d"]) wardrobe.keep(name, mebi);
  wardrobe.keep("b", mebi);
  assert.deepEqual(wardrobe.names, ["a", "c", "d", "b"]);
  wardrobe.keep("e", "x");
  assert.deepEqual(wardrobe.names, ["c", "d", "b", "e"]);
});

test("a page is as large as its bytes are, and is not sent again where the server says it is too large", () => {
  const server = new Server();
  server.batches.begin("s");
  // What is covered is three bytes a character.
  server.batches.add({ type: 2, data: { text: "•".repeat(1_100_000) }, timestamp: 1 } as never);

  assert.ok(server.batches.flush(1) > LARGEST);
  assert.deepEqual(server.take(), []);

  server.batches.add({ type: 2, data: {}, timestamp: 2 } as never);
  server.batches.flush(2);
  server.answer("the batch is not whole, or too long", "out_of_range");
  assert.deepEqual([server.tooLarge, server.again], [1, 0]);
});
