import type { ReportDiff } from "./diff/report-diff.ts";
import type { GateDetails } from "./evidence/details-schemas.ts";
import type { GateResult, SmokeCell } from "./evidence/gate-schemas.ts";
import type { Plan, TrustedKey, TrustedLog } from "./evidence/release-schemas.ts";

/** A file that evidence lacks or that does not read, and what is unknown without it. */
export interface EvidenceGap {
  file: string;
  problem: string;
}

/** A gate's result; its details stand elsewhere. */
export interface GateSummary extends GateResult {
  /** Whether the release went out although the gate did not run: only a rehearsal does. */
  excused: boolean;
}

/** How a release ended, as its signed record says. */
export interface ReleaseOutcome {
  /** `promoted`, `rolled-back` or `abandoned`. */
  outcome: string;
  recordedAt: string;
  reason?: string | undefined;
}

/** What a bundle claims before it is verified: who signed what, and where in the log. */
export interface SignedFile {
  /** Path in the evidence folder. */
  file: string;
  predicateType: string;
  subjects: number;
  /** Name of the key in the trust beside the evidence; undefined where that has none of this hint. */
  signedBy?: string | undefined;
  hint: string;
  logIndex?: number | undefined;
  /** ISO 8601. */
  loggedAt?: string | undefined;
}

/** A component of the release's SBOMs, with where it goes. */
export interface SbomEntry {
  ref: string;
  name: string;
  version: string;
  licence: string;
  purl: string;
  supplier: string;
  scope: string;
  /** `SHA-512 <hex>`, strongest first. */
  hashes: string[];
  /** References of what it depends on. */
  dependsOn: string[];
}

/** The SBOM of one package. */
export interface PackageSbom {
  /** `name@version` */
  id: string;
  /** Path in the evidence folder. */
  file: string;
  root: string;
  specVersion: string;
  components: SbomEntry[];
}

/** All that the pages show of a release, but for what they load when it is asked for. */
export interface ReportData {
  schema: typeof reportSchema;
  /** SHA-256 of `plan.json` as it lies in the folder. */
  id: string;
  plan?: Plan | undefined;
  outcome?: ReleaseOutcome | undefined;
  /** Whether the release went to the local registry, and left the machine nowhere. */
  isRehearsal: boolean;
  gates: GateSummary[];
  /** Gates that every release needs and that left no result here. */
  notJudged: string[];
  details: GateDetails;
  smoke: SmokeCell[];
  sboms: PackageSbom[];
  signed: SignedFile[];
  keys: TrustedKey[];
  logs: TrustedLog[];
  /** The log's signed checkpoint, as it lies in the folder. */
  checkpoint?: string | undefined;
  gaps: EvidenceGap[];
  /** What changed since another release; absent where none was named. */
  changes?: ReportDiff | undefined;
}

/** Version of {@link ReportData}. */
export const reportSchema = "https://github.com/hxp-enterprise/hxp/schemas/release-report/v1";
