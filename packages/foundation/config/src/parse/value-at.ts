import type { Path } from "../path.ts";

/** The value at a path of plain data. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, segment) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
    return (value as Record<string | number, unknown>)[segment];
  }, data);
}
