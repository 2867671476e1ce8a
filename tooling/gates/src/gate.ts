import type { ReleasePolicy, Waiver } from "./policy/policy-schema.ts";

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** An object that JSON can hold. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A check that a release must pass. It decides by its input alone and writes only inside the scratch folder. */
export interface Gate {
  /** Kebab-case; findings and waivers refer to it. */
  name: string;
  /** What the gate looks at, for a person. */
  title: string;
  judge(input: GateInput): Promise<GateResult>;
}

/** One package of the release. */
export interface GatePackage {
  name: string;
  version: string;
  /** Relative to the workspace. */
  folder: string;
  private: false;
  /** The package.json as it is in the workspace, before packing. */
  manifest: JsonObject;
  /** What would be published: an absolute path, and `sha512-…` as in a lockfile. */
  tarball: { path: string; integrity: string };
  /** The last release, with the path of its tarball; absent for a first release. */
  previous?: { version: string; tarball: string };
}

/** All that gates look at. */
export interface GateInput {
  /** Absolute folder: the exported, installed and built release tree. */
  workspace: string;
  /** Absolute folder that gates may write into. */
  scratch: string;
  packages: GatePackage[];
  policy: ReleasePolicy;
  /** Versions of Node that the packages were built on, as seen in the built workspace, each once. */
  builtOn(): Promise<readonly string[]>;
  /** Builds and packs the same commit again, into another folder, on the newest release of a Node major. */
  rebuild(options: { folder: string; nodeMajor: number }): Promise<Rebuild>;
  /** The manifest of a third-party package, for platform binaries that are not installed here; undefined if unknown. */
  registry(name: string, version: string): Promise<JsonObject | undefined>;
  now: Date;
  signal?: AbortSignal;
  onProgress?(text: string): void;
}

/** What a second build made. */
export interface Rebuild {
  tarballs: readonly { name: string; path: string }[];
  /** Versions of Node that it ran on, as seen in its workspace, not as asked for; each once. */
  nodeVersions: readonly string[];
}

/** Something that a gate objects to: what, where, why it matters, and what mends it. */
export interface Finding {
  gate: string;
  /** Kebab-case; with the gate's name it is what a waiver names. */
  rule: string;
  /** `name@version`-free package name; absent when the finding concerns the whole release. */
  package?: string;
  /** File inside the tarball, dependency path, or key, depending on the rule. */
  where: string;
  message: string;
  why: string;
  fix: string;
  severity: "error" | "warning";
  /** The waiver that covers this finding, put in by {@link runGates}. */
  waiver?: Waiver;
}

/** `not-run` blocks a release unless its finding is waived; see {@link isBlocking}. */
export type Verdict = "passed" | "failed" | "waived" | "not-run";

/** What a gate says about a release, with the digests of what it looked at. */
export interface GateResult {
  gate: string;
  verdict: Verdict;
  /** Why the gate did not run, or failed as a whole. */
  reason?: string;
  /** How many things were looked at; zero never passes. */
  checked: number;
  findings: Finding[];
  /** Digests are `sha256:<hex>` or `sha512:<hex>`. */
  inputs: InputDigest[];
  /** What the gate saw of its surroundings, by name. */
  observed?: Readonly<Record<string, string>>;
  /** Digest of the whole policy as JSON with sorted keys. */
  policyDigest: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationMs: number;
}

/** Names something that a gate read, with its digest. */
export interface InputDigest {
  name: string;
  digest: string;
}
