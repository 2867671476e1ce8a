import type { ErrorCode } from "@hxp/errors";
import type { Origin } from "./origin.ts";
import type { Path } from "./path.ts";
import type { Span } from "./tree.ts";

/** The line a problem is on, with anything that may be secret dotted out, and the stretch to mark. */
export interface Excerpt {
  text: string;
  /** Column of the mark, from 1. */
  column: number;
  /** Length of the mark, at least 1. */
  length: number;
}

/** One thing that is wrong with a config. Holds no secret: it can be printed and logged as it is. */
export interface Problem {
  code: ErrorCode;
  severity: "error" | "warning";
  /** For example `models[0].engine`; the empty text is the whole config. */
  path: string;
  /** Where the value came from, unless nobody wrote anything. */
  origin?: Origin;
  /** One sentence that can stand alone, without the place. */
  message: string;
  /** What was found, masked when it may be secret. */
  found?: string;
  /** What was expected. */
  expected?: string;
  /** The nearest valid key, for an unknown one. */
  suggestion?: string;
  excerpt?: Excerpt;
}

/** A problem as a step reports it: before its line has been cut out of the file. */
export interface Finding extends Omit<Problem, "path" | "excerpt"> {
  path: Path;
  span?: Span;
}

/** A finding's place as the two keys that a finding has for it. */
export function at(place: { origin: Origin; span?: Span } | undefined): { origin?: Origin; span?: Span } {
  if (place === undefined) return {};
  return place.span === undefined ? { origin: place.origin } : { origin: place.origin, span: place.span };
}
