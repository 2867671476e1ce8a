import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { apiGate, type GateResult, runGates } from "@hxp/release-gates";
import { classPairs } from "../../../test/api/class-pairs.ts";
import type { DeclarationPair } from "../../../test/api/declaration-pair.ts";
import { functionPairs } from "../../../test/api/function-pairs.ts";
import { typePairs } from "../../../test/api/type-pairs.ts";
import { writeFiles } from "../../../test/install-workspace.ts";
import { makeInput, writePackage } from "../../../test/make-input.ts";
import { makePackage } from "../../../test/make-tarball.ts";
import { createFolder } from "../../../test/temporary-folder.ts";
import type { ApiDetails, ApiPackage } from "../api-change.ts";

const pairs = [...functionPairs, ...typePairs, ...classPairs].map((pair, index) => ({
  ...pair,
  name: `pair-${index}`,
}));

let result: GateResult;
/** Consumers that do not compile, by the side. */
let refused: { before: string[]; after: string[] };

beforeAll(async () => {
  const folder = await createFolder();
  const packages = await Promise.all(pairs.map((pair) => packPair(folder, pair)));
  [result] = (await runGates([apiGate], makeInput(folder, { packages }))) as [GateResult];
  refused = { before: await compile(folder, "before"), after: await compile(folder, "after") };
});

async function packPair(folder: string, { name, before, after }: DeclarationPair & { name: string }) {
  const pack = (version: string, text: string): Buffer =>
    makePackage(
      { name, version, type: "module", exports: { ".": { types: "./index.d.ts", default: "./index.js" } } },
      { "index.d.ts": text, "index.js": "" },
    );
  const last = await writePackage(join(folder, "last"), pack("1.0.0", before), { name });
  const previous = { version: "1.0.0", tarball: last.tarball.path };
  return writePackage(folder, pack("1.0.1", after), { name, version: "1.0.1", previous });
}

/** Compiles every consumer by tsc, as a person would, and names those that have errors. */
async function compile(folder: string, side: "before" | "after"): Promise<string[]> {
  const files = Object.fromEntries(
    pairs.flatMap((pair) => [
      [`${side}/${pair.name}/index.d.ts`, pair[side]],
      [`${side}/${pair.name}.mts`, pair.consumer.replace("'it'", `'./${pair.name}/index.js'`)],
    ]),
  );
  const compilerOptions = { module: "nodenext", target: "esnext", strict: true, noEmit: true, types: [] };
  const tsconfig = { compilerOptions, files: pairs.map(({ name }) => `${name}.mts`) };
  await writeFiles(folder, {
    ...files,
    [`${side}/tsconfig.json`]: tsconfig,
    [`${side}/package.json`]: { type: "module" },
  });
  const { stdout } = await execa("tsc", ["--pretty", "false"], {
    cwd: join(folder, side),
    reject: false,
    preferLocal: true,
  });
  return [...new Set([...stdout.matchAll(/^(pair-\d+)\.mts\(/gm)].map(([, name]) => name ?? ""))];
}

function verdictOn(name: string): ApiPackage {
  const { packages } = result.details as unknown as ApiDetails;
  return packages.find((item) => item.name === name)!;
}

describe.each(pairs)("$title", ({ name, least }) => {
  test(`needs a ${least}`, () => {
    const { least: judged, changes } = verdictOn(name);
    expect({ least: judged, changes: judged === least ? [] : changes }).toEqual({ least, changes: [] });
  });

  test(`is called a patch: ${least === "patch" ? "passes" : "fails"}`, () => {
    const found = result.findings.filter((finding) => finding.package === name && finding.severity === "error");
    expect(found.map(({ rule }) => rule)).toEqual(least === "patch" ? [] : ["bump-too-small-declarations"]);
  });

  test(`${least === "major" ? "breaks" : "leaves"} a consumer, as tsc sees it`, () => {
    expect(refused.before).not.toContain(name);
    expect(refused.after.includes(name)).toBe(least === "major");
  });
});
