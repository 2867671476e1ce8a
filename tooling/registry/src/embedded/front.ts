import type { PublicKeyEntry } from "../read-back/verify-registry-signatures.ts";
import type { AttestationStore } from "./attestation-store.ts";
import type { RegistryFolder } from "./storage.ts";
import type { Storage } from "./start-verdaccio.ts";
import type { StoredPackuments } from "./stored-packuments.ts";
import type { UnsetLatest } from "./unset-latest.ts";
import type { Upstream } from "./upstream.ts";

/** What the handlers of the embedded registry work with. */
export interface Front {
  readonly folder: RegistryFolder;
  readonly storage: Storage;
  readonly packuments: StoredPackuments;
  readonly attestations: AttestationStore;
  readonly unsetLatest: UnsetLatest;
  readonly upstream: Upstream | undefined;
  readonly localNames: (name: string) => boolean;
  readonly keys: () => readonly PublicKeyEntry[];
  readonly token: string;
  readonly bodyLimit: number;
  /** Address that the client used, without a slash at its end. */
  readonly baseOf: (host: string | undefined) => string;
}
