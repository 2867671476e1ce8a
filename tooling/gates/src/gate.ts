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

/** Programs that gates may start, each of an exact version. */
export interface GateTools {
  /** The environment for whatever runs code of the project or of third parties; holds no credentials. `pnpm` is in its PATH. */
  env: NodeJS.ProcessEnv;
  /** Exact Node versions that consumers are promised, oldest first. */
  nodes: readonly string[];
  /** Package managers that consumers are promised. */
  managers: readonly ("npm" | "pnpm")[];
  /** Installs a Node version, once, and gives the folder of its `node`. */
  node(version: string): Promise<string>;
  /** Installs npm, once, and gives the path of its `npm-cli.js`. */
  npm(): Promise<string>;
}

/** The registry that third-party packages come from. */
export interface Upstream {
  /** The packument of a package: versions, times, deprecations, signatures, whatever it serves; undefined if unknown. Asked once a name. */
  packument(name: string): Promise<JsonObject | undefined>;
  /** Keys that the registry says it signs with; none where it serves none. */
  keys(): Promise<readonly RegistrySigningKey[]>;
  /** Attestations of a version; undefined where there are none. */
  attestations(name: string, version: string): Promise<readonly ServedAttestation[] | undefined>;
  /** Known vulnerabilities of versions of packages, by package; undefined, or no such function, where the registry has no such endpoint. */
  advisories?(
    versions: Readonly<Record<string, readonly string[]>>,
  ): Promise<Readonly<Record<string, readonly ServedAdvisory[]>> | undefined>;
}

/** An advisory, as npm's `/-/npm/v1/security/advisories/bulk` serves it. */
export interface ServedAdvisory {
  id: number | string;
  url?: string | undefined;
  title: string;
  severity: string;
  vulnerable_versions: string;
  cvss?: { vectorString?: string | null | undefined } | null | undefined;
}

/** A key of a registry, as npm's `/-/npm/v1/keys` serves it. */
export interface RegistrySigningKey {
  keyid: string;
  keytype: string;
  scheme: string;
  /** Base64 of the DER public key. */
  key: string;
  /** ISO 8601; null while it is in use. */
  expires: string | null;
}

/** One attestation, as npm's attestations endpoint serves it. */
export interface ServedAttestation {
  predicateType: string;
  /** A sigstore bundle in its JSON form. */
  bundle: object;
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
  upstream: Upstream;
  tools: GateTools;
  /**
   * The last full releases of a package on the registry that is released to, newest first, without the one that is
   * judged; with `below`, the last ones below that version. At most `limit`, and no other is downloaded.
   */
  history(name: string, limit: number, below?: string): Promise<readonly { version: string; tarball: string }[]>;
  /** Serves exactly these tarballs on a registry of loopback, each name from nowhere else, and all else from upstream; gives its URL. It ends with the gates. */
  serve(tarballs: readonly string[]): Promise<string>;
  /** Absolute folder that outlives the release: what gates keep by digest for the next. May be deleted at any time. */
  cache: string;
  /** Absolute folder of imported databases, such as the advisory snapshot. */
  databases: string;
  /** Whether the release goes to the local rehearsal registry; only there `rehearsal.mayNotRun` of the policy counts. */
  isRehearsal: boolean;
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
  /** `name@version` of the dependency that the finding is about, where it is about one; a waiver can name it. */
  dependency?: string;
  /** File inside the tarball, dependency path, or key, depending on the rule. */
  where: string;
  message: string;
  why: string;
  fix: string;
  severity: "error" | "warning";
  /** The waiver that covers this finding, put in by {@link runGates}. */
  waiver?: Waiver;
}

/** `not-run` blocks a release, but for a rehearsal whose policy can do without the gate; see {@link isBlocking}. */
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
  /** All that the gate looked at, for the report; each gate has a shape of its own, exported as `…Details`. */
  details?: JsonValue;
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
