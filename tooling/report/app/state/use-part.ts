import { useEffect, useState } from "preact/hooks";
import { loadPart } from "./load-part.ts";

/** A part of the report as it comes in. */
export type PartState<Value> =
  | { state: "loading" }
  | { state: "missing"; problem: string }
  | { state: "ready"; value: Value };

/** Loads a part when the component is first shown, and again for another name. */
export function usePart<Value>(name: string | undefined): PartState<Value> {
  const [part, setPart] = useState<PartState<Value>>({ state: "loading" });
  useEffect(() => {
    if (name === undefined) {
      setPart({ state: "missing", problem: "no evidence of this is in the report" });
      return undefined;
    }
    let isCurrent = true;
    setPart({ state: "loading" });
    loadPart(name).then(
      (value) => isCurrent && setPart({ state: "ready", value: value as Value }),
      (error: unknown) => isCurrent && setPart({ state: "missing", problem: String(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [name]);
  return part;
}
