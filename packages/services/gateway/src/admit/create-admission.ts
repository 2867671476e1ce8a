import type { Reservation } from "../pipeline.ts";
import type { Admission, AdmissionOptions } from "./admission.ts";

/** Makes the admission of one node. */
export function createAdmission(_options: AdmissionOptions = {}): Admission {
  let inFlight = 0;
  const reserve = (): Reservation => {
    let ended = false;
    inFlight += 1;
    const end = (): void => {
      if (!ended) inFlight -= 1;
      ended = true;
    };
    return { headers: {}, settle: end, release: end };
  };
  return {
    reserve,
    learnSpent: () => {},
    learnFrom: async () => {},
    markStored: () => {},
    marker: () => 0,
    snapshot: () => [],
  };
}
