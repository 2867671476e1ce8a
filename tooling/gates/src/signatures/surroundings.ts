import type { Upstream } from "../gate.ts";
import type { Objection } from "./objection.ts";
import type { PublishedVersions } from "./published-versions.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { openVerifier } from "./verify-provenance.ts";

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

/** What all dependencies are judged with. */
export interface Surroundings {
  /** Undefined for a package that the registry does not serve. */
  published: ReadonlyMap<string, PublishedVersions | undefined>;
  /** What the registry did not answer, with the reason. */
  unreadable: ReadonlyMap<string, string>;
  /** None where nothing can be verified. */
  keys: SigningKeys;
  /** Whether the registry names attestations of anything. */
  servesProvenance: boolean;
  verifier: ReturnType<typeof openVerifier>;
  attestations: Upstream["attestations"];
  newPublisherDays: number;
  now: Date;
}

/** One side of a dependency, judged. */
export interface Part {
  facts: Partial<SignatureDetails>;
  objections: Objection[];
}
