import { createHash } from "node:crypto";
import type { ProductionClosure } from "../closure/component.ts";
import { compareText } from "../text/compare-text.ts";
import { indexClosure } from "./index-closure.ts";

/**
 * Digest, `sha256:<hex>`, of every way from a package to one that it depends on: of each link that lies on one. What a
 * person said of a vulnerability holds for these ways alone. Packages of the workspace count by name: their versions
 * change with each release.
 */
export function digestPaths(closure: ProductionClosure, id: string): string {
  const { byId, leadingTo } = indexClosure(closure);
  const label = (target: string): string => {
    const component = byId.get(target);
    return component?.folder === undefined ? target : component.name;
  };
  const ancestors = leadingTo(id);
  const lines = [...ancestors].flatMap((from) => {
    const links = byId.get(from)?.dependencies ?? [];
    return links.filter((link) => ancestors.has(link.id)).map((link) => `${label(from)} > ${label(link.id)}`);
  });
  const text = [`to ${label(id)}`, ...new Set(lines.toSorted(compareText))].join("\n");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
