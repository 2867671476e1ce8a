import type { Origin } from "../origin.ts";
import type { Finding } from "../problem.ts";

/** The finding for a variable or argument that cannot be understood. */
export function overrideFinding(origin: Origin, message: string): Finding {
  return { code: "CONFIG_OVERRIDE_INVALID", severity: "error", path: [], origin, message };
}
