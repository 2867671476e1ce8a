/** Part of a version that a release raises. */
export type Bump = "major" | "minor" | "patch";

/** One difference between the last release and this one that a consumer can see. */
export interface ApiChange {
  kind:
    | "declarations"
    | "exports"
    | "bin"
    | "engines"
    | "platform"
    | "peer"
    | "dependency"
    | "schema"
    | "cli"
    | "data"
    | "errors";
  /** The thing that changed: an export and its member, a subpath, a flag, a key. */
  where: string;
  change: "added" | "removed" | "changed" | "narrowed" | "widened";
  before?: string;
  after?: string;
  /** The least bump for this change from 1.0.0 on. */
  bump: Bump;
  /** One sentence that a person can check against `before` and `after`. */
  reason: string;
}

/** What the gate says of one package. */
export interface ApiPackage {
  name: string;
  /** The release that was compared with; absent for a first one. */
  from?: string;
  to: string;
  declared: Bump | "first";
  /** The least bump allowed; below 1.0.0 a breaking change counts as minor and any other as patch. */
  least: Bump | "first";
  changes: readonly ApiChange[];
  /** How many things of each sort were read. */
  surface: Readonly<Record<string, number>>;
  /** What could not be compared, and why. */
  unknown: readonly string[];
}

/** `details` of the gate `api`, sorted by name. */
export interface ApiDetails {
  packages: readonly ApiPackage[];
}
