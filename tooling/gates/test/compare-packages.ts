import { join } from "node:path";
import {
  contentsGate,
  type GateInput,
  type GateResult,
  type JsonObject,
  type ReleasePolicyInput,
  runGates,
} from "@hxp/release-gates";
import { makeInput, writePackage } from "./make-input.ts";
import { makePackage, soundFiles, soundManifest } from "./make-tarball.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A version of the sound package: what is added to its manifest and files; undefined takes a file away. */
export interface PackageChange {
  manifest?: object;
  files?: Record<string, string | Buffer | undefined>;
}

/** What {@link judgeUpdate} takes beside the change. */
export interface UpdateOptions {
  /** The last release; default: the sound package. `null` is a first release. */
  last?: PackageChange | null;
  policy?: ReleasePolicyInput;
  /** Packuments by name. */
  registry?: Readonly<Record<string, JsonObject>>;
}

/** Lets the gate `contents` judge version 1.0.0 of the sound package with its last release, 0.9.0. */
export async function judgeUpdate(
  change: PackageChange,
  { last = {}, policy = {}, registry = {} }: UpdateOptions = {},
): Promise<GateResult> {
  const folder = await temporaryFolder();
  const previous = last === null ? undefined : await writePackage(join(folder, "last"), pack(last));
  const facts = previous === undefined ? {} : { previous: { version: "0.9.0", tarball: previous.tarball.path } };
  const item = await writePackage(folder, pack(change), facts);
  const upstream: GateInput["upstream"] = {
    packument: (name) => Promise.resolve(registry[name]),
    keys: () => Promise.resolve([]),
    attestations: () => Promise.resolve(undefined),
  };
  const [result] = await runGates([contentsGate], makeInput(folder, { packages: [item], policy, upstream }));
  return result!;
}

function pack({ manifest = {}, files = {} }: PackageChange): Buffer {
  const all = Object.entries({ ...soundFiles, ...files });
  const present = all.flatMap(([path, content]) => (content === undefined ? [] : [[path, content] as const]));
  return makePackage({ ...soundManifest, ...manifest }, Object.fromEntries(present));
}
