import { nameOf } from "../versions/split-id.ts";

/** Whether an entry of the policy, `name` or `name@version`, is about a component. */
export function isNamedBy(entry: string, id: string): boolean {
  return entry === id || entry === nameOf(id);
}
