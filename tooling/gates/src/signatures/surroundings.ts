import type { Upstream } from "../gate.ts";
import type { Objection } from "./objection.ts";
import type { PublishedVersions } from "./published-versions.ts";
import type { SignatureDetails } from "./signatures-details.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { openVerifier } from "./verify-provenance.ts";

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
