import type { Capability } from "./code/capability.ts";
import type { DependencyChange } from "./compare-dependencies.ts";
import type { EntryChange } from "./compare-entries.ts";
import type { FileChange } from "./compare-files.ts";
import { findNewUses } from "./judge-code.ts";
import type { ReadRelease } from "./read-release.ts";

/** What the gate `contents` saw, for the report. */
export type ContentsDetails = { packages: ContentsDetail[] };

/** What is in a package, and what became of it since the last release. */
export type ContentsDetail = {
  name: string;
  /** Version of the last release; absent for a first one. */
  from?: string;
  to: string;
  packedBytes: number;
  unpackedBytes: number;
  /** Ordered by path; those that were removed are among them, with their last bytes. */
  files: {
    path: string;
    kind: string;
    bytes: number;
    bytesBefore?: number;
    change: FileChange["change"];
    digest: string;
    /** Bits for each byte. */
    entropy: number;
    /** What makes it unreadable, if something does. */
    shapes?: string[];
  }[];
  /** `same` is what the last release had, or what there was nothing to compare with. */
  capabilities: { capability: Capability; file: string; line: number; evidence: string; change: "added" | "same" }[];
  hosts: { host: string; file: string; line: number; requested: boolean }[];
  dependencies: {
    name: string;
    field: string;
    range: string;
    rangeBefore?: string;
    change: DependencyChange["change"];
  }[];
  /** Type, entry points, exports and bins that changed. */
  entries: { key: string; before?: string; after?: string }[];
};

/** What {@link describeContents} takes. */
export interface ContentsParts {
  name: string;
  release: ReadRelease;
  last: ReadRelease | undefined;
  packedBytes: number;
  files: readonly FileChange[];
  dependencies: readonly DependencyChange[];
  entries: readonly EntryChange[];
}

/** Puts together what is known of a package. */
export function describeContents(parts: ContentsParts): ContentsDetail {
  const { name, release, last } = parts;
  const fresh = new Set(
    findNewUses(release, last).map(({ thing, evidence, file }) => `${thing} ${evidence} ${file.path}`),
  );
  return {
    name,
    ...(last === undefined ? {} : { from: last.version }),
    to: release.version,
    packedBytes: parts.packedBytes,
    unpackedBytes: release.files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: parts.files.map(describeFile),
    capabilities: release.files.flatMap(({ path, uses }) =>
      uses.map(({ capability, evidence, line }) => ({
        capability,
        file: path,
        line,
        evidence,
        change: fresh.has(`${capability} ${evidence} ${path}`) ? ("added" as const) : ("same" as const),
      })),
    ),
    hosts: release.files.flatMap(({ path, hosts }) =>
      hosts.map(({ host, line, isRequested }) => ({ host, file: path, line, requested: isRequested })),
    ),
    dependencies: parts.dependencies.map(({ name: dependency, field, range, rangeBefore, change }) => ({
      name: dependency,
      field,
      range,
      ...(rangeBefore === undefined ? {} : { rangeBefore }),
      change,
    })),
    entries: parts.entries.map((entry) => ({ ...entry })),
  };
}

function describeFile({ file, change, bytesBefore }: FileChange): ContentsDetail["files"][number] {
  const { path, kind, bytes, digest, entropy, shapes } = file;
  const names = [...new Set(shapes.map(({ shape }) => shape))];
  return {
    path,
    kind,
    bytes,
    ...(bytesBefore === undefined ? {} : { bytesBefore }),
    change,
    digest,
    entropy,
    ...(names.length === 0 ? {} : { shapes: names }),
  };
}
