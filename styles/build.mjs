/** What does a browser load? Compiles the styles, the fonts and the script into .cache/front-end/. */

import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const served = join(root, ".cache", "front-end");
const stamp = ".built-from";
// Made beside what is served and put in its place when all of it is there.
const built = `${served}.${process.pid}`;

const FACES = ["400-normal", "400-italic", "700-normal"];

/** One hash of everything that the result follows from. */
function fingerprint() {
  const hash = createHash("sha256");
  const sources = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const path of [join(root, "package-lock.json"), ...sources.sort()]) {
    hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

async function buildStyles() {
  const sass = await import("sass");
  const { css } = sass.compile(join(here, "site.scss"), {
    loadPaths: [join(root, "node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  writeFileSync(join(built, "site.css"), css);
}

function copyFonts() {
  const from = join(root, "node_modules", "@fontsource", "atkinson-hyperlegible", "files");
  mkdirSync(join(built, "fonts"));
  for (const subset of ["latin", "latin-ext"]) {
    for (const face of FACES) {
      const file = `atkinson-hyperlegible-${subset}-${face}.woff2`;
      cpSync(join(from, file), join(built, "fonts", file));
    }
  }
}

const IMPORT = /^import\s+(\{[^}]*\})\s+from\s+['"]([^'"]+)['"];?$/gm;
const EXPORT = /^export\s+(\{[^}]*\});?$/gm;
const COMMENT = /^\s*\/\*\*[\s\S]*?\*\/\n|^\s*\/\/.*\n/gm;

/** A module and all that it imports, each once and in order, each in a scope of its own. */
function bundle(entry, names = new Map()) {
  const before = [];
  const nameOf = (from) => {
    const path = from.startsWith(".")
      ? resolve(dirname(entry), from)
      : join(root, "node_modules", from);
    if (!names.has(path)) before.push(bundle(path, names));
    return names.get(path);
  };
  const body = readFileSync(entry, "utf8")
    .replace(COMMENT, "")
    .replace(IMPORT, (_, what, from) => `const ${what.replaceAll(" as ", ": ")} = ${nameOf(from)};`)
    .replace(EXPORT, "return $1;");
  names.set(entry, `module${names.size}`);
  return `${before.join("")}const ${names.get(entry)} = (() => {\n${body.trim()}\n})();\n`;
}

function buildScripts() {
  for (const name of readdirSync(here).filter((name) => name.endsWith(".js"))) {
    writeFileSync(join(built, name), `"use strict";\n${bundle(join(here, name))}`);
  }
}

/** The runner of packages and the data models that it loads: modules, not bundled. */
function copyPlayer() {
  const to = join(built, "player");
  mkdirSync(to);
  const runner = readFileSync(join(here, "player", "runner.js"), "utf8");
  writeFileSync(join(to, "runner.js"), runner.replace(COMMENT, ""));
  for (const name of ["scorm12", "scorm2004"]) {
    const from = join(root, "node_modules", "scorm-again", "dist", "esm", `${name}.min.js`);
    const script = readFileSync(from, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
    writeFileSync(join(to, `${name}.js`), script);
  }
}

const now = fingerprint();
if (existsSync(join(served, stamp)) && readFileSync(join(served, stamp), "utf8") === now) {
  console.log("The front end is up to date.");
} else {
  mkdirSync(built, { recursive: true });
  try {
    await buildStyles();
    copyFonts();
    buildScripts();
    copyPlayer();
    cpSync(join(here, "marks"), built, { recursive: true });
    writeFileSync(join(built, stamp), now);
    rmSync(served, { recursive: true, force: true });
    renameSync(built, served);
    console.log("The front end is built.");
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}
