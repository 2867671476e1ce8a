import type { Packument, PackumentVersion } from "../client/packument.ts";
import { tarballFileName } from "../client/package-path.ts";
import type { Attestation } from "../released-package.ts";

/** What {@link viewPackument} adds to what is stored. */
export interface PackumentView {
  /** Address that the client used. */
  readonly base: string;
  /** Nobody has set `latest`. */
  readonly hideLatest: boolean;
  readonly attestationsOf: (version: string) => readonly Attestation[] | undefined;
}

/** The packument as a client sees it: tags that somebody set, tarballs at the address it used, attestations named. */
export function viewPackument(stored: Packument, view: PackumentView): Packument {
  const versions = Object.entries(stored.versions).map(
    ([version, entry]) => [version, viewVersion(entry, view)] as const,
  );
  const { _attachments: _internal, ...shown } = stored as Packument & Record<string, unknown>;
  return { ...shown, "dist-tags": viewTags(stored, view), versions: Object.fromEntries(versions) };
}

/** The tags as a client sees them. */
export function viewTags(stored: Packument, { hideLatest }: Pick<PackumentView, "hideLatest">): Record<string, string> {
  const { latest, ...tags } = stored["dist-tags"];
  return hideLatest || latest === undefined ? tags : { ...tags, latest };
}

function viewVersion(entry: PackumentVersion, { base, attestationsOf }: PackumentView): PackumentVersion {
  const { name, version } = entry;
  const tarball = `${base}/${name}/-/${tarballFileName({ name, version })}`;
  const attestations = attestationsOf(version);
  if (attestations === undefined) return { ...entry, dist: { ...entry.dist, tarball } };
  const url = `${base}/-/npm/v1/attestations/${name.replace("/", "%2f")}@${version}`;
  const provenance = attestations.find(({ predicateType }) => predicateType.startsWith("https://slsa.dev/provenance/"));
  const named = {
    url,
    ...(provenance === undefined ? {} : { provenance: { predicateType: provenance.predicateType } }),
  };
  return { ...entry, dist: { ...entry.dist, tarball, attestations: named } };
}

const abbreviatedFields = [
  "name",
  "version",
  "deprecated",
  "dependencies",
  "optionalDependencies",
  "devDependencies",
  "bundleDependencies",
  "peerDependencies",
  "peerDependenciesMeta",
  "acceptDependencies",
  "bin",
  "directories",
  "dist",
  "engines",
  "os",
  "cpu",
  "libc",
  "funding",
  "_hasShrinkwrap",
  "hasInstallScript",
];

/** The short form that installers ask for (application/vnd.npm.install-v1+json), with publish times for age rules. */
export function abbreviatePackument({ name, versions, time, ...rest }: Packument): object {
  const short = Object.entries(versions).map(([version, entry]) => {
    const kept = abbreviatedFields.flatMap((field) => (field in entry ? [[field, entry[field]] as const] : []));
    const scripts = Object(entry["scripts"]) as Record<string, unknown>;
    const hasInstallScript = ["preinstall", "install", "postinstall"].some((script) => script in scripts);
    return [version, { ...Object.fromEntries(kept), ...(hasInstallScript ? { hasInstallScript } : {}) }];
  });
  return {
    name,
    modified: time?.["modified"],
    "dist-tags": rest["dist-tags"],
    versions: Object.fromEntries(short),
    time,
  };
}
