import { Ajv } from "ajv";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConfigOf,
  type Difference,
  defineSchema,
  diff,
  duration,
  explain,
  isSecret,
  parseConfig,
  parsePath,
  printConfig,
  renderSchemaDocs,
  requireConfig,
  toJsonSchema,
  z,
} from "@hxp/config";
import { serviceSchema, yamlFile } from "../testing/service-schema.ts";

type Service = ConfigOf<typeof serviceSchema>;

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    "${env:A}",
    "$${",
    "${",
    "$$${a}",
    "yes",
    "null",
    "0x1",
    "1e3",
    "~",
    "- a",
    "a: b",
    "#",
    " a ",
    "\n",
    "a\r\nb",
    "*a",
    "<<",
    "|",
    "'",
    '"',
    "\u2028",
    "\uFEFF",
    ".",
  ),
);
const written = fc.record(
  {
    name: text,
    server: fc.record(
      {
        port: fc.integer({ min: 1, max: 65_535 }),
        host: text,
        timeout: fc
          .tuple(fc.nat({ max: 99_999_999 }), fc.constantFrom("ms", "s", "m", "h", "d"))
          .map((parts) => parts.join("")),
        token: fc.constantFrom("${env:TOKEN}", "${file:/run/a b}"),
        dataPath: fc.constantFrom("/a", "/a b/c.d"),
      },
      { requiredKeys: [] },
    ),
    models: fc.array(fc.record({ name: text, engine: fc.constantFrom("llama", "vllm") }), { maxLength: 3 }),
    tags: fc.array(text, { maxLength: 3 }),
    labels: fc
      .tuple(
        fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), text, { maxKeys: 3, noNullPrototype: true }),
        fc.constantFrom({}, { tier: null }),
      )
      .map(([labels, removed]) => ({ ...labels, ...removed })),
    limits: fc.record(
      { ratio: fc.double({ min: 0, max: 1, noNaN: true }), note: fc.option(text) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["name"] },
);

/** A config as a program would have it, from data as a program would make it. */
const config = written.map((data): Service => {
  const escape = (value: unknown): unknown => {
    if (typeof value === "string" && !/^\$\{(env:TOKEN|file:\/run\/a b)\}$/.test(value))
      return value.replaceAll("${", () => "$${");
    if (Array.isArray(value)) return value.map(escape);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, escape(each)]));
  };
  return requireConfig(parseConfig(serviceSchema, { files: [yamlFile(JSON.stringify(escape(data)), "hxp.json")] }));
});

/** A config as data that can be compared: secrets by reference. */
function toData(value: unknown): unknown {
  return isSecret(value) ? { secret: value.reference } : JSON.parse(JSON.stringify(value));
}

describe("printConfig", () => {
  test.each(["yaml", "json"] as const)("prints %s that reads as the same config", (format) => {
    fc.assert(
      fc.property(config, (each) => {
        const printed = printConfig(serviceSchema, each, { format });
        const again = requireConfig(parseConfig(serviceSchema, { files: [yamlFile(printed, `hxp.${format}`)] }));
        expect(diff(each, again)).toEqual([]);
        expect(toData(again)).toEqual(toData(each));
        expect(printConfig(serviceSchema, again, { format })).toBe(printed);
      }),
      { numRuns: 300 },
    );
  });

  test("prints durations with units, secrets as references, and escapes", () => {
    const content = "name: $${a}\nserver: {timeout: 90s, token: '${env:T}'}\nmodels: []\ntags: []\n";
    const printed = printConfig(
      serviceSchema,
      requireConfig(parseConfig(serviceSchema, { files: [yamlFile(content)] })),
    );
    expect(printed.split("\n").map((line) => line.trim())).toEqual(
      expect.arrayContaining(["name: $${a}", "timeout: 90s", "token: ${env:T}", "port: 8080"]),
    );
  });

  test("prints null for a key that is there by default and was taken away", () => {
    const file = yamlFile("name: x\nlabels: {tier: null, a: b}\n");
    const read = requireConfig(parseConfig(serviceSchema, { files: [file] }));
    expect(read.labels).toEqual({ a: "b" });
    expect(JSON.parse(printConfig(serviceSchema, read, { format: "json" }))).toMatchObject({
      labels: { a: "b", tier: null },
    });
  });

  test("refuses a schema whose values cannot be turned back, and a config that is none", () => {
    const oneWay = defineSchema({
      id: "urn:test:one-way",
      title: "One way",
      schema: z.strictObject({
        a: z
          .string()
          .transform((value) => value.length)
          .meta({ description: "A." }),
      }),
    });
    expect(() => printConfig(oneWay, { a: 1 })).toThrow(expect.objectContaining({ code: "CONFIG_SCHEMA_INVALID" }));
    expect(() => printConfig(serviceSchema, {} as Service)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });
});

describe("diff", () => {
  test("finds nothing between a config and itself", () => {
    fc.assert(
      fc.property(config, (each) => {
        expect(diff(each, each)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("turns around when its sides do", () => {
    const turned = { added: "removed", removed: "added", changed: "changed" } as const;
    fc.assert(
      fc.property(config, config, (a, b) => {
        const there = diff(a, b).map(({ path, kind }) => [path, kind]);
        expect(diff(b, a).map(({ path, kind }) => [path, turned[kind]])).toEqual(there);
      }),
      { numRuns: 100 },
    );
  });

  test("holds all that it takes to make one of the other", () => {
    fc.assert(
      fc.property(config, config, (a, b) => {
        const patched = diff(a, b).reduce((leaves, each) => patch(leaves, each), leavesOf(a));
        expect(patched).toEqual(leavesOf(b));
      }),
      { numRuns: 100 },
    );
  });

  test("tells an empty list from an empty map and from nothing", () => {
    expect(diff({ a: [] }, { a: {} })).toEqual([{ path: "a", kind: "changed", before: [], after: {} }]);
    expect(diff({ a: [], b: 1 }, { b: 1 })).toEqual([{ path: "a", kind: "removed", before: [] }]);
    expect(diff({ a: [1] }, { a: [] }).map(({ path, kind }) => [path, kind])).toEqual([
      ["a", "added"],
      ["a[0]", "removed"],
    ]);
  });
});

describe("explain", () => {
  const layered = parseConfig(serviceSchema, {
    files: [
      yamlFile("name: x\nserver: {port: 1, host: a}\nmodels:\n  - {name: m, engine: vllm}\n"),
      { layer: "environment-file", file: "hxp.test.yaml", content: "server:\n  port: 2\n  timeout: 2m\n" },
    ],
    variables: { HXP__SERVER__PORT: "3" },
    arguments: ["server.port=4", "limits={}"],
  });

  test("tells value, origin, all that was overridden, and the schema's words", () => {
    expect(explain(layered, "server.port")).toEqual({
      path: "server.port",
      value: 4,
      layer: "arguments",
      origin: { layer: "arguments", argument: "--set server.port" },
      overrode: [
        { layer: "variables", origin: { layer: "variables", variable: "HXP__SERVER__PORT" }, value: 3 },
        {
          layer: "environment-file",
          origin: { layer: "environment-file", file: "hxp.test.yaml", line: 2, column: 9 },
          value: 2,
        },
        { layer: "file", origin: { layer: "file", file: "hxp.yaml", line: 2, column: 16 }, value: 1 },
        { layer: "defaults", origin: { layer: "defaults" }, value: 8080 },
      ],
      description: "Port to listen on.",
      default: 8080,
      unit: "TCP port",
    });
  });

  test.each([
    ["server.timeout", "2m", "environment-file"],
    ["server.isPublic", false, "defaults"],
    ["models[0].engine", "vllm", "file"],
    ["limits.ratio", 0.5, "defaults"],
    ["tags[0]", "a", "defaults"],
  ])("knows %s", (path, value, layer) => {
    expect(explain(layered, path)).toMatchObject({ path, value, layer });
  });

  test.each(["nothing", "models[1]", "server.port.x", "signer.key", "a..b", "server.dataPath"])(
    "knows nothing of %s",
    (path) => {
      expect(explain(layered, path)).toBeUndefined();
    },
  );

  test("follows a null back to the default", () => {
    const result = parseConfig(serviceSchema, {
      files: [yamlFile("name: x\nserver: {port: 1}\n")],
      arguments: ["server.port=null"],
    });
    expect(explain(result, "server.port")).toMatchObject({
      value: 8080,
      layer: "defaults",
      overrode: [
        { layer: "arguments", value: null },
        { layer: "file", value: 1 },
      ],
    });
  });

  test("sees what a null or a list above a path hides", () => {
    const file = yamlFile("name: x\nserver: {port: 1}\nmodels: [{name: m}, {name: n}]\n");
    const result = parseConfig(serviceSchema, { files: [file], arguments: ["server=null", "models=[{name: o}]"] });
    expect(explain(result, "server.port")).toMatchObject({
      value: 8080,
      layer: "defaults",
      overrode: [{ layer: "file", value: 1 }],
    });
    expect(explain(result, "models[0].name")).toMatchObject({ value: "o", overrode: [{ layer: "file", value: "m" }] });
    expect(explain(result, "models[1].name")).toBeUndefined();
  });

  test("works for a config that has errors", () => {
    const result = parseConfig(serviceSchema, { files: [yamlFile("server: {port: 0}\n")] });
    expect(explain(result, "server.port")).toMatchObject({ value: 0, layer: "file", default: 8080 });
  });
});

describe("toJsonSchema", () => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, formats: { uri: true } });
  ajv.addKeyword("deprecationMessage");
  const validate = ajv.compile(toJsonSchema(serviceSchema));

  test("is draft-07 with descriptions, defaults, units and deprecations", () => {
    expect(toJsonSchema(serviceSchema)).toMatchObject({
      $schema: "http://json-schema.org/draft-07/schema#",
      $id: "https://example.com/service.json",
      title: "A service",
      properties: {
        $schema: { type: "string" },
        server: {
          properties: {
            port: {
              description: "Port to listen on. Unit: TCP port.",
              default: 8080,
              type: ["integer", "null"],
              maximum: 65_535,
            },
            bind: {
              deprecated: true,
              deprecationMessage: "use server.host",
              description: "Old name. Deprecated: use server.host.",
            },
          },
        },
      },
    });
  });

  test("takes what the reader takes", () => {
    fc.assert(
      fc.property(config, (each) => {
        const printed: unknown = JSON.parse(printConfig(serviceSchema, each, { format: "json" }));
        expect(validate(printed)).toBe(true);
      }),
      { numRuns: 50 },
    );
    expect(validate({ name: "x", labels: { a: null } })).toBe(true);
    expect(validate({ name: "x", server: null, labels: null })).toBe(true);
    expect(validate({ name: null })).toBe(false);
  });

  test("of an overlay requires no key and takes null for each, and refuses what the file's refuses beside that", () => {
    const validateOverlay = ajv.compile(toJsonSchema(serviceSchema, { for: "overlay" }));
    expect(validateOverlay({})).toBe(true);
    expect(validateOverlay({ name: null })).toBe(true);
    expect(validateOverlay({ nmae: "x" })).toBe(false);
    expect(validateOverlay({ server: { token: "abc" } })).toBe(false);
  });

  test.each([
    ["an unknown key", { name: "x", nmae: "x" }],
    ["no name", {}],
    ["a secret in plain text", { name: "x", server: { token: "abc" } }],
    ["a port that is none", { name: "x", server: { port: 0 } }],
    ["a duration that is none", { name: "x", server: { timeout: "soon" } }],
    ["a path that is none", { name: "x", server: { dataPath: "a/b" } }],
  ])("refuses %s, as the reader does", (_, data) => {
    expect(validate(data)).toBe(false);
    expect(parseConfig(serviceSchema, { files: [yamlFile(JSON.stringify(data))] }).errors).not.toEqual([]);
  });

  test("lets a .json file name its schema", () => {
    const content = JSON.stringify({ $schema: "./service.json", name: "x" });
    expect(validate(JSON.parse(content))).toBe(true);
    expect(parseConfig(serviceSchema, { files: [yamlFile(content, "hxp.json")] }).errors).toEqual([]);
  });
});

describe("renderSchemaDocs", () => {
  test("has a row a key, also in lists and under names of the user's", () => {
    const rows = renderSchemaDocs(serviceSchema).split("\n");
    expect(rows).toContain("| `server.port` | an integer from 1 to 65535 | `8080` | TCP port | Port to listen on. |");
    expect(rows).toContain("| `models[].name` | a text that is not empty | required |  | Name that clients ask for. |");
    expect(rows).toContain("| `server.bind` | a text | not set |  | Old name. Deprecated: use server.host. |");
    expect(rows).toContain("| `limits.note` | a text or null | not set |  | A note, or null. |");
  });

  test("ends for a schema that holds itself, and keeps its table whole", () => {
    interface Tree {
      name: string;
      below?: Tree[] | undefined;
    }
    const tree: z.ZodType<Tree> = z.lazy(() =>
      z.strictObject({
        name: z.string().meta({ description: "a | b" }),
        below: z.array(tree).optional().meta({ description: "More." }),
      }),
    );
    const schema = defineSchema({
      id: "urn:test:tree",
      title: "T",
      schema: z.strictObject({ tree: tree.meta({ description: "T." }) }),
    });
    const rows = renderSchemaDocs(schema).split("\n");
    expect(rows.length).toBeLessThan(40);
    expect(rows).toContain("| `tree.name` | a text | required |  | a \\| b |");
    const deep = parseConfig(schema, { files: [yamlFile("tree: {name: a, below: [{name: b, below: [{nme: c}]}]}\n")] });
    expect(deep.errors.map(({ path, suggestion }) => [path, suggestion])).toContainEqual([
      "tree.below[0].below[0].nme",
      "name",
    ]);
  });
});

describe("duration", () => {
  test.each([
    ["0s", 0],
    ["1500ms", 1500],
    ["90s", 90_000],
    ["36h", 129_600_000],
    ["99999999d", 8_639_999_913_600_000],
  ])("reads %s", (from, to) => {
    expect(duration().decode(from)).toBe(to);
    expect(duration().decode(duration().encode(to))).toBe(to);
  });
});

type Leaves = Record<string, unknown>;

function leavesOf(value: unknown): Leaves {
  return Object.fromEntries(
    diff(undefined, value).map((each) => [each.path, each.kind === "added" ? each.after : undefined]),
  );
}

function patch(leaves: Leaves, each: Difference): Leaves {
  const { [each.path]: before, ...others } = leaves;
  const old = each.kind === "added" ? undefined : each.before;
  expect({ old, isPath: parsePath(each.path) !== undefined }).toEqual({ old: before, isPath: true });
  return each.kind === "removed" ? others : { ...others, [each.path]: each.after };
}
