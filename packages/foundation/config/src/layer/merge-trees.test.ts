import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, type LayerName, parseConfig } from "@hxp/config";
import { nodeAt, toNode } from "../tree.ts";
import { layerNames, type Origin } from "../origin.ts";
import { serviceSchema } from "../testing/service-schema.ts";
import { mergeTrees } from "./merge-trees.ts";

const key = fc.constantFrom("a", "b", "c");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<unknown>(1, 2, "x", true, null),
    fc.array(fc.nat({ max: 3 }), { maxLength: 2 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const origin = (variable: string): Origin => ({ layer: "variables", variable });

describe("layering", () => {
  test("is associative, to the last origin", () => {
    fc.assert(
      fc.property(value, value, value, (first, second, third) => {
        const [a, b, c] = [toNode(first, origin("a")), toNode(second, origin("b")), toNode(third, origin("c"))];
        expect(mergeTrees(mergeTrees(a, b), c)).toEqual(mergeTrees(a, mergeTrees(b, c)));
      }),
      { numRuns: 2000 },
    );
  });

  test("changes nothing by itself twice", () => {
    fc.assert(
      fc.property(value, (each) => {
        const node = toNode(each, origin("a"));
        expect(mergeTrees(node, node)).toEqual(node);
      }),
    );
  });

  test("keeps each leaf of the upper layer", () => {
    fc.assert(
      fc.property(value, value, key, (low, high, name) => {
        const upper = toNode(high, origin("high"));
        const leaf = nodeAt(upper, [name]);
        fc.pre(leaf !== undefined && leaf.kind !== "map");
        expect(nodeAt(mergeTrees(toNode(low, origin("low")), upper), [name])).toEqual(leaf);
      }),
    );
  });

  test("does not change the layers", () => {
    const low = toNode({ a: { b: 1 } }, origin("low"));
    const before = structuredClone(low);
    mergeTrees(low, toNode({ a: { b: 2, c: 3 } }, origin("high")));
    expect(low).toEqual(before);
  });
});

describe("the origin of a value", () => {
  const settings = {
    "server.port": fc.integer({ min: 1, max: 65_535 }),
    "server.host": fc.stringMatching(/^[a-z]{1,8}$/),
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    "labels.team": fc.stringMatching(/^[a-z]{1,8}$/),
    tags: fc.constantFrom("[x]", "[y, z]"),
  };
  const layer = fc.record(settings, { requiredKeys: [] });

  type Given = Readonly<Record<string, string | number>>;
  const layers = fc.record({ file: layer, "environment-file": layer, variables: layer, arguments: layer });

  test("is the highest layer that sets it, whatever else the layers hold", () => {
    fc.assert(
      fc.property(layers, (drawn) => {
        const given: Record<Exclude<LayerName, "defaults">, Given> = {
          ...drawn,
          file: { name: "base", ...drawn.file },
        };
        const result = readLayers(given);
        expect(result.errors).toEqual([]);
        const actual = Object.keys(settings).map((path) => {
          const { layer: won, overrode = [] } = explain(result, path) ?? {};
          return { path, won, lost: overrode.map((each) => each.layer).filter((each) => each !== "defaults") };
        });
        const expected = Object.keys(settings).map((path) => {
          const setters = layerNames.filter((name) => name !== "defaults" && path in given[name]);
          const unset = path === "labels.team" ? undefined : "defaults";
          return { path, won: setters.at(-1) ?? unset, lost: setters.slice(0, -1).toReversed() };
        });
        expect(actual).toEqual(expected);
      }),
    );
  });

  test("goes with the value that won", () => {
    fc.assert(
      fc.property(layers, fc.constantFrom("server.port", "server.host", "name"), (drawn, path) => {
        const given: Record<Exclude<LayerName, "defaults">, Given> = {
          ...drawn,
          file: { name: "base", ...drawn.file },
        };
        const explained = explain(readLayers(given), path);
        const written = Object.entries(given).find(([name]) => name === explained?.layer)?.[1][path];
        expect(explained?.value).toBe(written ?? (path === "server.port" ? 8080 : "127.0.0.1"));
      }),
    );
  });

  function readLayers(given: Record<Exclude<LayerName, "defaults">, Given>) {
    return parseConfig(serviceSchema, {
      files: [
        { layer: "file", file: "hxp.yaml", content: toYaml(given.file) },
        { layer: "environment-file", file: "hxp.test.yaml", content: toYaml(given["environment-file"]) },
      ],
      variables: Object.fromEntries(
        Object.entries(given.variables).map(([path, each]) => [
          `HXP__${path.toUpperCase().replaceAll(".", "__")}`,
          String(each),
        ]),
      ),
      arguments: Object.entries(given.arguments).map(([path, each]) => `${path}=${each}`),
    });
  }
});

function toYaml(flat: Readonly<Record<string, unknown>>): string {
  const sections = new Map<string, string[]>();
  const lines: string[] = [];
  for (const [path, each] of Object.entries(flat)) {
    const [section = "", name] = path.split(".");
    const text = path === "tags" ? String(each) : JSON.stringify(each);
    if (name === undefined) lines.push(`${section}: ${text}`);
    else sections.set(section, [...(sections.get(section) ?? []), `  ${name}: ${text}`]);
  }
  return [...lines, ...[...sections].flatMap(([section, below]) => [`${section}:`, ...below])].join("\n");
}
