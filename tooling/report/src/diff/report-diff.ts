/** One thing that differs between two releases. */
export interface Difference {
  /** What differs, such as a gate's name, a cell or a package. */
  what: string;
  change: "added" | "removed" | "changed";
  before?: string | undefined;
  after?: string | undefined;
}

/** What changed between the evidence of two releases. Each list is sorted by what differs. */
export interface ReportDiff {
  from: string;
  to: string;
  packages: Difference[];
  verdicts: Difference[];
  findings: Difference[];
  cells: Difference[];
  dependencies: Difference[];
  licences: Difference[];
  advisories: Difference[];
  api: Difference[];
  sizes: Difference[];
}

/** Titles of the lists of a {@link ReportDiff}, in the order in which a person reads them. */
export const diffSections = {
  packages: "Packages",
  verdicts: "Verdicts of gates",
  findings: "Findings",
  cells: "Cells of the matrix",
  dependencies: "Dependencies",
  licences: "Licences",
  advisories: "Advisories",
  api: "API level",
  sizes: "Sizes",
} as const satisfies Readonly<Record<Exclude<keyof ReportDiff, "from" | "to">, string>>;
