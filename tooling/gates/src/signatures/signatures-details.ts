/** What the signatures gate looked at: one for each dependency, ordered by id. */
export interface SignaturesDetails {
  packages: SignatureDetails[];
}

/** What is known of who signed and published one dependency. */
export interface SignatureDetails {
  /** `name@version`. */
  id: string;
  name: string;
  version: string;
  integrity?: string;
  /** Of the registry, over the pinned integrity. */
  signature: "verified" | "invalid" | "unsigned" | "unknown";
  keyid?: string;
  /** `served`: about these bytes, its own signature not verified. `unknown`: the registry serves none, of any dependency. */
  provenance: "verified" | "served" | "invalid" | "lost" | "none" | "unknown";
  /** Of a verified provenance alone: whom its certificate was issued to, such as the URL of a workflow. */
  builtBy?: string;
  /** Of a verified provenance alone: URL of the repository that was built. */
  repository?: string;
  /** Of a verified provenance alone: the pipeline's own file, with the ref that it was run at. */
  workflow?: string;
  /** Of a verified provenance alone: commit of the repository. */
  commit?: string;
  publisher?: string;
  previousPublisher?: string;
  /** Why something is unknown, or not what it was. */
  note?: string;
}
