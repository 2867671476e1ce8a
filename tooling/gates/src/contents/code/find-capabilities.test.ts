import { describe, expect, test } from "vitest";
import { findCapabilities } from "./find-capabilities.ts";
import { parseCode } from "./parse-code.ts";

function usesIn(text: string, isModule = true): string[] {
  const code = parseCode(text, isModule);
  if (typeof code === "string") throw new Error(code);
  return findCapabilities(code)
    .map(({ capability, evidence }) => `${capability}: ${evidence}`)
    .toSorted();
}

describe("findCapabilities", () => {
  test.each([
    ['import "node:net";', ["network: node:net"]],
    ['export * from "dgram";', ["network: dgram"]],
    ['const u = await import("undici");', ["network: undici"]],
    ['await import("node:" + "dns");', ["network: node:dns"]],
    ['const name = "child_process"; require(name);', ["process: child_process"]],
    ['import { createRequire } from "node:module"; const r = createRequire(import.meta.url); r("vm");', ["eval: vm"]],
    ['import { createRequire as c } from "module"; c(import.meta.url)("dgram");', ["network: dgram"]],
    ['process.getBuiltinModule("node:fs");', ["filesystem: node:fs"]],
    ['process.mainModule.require("child_process");', ["process: child_process"]],
    ['__require("http");', ["network: http"]],
    ["const name = read(); import(name);", ["computed-import: import(…)"]],
    ['import("data:text/javascript,1");', ["eval: import of a data: URL"]],
    ["globalThis.fetch(x);", ["network: fetch"]],
    ['globalThis["fe" + "tch"](x);', ["network: fetch"]],
    ["const { fetch: get } = globalThis; get(x);", ["network: fetch"]],
    ["new WebSocket(x);", ["network: WebSocket"]],
    ["(0, eval)(x);", ["eval: eval"]],
    ["new Function(x)();", ["eval: Function"]],
    ["const F = Function; F(x)();", ["eval: Function"]],
    ['[].map.constructor("return 1")();', ["eval: constructor(…)"]],
    ['setTimeout("f()", 1);', ["eval: a timer with a text"]],
    [
      "const F = Object.getPrototypeOf(async function () {}).constructor; new F(x)();",
      ["eval: constructor of a function"],
    ],
    ["globalThis[x](y);", ["eval: globalThis[…]"]],
    ["module._compile(x, y);", ["eval: module._compile"]],
    ["WebAssembly.instantiate(x);", ["wasm: WebAssembly"]],
    ['require("./build/addon.node");', ["native: ./build/addon.node"]],
    ["process.binding(x);", ["native: process.binding"]],
    ['import os from "node:os"; os.homedir();', ["home: os.homedir"]],
    ['import { homedir } from "os"; homedir();', ["home: os.homedir"]],
    ['const path = `${home}/x`; read("~/id_" + "rsa");', ["credentials: ~/id_rsa"]],
    ['ask("http://169.254.169.254/latest");', ["credentials: http://169.254.169.254/latest"]],
    ["process.env.PORT;", ["environment: process.env.PORT"]],
    ['import { env } from "node:process"; env.PORT;', ["environment: process.env.PORT"]],
    ['import process from "node:process"; process.env.PORT;', ["environment: process.env.PORT"]],
    ["const { PORT = 1 } = process.env;", ["environment: process.env.PORT"]],
    ["const e = options.env ?? process.env; e.PORT;", ["environment: process.env.PORT"]],
    ["function f(env = process.env) { return env.PORT; }", ["environment: process.env.PORT"]],
    [
      "const { npm_x, ...rest } = process.env;",
      ["environment: process.env.npm_x", "whole-environment: process.env[…]"],
    ],
    ["process.env.API_KEY;", ["credentials: process.env.API_KEY", "environment: process.env.API_KEY"]],
    ["Object.entries(process.env);", ["whole-environment: Object.entries(process.env)"]],
    ["const e = process.env; JSON.stringify(e);", ["whole-environment: JSON.stringify(process.env)"]],
    ["for (const key in process.env) f(key);", ["whole-environment: a loop over process.env"]],
    ["process[x][y];", ["whole-environment: process[…]"]],
    ["run(process.env);", ["environment: process.env, handed on"]],
  ])("sees in %s", (text, uses) => {
    expect(usesIn(text)).toEqual(uses);
  });

  test.each([
    ["a comment", "// fetch(process.env.NPM_TOKEN); eval(x)\n"],
    ["a text that only mentions a module", 'say("child_process is not allowed");'],
    ["a list of names", 'const externals = ["node:http", "node:net"];'],
    ["a parameter that is called fetch", "export function f(fetch) { return fetch(1); }"],
    ["a method that is called eval", "redis.eval(script);"],
    ["a test for a global", 'if (typeof fetch === "function" && typeof process !== "undefined") f();'],
    ["another copy of the same class", "class A { copy() { return new this.constructor(1); } }"],
    ["instanceof Function", "f instanceof Function;"],
    ["a timer with a function", "setTimeout(() => f(), 1);"],
    ["a property of the process that says nothing", "process.exitCode = process.argv.length;"],
    ["a variable that is called process", "const process = read(); process.env.NPM_TOKEN_X;"],
  ])("sees nothing in %s", (_title, text) => {
    expect(usesIn(text)).toEqual([]);
  });

  test("reads scripts and modules, whatever they are said to be", () => {
    expect(usesIn('"use strict"; const fs = require("fs"); return;', false)).toEqual(["filesystem: fs"]);
    expect(usesIn('import "fs"; await f();', false)).toEqual(["filesystem: fs"]);
    expect(usesIn('#!/usr/bin/env node\nrequire("fs");')).toEqual(["filesystem: fs"]);
  });

  test("names the first line of each use", () => {
    const code = parseCode("\nfetch(1);\nfetch(2);\n", true);
    if (typeof code === "string") throw new Error(code);
    expect(findCapabilities(code)).toEqual([{ capability: "network", evidence: "fetch", line: 2 }]);
  });
});

describe("parseCode", () => {
  test("says what is wrong and where", () => {
    expect(parseCode("const = 1;", true)).toMatch(/Unexpected token \(1:6\)/);
  });
});
