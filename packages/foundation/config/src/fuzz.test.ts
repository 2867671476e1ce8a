import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, formatPath, parseConfig, renderProblems, type SourceFile } from "@hxp/config";
import { serviceSchema, yamlFile } from "./testing/service-schema.ts";

const fragment = fc.constantFrom(
  ..."name server port token models labels : : - - ? ? [ ] { } , , | > ' \" # & * ! % @ ` ~ null true 1 0x1 .inf .nan --- ... <<".split(
    " ",
  ),
  " ",
  "  ",
  "\n",
  "\n",
  "\n  ",
  "\t",
  "\r\n",
  ": ",
  "- ",
  "? ",
  "&a ",
  "*a",
  "!!str ",
  "!x ",
  "%YAML 1.1\n",
  "${env:A}",
  "${",
  "$${",
  "__proto__",
  "constructor",
  "\u0000",
  "\uFEFF",
  "\u2028",
  "é",
);
const yaml = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(""));
const file = fc.record({
  layer: fc.constantFrom("file" as const, "environment-file" as const),
  file: fc.constantFrom("hxp.yaml", "hxp.json"),
  content: fc.oneof(yaml, fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 200 }), fc.json()),
});

/** What is odd about the result for these sources; nothing may be. */
function faultsOf(files: SourceFile[], variables: Record<string, string>, set: string[]): string[] {
  const result = parseConfig(serviceSchema, { files, variables, arguments: set, environment: "production" });
  const faults = (result.config === undefined) === result.errors.length > 0 ? [] : ["config and errors do not fit"];
  for (const { code, message, path, origin, excerpt } of [...result.errors, ...result.warnings]) {
    if (!code.startsWith("CONFIG_") || message === "") faults.push(`${code}: ${message}`);
    if (origin !== undefined && "line" in origin && Math.min(origin.line, origin.column) < 1) faults.push("no place");
    if (excerpt !== undefined && excerpt.column - 1 > excerpt.text.length) faults.push("a mark beside the line");
    explain(result, path);
  }
  renderProblems(result.errors);
  return faults;
}

describe("whatever is in the sources", () => {
  test("there is a result", () => {
    const variables = fc.dictionary(
      fc
        .array(fc.constantFrom("SERVER", "PORT", "NAME", "LABELS", "MODELS", "0", "_", "__", "A"), { maxLength: 5 })
        .map((parts) => `HXP__${parts.join("__")}`),
      fc.oneof(yaml, fc.string({ unit: "binary" })),
      { maxKeys: 4 },
    );
    const set = fc.oneof(
      yaml,
      fc
        .tuple(fc.array(fc.oneof(fc.nat({ max: 3 }), fc.constantFrom("server", "port", "labels", "a.b"))), yaml)
        .map(([path, text]) => `${formatPath(path)}=${text}`),
    );
    fc.assert(
      fc.property(
        fc.array(file, { maxLength: 2 }),
        variables,
        fc.array(set, { maxLength: 3 }),
        (files, given, pairs) => {
          expect(faultsOf(files, given, pairs)).toEqual([]);
        },
      ),
      { numRuns: 800 },
    );
  });

  test("there is a result for a right file with some bytes changed", () => {
    const right = Buffer.from(
      "name: x\nserver:\n  port: 80\n  token: ${env:T}\nmodels:\n  - {name: m, engine: vllm}\nlabels: {a: 'b'}\n",
    );
    const change = fc.tuple(fc.nat({ max: right.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const content = Uint8Array.from(right);
        for (const [index, byte] of changes) content[index] = byte;
        expect(faultsOf([yamlFile(content)], {}, [])).toEqual([]);
      }),
      { numRuns: 800 },
    );
  });
});
