import type { Validity } from "../trust/trusted-key.ts";

/**
 * What an evidence folder makes known. Plain data, the same from this package and from its verifier in one file; times are
 * ISO 8601, UTC.
 */
export interface ReleaseFacts {
  release: string;
  /** A release to the embedded registry: nothing left the machine that made it. */
  isRehearsal: boolean;
  registry: string;
  channel: string;
  source: { commit: string; repository: string | null; dirty: readonly string[] };
  packages: readonly PackageFacts[];
  /** Ids of builders; proven only where a certificate signed, else the signer's own word. */
  builders: readonly string[];
  rebuild: RebuildFacts;
  gates: readonly GateFacts[];
  /** Required gates without a result here. A release that leaves the machine has none. */
  notJudged: readonly string[];
  /** Gates that did not run. A release that leaves the machine has none. */
  notRun: readonly { gate: string; reason: string | undefined }[];
  /** Why findings did not stop the release, each once; the excuses of gates that did not run among them. */
  waivers: readonly WaiverFacts[];
  /** Names of the smoke test's cells that passed. */
  smoke: readonly string[];
  endings: readonly EndingFacts[];
  signers: readonly SignerFacts[];
  log: LogFacts;
}

/** Bytes of a package. */
interface PackageFacts {
  name: string;
  version: string;
  file: string;
  integrity: string;
  /** Bytes. */
  size: number;
  /** Levels that the verification summary names. */
  levels: readonly string[];
}

/** Whether a second build gave the same bytes, and what the gate saw of both builds, by name. */
export interface RebuildFacts {
  result: "identical" | "failed" | "waived" | "not-run" | "not-judged";
  observed: Readonly<Record<string, string>>;
}

/** A gate, its verdict, and where its result is. */
export interface GateFacts {
  gate: string;
  verdict: "passed" | "failed" | "waived" | "not-run";
  file: string;
}

/** A waiver that a release needed, as its gate has it. */
export interface WaiverFacts {
  gate: string;
  rule: string;
  package?: string | undefined;
  dependency?: string | undefined;
  owner: string;
  reason: string;
  /** Last day, UTC. */
  expires: string;
  /** Whole days at the time of verifying; below zero for one that is over. */
  daysLeft: number;
}

/** How a release ended. */
export interface EndingFacts {
  outcome: string;
  reason: string | null;
  recordedAt: string;
}

/** A key or identity that signed. */
export interface SignerFacts {
  /** Name of a key, or subject of a certificate. */
  name: string;
  /** Hint of a key, or issuer of a certificate. */
  id: string;
  /** The time for which a key counts, within which it signed; null for a certificate. */
  validFor: Validity | null;
}

/** What is known of the transparency log. */
export interface LogFacts {
  origin: string;
  entries: number;
  /** Entries at the end of the release before; null where this is the first. */
  grownFrom: number | null;
  /** How many statements are in it, by a proof each. */
  statements: number;
  /** When it took the first of them, and the last. */
  first: string;
  last: string;
}
