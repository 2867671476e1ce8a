/** One change to the files of a workspace that pnpm resolves from. */
export type Change =
  | { kind: "range"; folder: string; field: ManifestField; name: string; from: string; to: string }
  | { kind: "added"; folder: string; field: ManifestField; name: string; to: string }
  | { kind: "catalog"; catalog: string; name: string; from: string; to: string }
  | { kind: "override"; selector: string; to: string }
  | { kind: "override-removed"; selector: string; from: string }
  | { kind: "refresh"; name: string };

/** The parts of a manifest that name dependencies. */
export type ManifestField = "dependencies" | "optionalDependencies" | "devDependencies" | "peerDependencies";

/** A change in a line, for people. */
export function describeChange(change: Change): string {
  if (change.kind === "range") {
    return `${change.name} ${change.from} → ${change.to} in ${manifestOf(change.folder)} ${change.field}`;
  }
  if (change.kind === "added")
    return `${change.name} ${change.to} added to ${manifestOf(change.folder)} ${change.field}`;
  if (change.kind === "catalog") return `${change.name} ${change.from} → ${change.to} in the ${change.catalog} catalog`;
  if (change.kind === "override") return `override of ${change.selector} by ${change.to}; consumers do not get it`;
  if (change.kind === "override-removed") return `override of ${change.selector} by ${change.from} removed`;
  return `${change.name} resolved anew within its ranges`;
}

/** Path of the manifest in a folder of the workspace. */
export function manifestOf(folder: string): string {
  return folder === "." || folder === "" ? "package.json" : `${folder}/package.json`;
}
