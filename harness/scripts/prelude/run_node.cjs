// Runs a JavaScript script of a suite: `run_node.cjs SCRIPT CONTEXT`. In a process of its own.
//
// The script finds the global `context`, `log()`, `require`, the context on its standard input, and the response as
// JSON in process.argv[2]. Its verdict is the value of its last expression, `result`, or what it exports (called with
// the context if it is a function); it may print it instead. Otherwise its exit code decides. A script that prints is
// not judged by a bare true or false at its end: `process.stdout.write` has such a value.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const { createRequire } = require("node:module");

const [, , script, file] = process.argv;
const told = JSON.parse(fs.readFileSync(file, "utf8"));

function log(...words) {
  process.stderr.write(words.map(String).join(" ") + "\n");
}

function withNumbers(response) {
  const content = response && (response.content || response.contents || response.messages);
  if (Array.isArray(content)) {
    content.forEach((element, position) => {
      if (!(position in response)) Object.defineProperty(response, position, { value: element, enumerable: false });
    });
    if (!("length" in response)) Object.defineProperty(response, "length", { value: content.length });
  }
}

function isVerdict(value) {
  return typeof value === "boolean" || (value !== null && typeof value === "object" && ("success" in value || "score" in value));
}

let hasPrinted = false;
const write = process.stdout.write;
process.stdout.write = function (...all) {
  hasPrinted = true;
  return write.apply(process.stdout, all);
};

async function verdict(last, exported) {
  const settled = await last;
  if (isVerdict(settled) && !(hasPrinted && typeof settled === "boolean")) return settled;
  const left = vm.runInThisContext("typeof result === 'undefined' ? undefined : result");
  if (isVerdict(left)) return left;
  return typeof exported === "function" ? await exported(context) : exported;
}

async function main() {
  withNumbers(told.response);
  Object.defineProperty(told, "log", { value: log });
  process.argv = [process.argv[0], script, JSON.stringify(told.response)];
  const module = { exports: {} };
  Object.assign(globalThis, { context: told, log, module, exports: module.exports, require: createRequire(path.join(process.cwd(), "script.cjs")) });
  const last = vm.runInThisContext(fs.readFileSync(script, "utf8"), { filename: script });
  const found = await verdict(last, module.exports);
  if (isVerdict(found)) process.stdout.write("\n" + JSON.stringify(typeof found === "boolean" ? { success: found } : found) + "\n");
}

main().catch((error) => {
  process.stderr.write(`${(error && error.stack) || ""}\n${error}\n`);
  process.exitCode = 1;
});
