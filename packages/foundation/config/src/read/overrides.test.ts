import { describe, expect, test } from "vitest";
import { type ConfigSources, explain, parseConfig } from "@hxp/config";
import { serviceSchema } from "../testing/service-schema.ts";

function read(sources: ConfigSources) {
  return parseConfig(serviceSchema, { ...sources, variables: { HXP__NAME: "x", ...sources.variables } });
}

describe("environment variables", () => {
  test.each([
    ["a number", { HXP__SERVER__PORT: "9000" }, { server: { port: 9000 } }],
    ["a truth value", { HXP__SERVER__ISPUBLIC: "TRUE", HXP__SERVER__HOST: "0.0.0.0" }, { server: { isPublic: true } }],
    ["a key by its words", { HXP__SERVER__DATA_PATH: "/x" }, { server: { dataPath: "/x" } }],
    ["a text that looks like a number", { HXP__SERVER__HOST: "10" }, { server: { host: "10" } }],
    ["a text that looks like nothing", { HXP__NAME: "null" }, { name: "null" }],
    ["a list by commas", { HXP__TAGS: "a, b" }, { tags: ["a", "b"] }],
    ["a list by brackets", { HXP__TAGS: '["a,b", c]' }, { tags: ["a,b", "c"] }],
    ["an empty list", { HXP__TAGS: "" }, { tags: [] }],
    [
      "a list of maps",
      { HXP__MODELS: "[{name: m, contextLength: 1024}]" },
      { models: [{ name: "m", engine: "llama", contextLength: 1024 }] },
    ],
    ["a map", { HXP__SERVER: "{port: 1}" }, { server: { port: 1, host: "127.0.0.1" } }],
    ["a name of the user's", { HXP__LABELS__TEAM_A: "x" }, { labels: { "team-a": "x" } }],
    [
      "a map and, over it, a key of it",
      { HXP__SERVER: "{port: 1, host: a}", HXP__SERVER__PORT: "2" },
      { server: { port: 2, host: "a" } },
    ],
    ["a union's key", { HXP__SIGNER: "{key: k}" }, { signer: { key: "k" } }],
  ])("set %s", (_, variables, expected) => {
    const result = read({ variables });
    expect(result.errors).toEqual([]);
    expect(result.config).toMatchObject(expected);
  });

  test("unset with null what takes no text", () => {
    const files = [{ layer: "file", file: "hxp.yaml", content: "server: {port: 1}\n" } as const];
    expect(read({ files, variables: { HXP__SERVER: "null" } }).config?.server.port).toBe(8080);
  });

  test("give a secret by reference and not by value", () => {
    const result = read({ variables: { HXP__SERVER__TOKEN: "hunter2" } });
    expect(result.config?.server.token?.reference).toBe("${env:HXP__SERVER__TOKEN}");
    expect(JSON.stringify([result, result.trace().layers, result.trace().tree])).not.toContain("hunter2");
  });

  test.each([
    ["reach into a list", { HXP__MODELS__0__NAME: "x" }, "CONFIG_OVERRIDE_INVALID"],
    ["have an empty part", { HXP__SERVER____PORT: "1" }, "CONFIG_OVERRIDE_INVALID"],
    ["name what is reserved", { HXP__LABELS____PROTO__: "1" }, "CONFIG_OVERRIDE_INVALID"],
    ["name one key twice", { HXP__SERVER__DATAPATH: "/a", HXP__SERVER__DATA_PATH: "/a" }, "CONFIG_KEY_DUPLICATE"],
    ["name an unknown key", { HXP__SERVER__PROT: "1" }, "CONFIG_KEY_UNKNOWN"],
    ["hold what is no number", { HXP__SERVER__PORT: "http" }, "CONFIG_VALUE_INVALID"],
    ["hold a number that is not decimal", { HXP__SERVER__PORT: "0x10" }, "CONFIG_VALUE_INVALID"],
    ["hold an integer that loses digits", { HXP__SERVER__PORT: "9007199254740993" }, "CONFIG_VALUE_INVALID"],
    ["hold a list that does not end", { HXP__MODELS: "[{name: m}" }, "CONFIG_VALUE_INVALID"],
  ])("that %s are a problem that names the variable", (_, variables, code) => {
    const { errors } = read({ variables });
    expect(errors.map((each) => each.code)).toEqual([code]);
    expect(Object.keys(variables)).toContainEqual(expect.stringMatching(/^HXP__/));
    expect(JSON.stringify(errors[0])).toContain(Object.keys(variables).at(-1));
  });

  test("show a number as it was written", () => {
    const found = (text: string) => read({ variables: { HXP__SERVER__PORT: text } }).errors.map((each) => each.found);
    expect(found("9007199254740993")).toEqual(["9007199254740993"]);
    expect(found("+70000.50")).toEqual(["+70000.50"]);
  });

  test("suggest the key that a variable mistyped", () => {
    expect(read({ variables: { HXP__SERVER__PROT: "1" } }).errors[0]).toMatchObject({
      path: "server.prot",
      suggestion: "port",
      origin: { layer: "variables", variable: "HXP__SERVER__PROT" },
    });
  });

  test("begin with the prefix that the caller names", () => {
    const result = parseConfig(serviceSchema, { variables: { APP__NAME: "x", HXP__NAME: "y" }, prefix: "APP" });
    expect(result.config?.name).toBe("x");
  });

  test("are left alone when they are not ours", () => {
    expect(read({ variables: { HXP_ENVIRONMENT: "x", HXPX__A: "b", PATH: "/bin" } }).errors).toEqual([]);
  });
});

describe("--set arguments", () => {
  test.each([
    ["a key", ["server.port=1"], { server: { port: 1 } }],
    ["a text with equals signs", ["name=a=b"], { name: "a=b" }],
    ["a text of several lines", ["name=a\nb"], { name: "a\nb" }],
    ["the last of two", ["server.port=1", "server.port=2"], { server: { port: 2 } }],
    ["a quoted key", ['labels["a-b"]=x'], { labels: { "a-b": "x" } }],
    ["a list", ["tags=x,y"], { tags: ["x", "y"] }],
  ])("set %s", (_, set, expected) => {
    const result = read({ arguments: set });
    expect(result.errors).toEqual([]);
    expect(result.config).toMatchObject(expected);
  });

  test.each([
    ["without a value", "server.port", "CONFIG_OVERRIDE_INVALID"],
    ["without a path", "=1", "CONFIG_OVERRIDE_INVALID"],
    ["with a path that is none", "server..port=1", "CONFIG_OVERRIDE_INVALID"],
    ["into a list", "models[0].name=x", "CONFIG_OVERRIDE_INVALID"],
    ["with a reserved key", "labels.__proto__=x", "CONFIG_OVERRIDE_INVALID"],
    ["with another case", "server.Port=1", "CONFIG_KEY_UNKNOWN"],
    ["with a secret in plain text", "server.token=hunter2", "CONFIG_SECRET_LITERAL"],
  ])("%s are a problem", (_, pair, code) => {
    const { errors } = read({ arguments: [pair] });
    expect(errors.map((each) => each.code)).toEqual([code]);
    expect(errors[0]?.origin?.layer).toBe("arguments");
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });

  test("override variables, which override files", () => {
    const files = [{ layer: "file", file: "hxp.yaml", content: "server: {port: 1, host: a, timeout: 1s}\n" } as const];
    const variables = { HXP__SERVER__PORT: "2", HXP__SERVER__HOST: "b" };
    const result = read({ files, variables, arguments: ["server.port=3"] });
    expect(result.config?.server).toMatchObject({ port: 3, host: "b", timeout: 1000 });
    const origins = ["port", "host", "timeout", "isPublic"].map((key) => explain(result, `server.${key}`)?.layer);
    expect(origins).toEqual(["arguments", "variables", "file", "defaults"]);
  });
});
