import type { Observation } from "../create-gate.ts";

/** A finding about one dependency, before the ways to it are added. */
export type Objection = Omit<Observation, "where" | "package" | "dependency">;

/** With a capital at the beginning, as a sentence. */
export function capitalise(text: string): string {
  return /^(?:the|who|whether) /.test(text) ? `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` : text;
}
