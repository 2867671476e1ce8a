import { join } from "node:path";
import { apiGate, type GatePackage, type GateResult, runGates } from "@hxp/release-gates";
import type { ApiDetails, ApiPackage } from "../../src/api/api-change.ts";
import { writeFiles } from "../install-workspace.ts";
import { makeInput, writePackage } from "../make-input.ts";
import { makePackage } from "../make-tarball.ts";
import { temporaryFolder } from "../temporary-folder.ts";

type InputParts = NonNullable<Parameters<typeof makeInput>[1]>;

/** One state of a package. */
export interface State {
  version: string;
  manifest?: object;
  files?: Record<string, string>;
}

const manifestOf = (name: string, { version, manifest = {} }: State): object => ({
  name,
  version,
  type: "module",
  exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
  engines: { node: ">=22" },
  ...manifest,
});

const soundFiles = { "index.js": "export const a = 1;\n", "index.d.ts": "export declare const a: 1;\n" };

/** Writes a package of the release, built in the workspace, and its last release. */
export async function release(
  folder: string,
  name: string,
  [before, after]: [State | undefined, State],
): Promise<GatePackage> {
  const pack = (state: State): Buffer => makePackage(manifestOf(name, state), { ...soundFiles, ...state.files });
  const last =
    before && (await writePackage(join(folder, "last"), pack(before), { name: `${name}-${before.version}` }));
  await writeFiles(join(folder, name), { "package.json": manifestOf(name, after), ...soundFiles, ...after.files });
  return writePackage(folder, pack(after), {
    name,
    version: after.version,
    folder: name,
    ...(last === undefined || before === undefined
      ? {}
      : { previous: { version: before.version, tarball: last.tarball.path } }),
  });
}

/** Judges a release of one package, `it`. */
export async function judge(states: [State | undefined, State], parts: InputParts = {}): Promise<GateResult> {
  const folder = await temporaryFolder();
  return judgePackages(folder, [await release(folder, "it", states)], parts);
}

/** Judges a release. */
export async function judgePackages(
  folder: string,
  packages: GatePackage[],
  parts: InputParts = {},
): Promise<GateResult> {
  await writeFiles(folder, { "pnpm-lock.yaml": { lockfileVersion: "9.0", importers: {} } });
  const [result] = await runGates([apiGate], makeInput(folder, { packages, ...parts }));
  return result!;
}

/** What the gate says of a package. */
export function packageIn({ details }: GateResult, name = "it"): ApiPackage {
  return (details as unknown as ApiDetails).packages.find((item) => item.name === name)!;
}

/** Two states of which the second is released as a patch. */
export const patch = (before: Omit<State, "version">, after: Omit<State, "version">): [State, State] => [
  { version: "1.0.0", ...before },
  { version: "1.0.1", ...after },
];
