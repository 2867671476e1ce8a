/** A JSON object whose shape is not ours to fix: a manifest, or what a registry answers. */
export type JsonObject = { readonly [key: string]: unknown };

/** One effect on the outside world, recorded before and after by the caller's journal; `run` is called at most once. */
export type RecordEffect = <T>(effect: Effect, run: () => Promise<T>) => Promise<T>;

/** What a journal is told about an effect. */
export interface Effect {
  /** `publish`, `set-tag`, `remove-tag`, `deprecate` or `unpublish`. */
  readonly kind: string;
  /** `name@version` for versions, `name:tag` for tags. */
  readonly target: string;
  readonly data?: JsonObject;
}

/** A registry signature over `name@version:integrity`, as in a packument's `dist.signatures`. */
export interface RegistrySignature {
  readonly keyid: string;
  /** Base64 of the DER signature. */
  readonly sig: string;
}

/** A signed statement about a package, as npm's attestations endpoint gives it. */
export interface Attestation {
  readonly predicateType: string;
  /** A sigstore bundle in its JSON form. */
  readonly bundle: object;
}

/** A name and a version of it. */
export interface PackageVersion {
  readonly name: string;
  readonly version: string;
}

/** A packed package, ready to be published: the bytes are settled, `integrity` names them. */
export interface ReleasedPackage extends PackageVersion {
  /** Path of the tarball. */
  readonly tarball: string;
  /** `sha512-` and the base64 digest of the tarball. */
  readonly integrity: string;
  /** The package.json inside the tarball. */
  readonly manifest: JsonObject;
  readonly access: "public" | "restricted";
  readonly signatures: readonly RegistrySignature[];
  /** npm takes one at most, the provenance; the embedded registry any number. */
  readonly attestations: readonly Attestation[];
}

/** How far a step is. */
export interface Progress {
  readonly step: "stage" | "read-back" | "promote" | "restore" | "unstage" | "deprecate";
  readonly done: number;
  readonly total: number;
  /** The package that was just done, or what is being waited for. */
  readonly note?: string;
}

/** Called after each package; must not throw. */
export type OnProgress = (progress: Progress) => void;

/** Records nothing: for callers without a journal. */
export const recordNothing: RecordEffect = (_effect, run) => run();
