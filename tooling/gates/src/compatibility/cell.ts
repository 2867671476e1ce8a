import type { InputDigest } from "../gate.ts";
import type { YoungVersion } from "../aged/aged-upstream.ts";

/** A package manager that consumers are promised. */
export type Manager = "npm" | "pnpm";

/**
 * Which versions the dependencies have: the lowest of each range, those of the lockfile, or what the ranges give today,
 * of what is old enough.
 */
export const resolutions = ["lowest", "locked", "newest"] as const;

/** One of {@link resolutions}. */
export type Resolution = (typeof resolutions)[number];

/** A direct dependency of the package under test, as installed in a cell. */
export type CellDependency = {
  name: string;
  range: string;
  version: string;
  kind: "dependency" | "peer" | "optional";
};

/** One thing that was done in a cell: `install`, `import x`, `bin y`, `contract z`. */
export type CellCheck = { name: string; verdict: "passed" | "failed"; message?: string };

/** What an executed cell showed. Times are those of the execution, also where its result is used again. */
export type CellOutcome = {
  verdict: "passed" | "failed";
  startedAt: string;
  durationMs: number;
  checks: CellCheck[];
  log: string;
};

/** A combination that was installed and run. */
export type CompatibilityCell = CellOutcome & {
  /** `sha256:…` over everything that the outcome depends on. */
  key: string;
  package: string;
  version: string;
  resolution: Resolution;
  node: string;
  manager: Manager;
  /** Whether the outcome is that of an equal cell: of an earlier release, or of another resolution that gave the same. */
  reused: boolean;
  dependencies: CellDependency[];
  inputs: InputDigest[];
  /** Where versions could not be had as the resolution asks for, said in words. */
  notes?: string[];
  /** A shell command that does the same again. */
  reproduce: string;
};

/** Two packages of the workspace from different releases, installed together. */
export type CompatibilityPair = CellOutcome & {
  key: string;
  package: string;
  version: string;
  other: string;
  otherVersion: string;
  node: string;
  manager: Manager;
  reused: boolean;
  notes?: string[];
  reproduce: string;
};

/** `details` of the gate `compatibility`. */
export type CompatibilityDetails = {
  nodes: string[];
  managers: Manager[];
  resolutions: Resolution[];
  cells: CompatibilityCell[];
  pairs: CompatibilityPair[];
  /** Nodes of the matrix that a package's `engines` leave out: no promise, so no cell. */
  unclaimedNodes: { package: string; version: string; node: string; engines: string }[];
  /** Pairs outside of the range that the older or newer package names: no promise, so not run. */
  unclaimedPairs: { package: string; version: string; other: string; otherVersion: string; range: string }[];
  /** Age that a third party's version had to have to be installed; 0: any. */
  minimumAgeMinutes: number;
  /** Versions that something asks for, and that were not installed because they are younger. */
  tooYoung: YoungVersion[];
};
