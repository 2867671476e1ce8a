import { randomUUID } from "node:crypto";

const digitsOfTime = 12;

/**
 * Makes the id of a request that arrived at `now`, in milliseconds since 1970: a UUID of version 7 (RFC 9562). Ids that follow
 * one another lie beside one another in a database's index; random ones would touch a page of it each.
 */
export function makeRequestId(now: number): string {
  const time = Math.max(0, Math.trunc(now)).toString(16).padStart(digitsOfTime, "0");
  const random = randomUUID();
  // Version and the bits around it: the rest of version 4 is random, as that of version 7 is.
  return `${time.slice(0, 8)}-${time.slice(8, digitsOfTime)}-7${random.slice(15)}`;
}
