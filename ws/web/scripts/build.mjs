// Builds dist/: the widget's loader and chunks, the demo shop, the console and the board; fails when a size budget is passed.
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => path.join(root, ...parts);

/** Bytes after gzip that a visitor's page may be made to load. */
const BUDGETS = [
  { what: "loader", file: /^widget\.js$/, dir: "dist", limit: 3 * 1024 },
  { what: "chat chunk", file: /^chat-.*\.js$/, dir: "dist/widget", limit: 25 * 1024 },
  { what: "files chunk", file: /^files-.*\.js$/, dir: "dist/widget", limit: 4 * 1024 },
  { what: "invite chunk", file: /^invite-.*\.js$/, dir: "dist/widget", limit: 3 * 1024 },
  { what: "crossing chunk", file: /^crossing-.*\.js$/, dir: "dist/widget", limit: 2 * 1024 },
  { what: "arrival chunk", file: /^arrival-.*\.js$/, dir: "dist/widget", limit: 3 * 1024 },
  { what: "asking chunk", file: /^asking-.*\.js$/, dir: "dist/widget", limit: 1024 },
  { what: "admission chunk", file: /^admission-.*\.js$/, dir: "dist/widget", limit: 1024 },
  { what: "over chunk", file: /^over-.*\.js$/, dir: "dist/widget", limit: 6 * 1024 },
  { what: "call sheet chunk", file: /^callsheet-.*\.js$/, dir: "dist/widget", limit: 3 * 1024 },
  { what: "alerts chunk", file: /^alerts-.*\.js$/, dir: "dist/widget", limit: 1024 },
  { what: "sharing chunk", file: /^share-.*\.js$/, dir: "dist/widget", limit: 14 * 1024 },
  { what: "voice chunk", file: /^voice-.*\.js$/, dir: "dist/widget", limit: 8 * 1024 },
  { what: "recorder chunk", file: /^recorder-.*\.js$/, dir: "dist/widget", limit: 64 * 1024 },
];

/** As `Features.LightDark` of lightningcss, which vite brings. */
const LIGHT_DARK = 1 << 20;

const common = {
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  // What stands in for `light-dark()`, which no style sheet here uses, goes into each that names a colour scheme.
  css: { lightningcss: { exclude: LIGHT_DARK } },
};
const output = {
  target: "es2022",
  modulePreload: { polyfill: false },
  assetsInlineLimit: 0,
  emptyOutDir: false,
  reportCompressedSize: false,
};

/** One script without HTML; returns the name it was written under. */
async function script(entry, outDir, fileName, format, define = {}) {
  await build({
    ...common,
    define,
    build: {
      ...output,
      outDir: at(outDir),
      rolldownOptions: {
        input: at(entry),
        preserveEntrySignatures: "strict",
        output: { format, entryFileNames: fileName, codeSplitting: false },
      },
    },
  });
  const wanted = new RegExp(`^${fileName.replace("[hash]", "[^.]+")}$`);
  return readdirSync(at(outDir)).find((name) => wanted.test(name));
}

/** Pages with their assets under `/<name>/`. `__CSP_NONCE__` is for the server to replace. */
async function page(name, ...files) {
  await build({
    ...common,
    root: at("src", name),
    base: `/${name}/`,
    html: { cspNonce: "__CSP_NONCE__" },
    build: { ...output, outDir: at("dist", name), rolldownOptions: { input: files.map((file) => at("src", name, file)) } },
  });
}

/** The English texts by key, for whoever translates them. */
async function texts() {
  const outDir = at("node_modules/.texts");
  await build({ ...common, build: { ssr: true, target: "node20", outDir, emptyOutDir: true, rolldownOptions: { input: at("src/text/template.ts"), output: { entryFileNames: "template.mjs" } } } });
  const { whole } = await import(pathToFileURL(path.join(outDir, "template.mjs")));
  mkdirSync(at("dist/texts"), { recursive: true });
  writeFileSync(at("dist/texts/en.json"), `${JSON.stringify(whole(), null, 2)}\n`);
}

function checkBudgets() {
  let passed = true;
  for (const { what, file, dir, limit } of BUDGETS) {
    const name = readdirSync(at(dir)).find((candidate) => file.test(candidate));
    const bytes = gzipSync(readFileSync(at(dir, name)), { level: 9 }).length;
    const verdict = bytes <= limit ? "fits" : "IS OVER";
    console.log(`${what}: ${bytes} bytes gzip, ${verdict} its budget of ${limit}`);
    passed &&= bytes <= limit;
  }
  return passed;
}

rmSync(at("dist"), { recursive: true, force: true });
const chunk = async (name, entry, define) => `widget/${await script(entry, "dist/widget", `${name}-[hash].js`, "es", define)}`;
const lazy = {
  __SHARE_CHUNK__: JSON.stringify(await chunk("share", "src/cobrowse/share.ts")),
  __VOICE_CHUNK__: JSON.stringify(await chunk("voice", "src/voice/pane.ts")),
  __FILES_CHUNK__: JSON.stringify(await chunk("files", "src/widget/files.ts")),
  __ALERTS_CHUNK__: JSON.stringify(await chunk("alerts", "src/widget/alerts.ts")),
  __RECORDER_CHUNK__: JSON.stringify(await chunk("recorder", "src/cobrowse/recorder.ts")),
  __OVER_CHUNK__: JSON.stringify(await chunk("over", "src/widget/over.ts")),
  __ADMISSION_CHUNK__: JSON.stringify(await chunk("admission", "src/widget/admission.ts")),
  __SHEET_CHUNK__: JSON.stringify(await chunk("callsheet", "src/widget/callsheet.ts")),
  __CROSSING_CHUNK__: JSON.stringify(await chunk("crossing", "src/widget/crossing.ts")),
};
const chat = await chunk("chat", "src/widget/chat.ts", lazy);
const arrival = await chunk("arrival", "src/widget/arrival.ts");
const invite = await chunk("invite", "src/widget/invite.ts");
const asking = await chunk("asking", "src/widget/asking.ts");
await script("src/widget/loader.ts", "dist", "widget.js", "iife", { __CHAT_CHUNK__: JSON.stringify(chat), __INVITE_CHUNK__: JSON.stringify(invite), __ARRIVAL_CHUNK__: JSON.stringify(arrival), __ASKING_CHUNK__: JSON.stringify(asking) });
await texts();
await page("demo", "index.html", "workshop.html");
await page("console", "index.html");
await page("board", "index.html");
await page("cobrowse/viewer", "index.html");
if (!checkBudgets()) process.exit(1);
console.log(`dist: ${readdirSync(at("dist"), { recursive: true }).filter((f) => statSync(at("dist", f)).isFile()).length} files`);
