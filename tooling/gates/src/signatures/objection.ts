import type { Observation } from "../create-gate.ts";

/** A finding about one dependency, before the ways to it are added. */
export type Objection = Omit<Observation, "where" | "package" | "dependency">;
