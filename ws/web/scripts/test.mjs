// Runs test/*.test.ts: bundled for Node first, because the Node that is asked for cannot read TypeScript.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const outDir = path.join(root, "node_modules/.tests");
const tests = readdirSync(path.join(root, "test")).filter((name) => name.endsWith(".test.ts"));

rmSync(outDir, { recursive: true, force: true });
await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  build: {
    ssr: true,
    target: "node20",
    outDir,
    emptyOutDir: false,
    rolldownOptions: { input: tests.map((name) => path.join(root, "test", name)), output: { entryFileNames: "[name].js" } },
  },
});
const bundles = tests.map((name) => path.join(outDir, name.replace(/\.ts$/, ".js")));
process.exit(spawnSync(process.execPath, ["--test", ...bundles], { stdio: "inherit" }).status ?? 1);
