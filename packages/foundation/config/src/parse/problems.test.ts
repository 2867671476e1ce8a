import { describe, expect, test } from "vitest";
import { defineSchema, parseConfig, renderProblems, requireConfig } from "@hxp/config";
import { isHxpError } from "@hxp/errors";
import { serviceSchema, yamlFile } from "../testing/service-schema.ts";

function problemsOf(content: string, environment?: string) {
  const { errors, warnings } = parseConfig(serviceSchema, { files: [yamlFile(content)], environment });
  return [...errors, ...warnings];
}

describe("a problem", () => {
  test.each([
    [
      "a missing key",
      "server: {}\n",
      { code: "CONFIG_KEY_MISSING", path: "name", expected: "a text that is not empty" },
    ],
    [
      "a missing key in a list",
      "name: x\nmodels:\n  - engine: vllm\n",
      { code: "CONFIG_KEY_MISSING", path: "models[0].name", origin: { line: 3, column: 5 } },
    ],
    [
      "a number as text",
      'name: x\nserver:\n  port: "80"\n',
      {
        code: "CONFIG_VALUE_INVALID",
        path: "server.port",
        found: '"80"',
        expected: "an integer from 1 to 65535 (TCP port)",
        origin: { line: 3, column: 9 },
      },
    ],
    ["a map where a text belongs", "name: {a: 1}\n", { code: "CONFIG_VALUE_INVALID", path: "name", found: "a map" }],
    ["a list where a map belongs", "name: x\nserver: [1]\n", { path: "server", found: "a list", expected: "a map" }],
    [
      "a word that is no choice",
      "name: x\nmodels: [{name: a, engine: lama}]\n",
      { path: "models[0].engine", expected: "one of llama, vllm" },
    ],
    [
      "a number out of range",
      "name: x\nlimits: {ratio: 1.5}\n",
      { path: "limits.ratio", found: "1.5", expected: "a number from 0 to 1 (ratio)" },
    ],
    ["infinity", "name: x\nlimits: {ratio: .inf}\n", { path: "limits.ratio", found: ".inf" }],
    ["a version that YAML takes for a number", "name: 1.10\n", { path: "name", found: "1.10" }],
    ["a number with a zero before it", "name: 0123\n", { path: "name", found: "0123" }],
    [
      "an integer too long to keep its digits",
      "name: x\nlimits: {ratio: 12345678901234567890}\n",
      { code: "CONFIG_VALUE_INVALID", path: "limits.ratio", found: "12345678901234567890", origin: { line: 2 } },
    ],
    ["such an integer in place of a text", "name: 9007199254740993\n", { path: "name", found: "9007199254740993" }],
    ["such an integer in hexadecimal", "name: 0x20000000000001\n", { path: "name", found: "0x20000000000001" }],
    [
      "a duration without a unit",
      "name: x\nserver: {timeout: 30}\n",
      { path: "server.timeout", found: "30", expected: "a duration such as 500ms, 30s, 10m, 12h or 3d" },
    ],
    [
      "a name of the user's in another form",
      "name: x\nlabels: {Team: a}\n",
      { code: "CONFIG_KEY_INVALID", path: "labels.Team", found: '"Team"', origin: { line: 2, column: 10 } },
    ],
    [
      "an unknown key with a near one",
      "name: x\nserver:\n  hosts: a\n",
      { code: "CONFIG_KEY_UNKNOWN", path: "server.hosts", suggestion: "host", origin: { line: 3, column: 3 } },
    ],
    ["an unknown key in another spelling", "name: x\nserver: {data_path: /x}\n", { suggestion: "dataPath" }],
    [
      "an unknown key at the top",
      "name: x\nmodls: []\n",
      { path: "modls", suggestion: "models", origin: { line: 2, column: 1 } },
    ],
    [
      "an unknown key in a union",
      "name: x\nsigner: {identity: a, isuer: b}\n",
      { path: "signer.isuer", suggestion: "issuer" },
    ],
    [
      "a union that nothing fits",
      "name: x\nsigner: 5\n",
      { code: "CONFIG_VALUE_INVALID", path: "signer", found: "5", expected: "a map" },
    ],
    [
      "a wrong value deep in a union",
      "name: x\nsigner: {identity: a, issuer: ftp://x}\n",
      { path: "signer.issuer", origin: { line: 2, column: 31 } },
    ],
    [
      "a deprecated key",
      "name: x\nserver: {bind: a}\n",
      { code: "CONFIG_KEY_DEPRECATED", severity: "warning", path: "server.bind", expected: "use server.host" },
    ],
    [
      "a broken rule",
      "name: x\nserver:\n  isPublic: true\n  host: 127.0.0.1\n",
      { code: "CONFIG_RULE_BROKEN", path: "server.host", origin: { line: 4, column: 9 } },
    ],
    [
      "a secret in plain text",
      "name: x\nserver: {token: abc}\n",
      { code: "CONFIG_SECRET_LITERAL", path: "server.token", found: "***" },
    ],
    [
      "a number as secret",
      "name: x\nserver: {token: 12345}\n",
      { code: "CONFIG_SECRET_LITERAL", path: "server.token", found: "***" },
    ],
    [
      "a reference where no secret is",
      "name: ${env:HOME}\n",
      { code: "CONFIG_REFERENCE_MISPLACED", path: "name", found: "${env:HOME}" },
    ],
    ["a reference inside a text", "name: a ${env:HOME}\n", { code: "CONFIG_REFERENCE_INVALID", path: "name" }],
    [
      "a reference of no kind",
      "name: x\nserver: {token: '${vault:a}'}\n",
      { code: "CONFIG_REFERENCE_INVALID", path: "server.token" },
    ],
    [
      "a reference to a relative file",
      "name: x\nserver: {token: '${file:a}'}\n",
      { code: "CONFIG_REFERENCE_INVALID", path: "server.token" },
    ],
  ])("names code, path, place, finding and expectation for %s", (_, content, expected) => {
    const problems = problemsOf(content);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(expected);
  });

  test("comes with all others at once, in the order of their places", () => {
    const content =
      "nmae: x\nserver:\n  prot: 1\n  port: 0\nmodels:\n  - {name: ''}\n  - {engine: a}\ntags: [1, a, 2]\n";
    expect(problemsOf(content).map(({ path }) => path)).toEqual([
      "nmae",
      "name",
      "server.prot",
      "server.port",
      "models[0].name",
      "models[1].name",
      "models[1].engine",
      "tags[0]",
      "tags[2]",
    ]);
  });

  test("of a rule comes beside problems in keys that the rule does not read", () => {
    const content = "name: 1\nserver: {isPublic: true}\n";
    expect(problemsOf(content).map(({ code }) => code)).toEqual(["CONFIG_RULE_BROKEN", "CONFIG_VALUE_INVALID"]);
    expect(problemsOf("name: x\nserver: {isPublic: true, port: 0}\n").map(({ path }) => path)).toEqual(["server.port"]);
  });

  test("of a rule that warns leaves the config usable, and sees the environment", () => {
    const sources = { files: [yamlFile("name: x\n")], environment: "production" };
    const result = parseConfig(serviceSchema, sources);
    expect(result.warnings.map(({ message }) => message)).toEqual(["models: production serves no model."]);
    expect(requireConfig(result).name).toBe("x");
    expect(parseConfig(serviceSchema, { ...sources, environment: "staging" }).warnings).toEqual([]);
  });

  test("of a rule that throws is reported, and the others still run", () => {
    const fails = {
      reads: ["name" as const],
      check: () => {
        throw new TypeError("boom");
      },
    };
    const { id, title, schema, rules } = serviceSchema;
    const result = parseConfig(defineSchema({ id, title, schema, rules: [fails, ...rules] }), {
      files: [yamlFile("name: x\nserver: {isPublic: true}\n")],
    });
    expect(result.errors.map(({ code }) => code)).toEqual(["CONFIG_RULE_BROKEN", "INTERNAL"]);
  });

  test("in one text hides no problem of another layer's text", () => {
    const { errors } = parseConfig(serviceSchema, {
      files: [yamlFile('name: "x\n'), { layer: "environment-file", file: "hxp.test.yaml", content: "a: [\n" }],
      arguments: ["oops"],
    });
    const places = errors.map(({ origin }) => (origin !== undefined && "file" in origin ? origin.file : origin?.layer));
    expect(new Set(places)).toEqual(new Set(["hxp.yaml", "hxp.test.yaml", "arguments"]));
  });
});

describe("renderProblems", () => {
  test("shows place, sentence, code, line and caret", () => {
    expect(renderProblems(problemsOf("name: x\nserver:\n  prot: 80\n  port: eighty\n"))).toBe(
      [
        'hxp.yaml:3:3: error: Unknown key "prot" in server; did you mean port? [CONFIG_KEY_UNKNOWN]',
        "  3 |   prot: ··",
        "    |   ^^^^",
        "",
        'hxp.yaml:4:9: error: server.port is "eighty"; expected an integer from 1 to 65535 (TCP port). [CONFIG_VALUE_INVALID]',
        "  4 |   port: eighty",
        "    |         ^^^^^^",
      ].join("\n"),
    );
  });

  test("is the message of the error that requireConfig throws", () => {
    const result = parseConfig(serviceSchema, { files: [yamlFile("nmae: x\n")] });
    const thrown = catchError(() => requireConfig(result));
    expect(isHxpError(thrown, "CONFIG_INVALID")).toBe(true);
    expect(String(thrown)).toContain("did you mean name?");
    expect(thrown).toMatchObject({ exitCode: 2, details: { problems: result.errors } });
  });
});

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
