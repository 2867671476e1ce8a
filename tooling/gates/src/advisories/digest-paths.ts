import { createHash } from "node:crypto";
import type { Component, ProductionClosure } from "../closure/component.ts";
import { compareText } from "../text/compare-text.ts";
import { leadingTo } from "./leading-to.ts";

/**
 * Digest, `sha256:<hex>`, of every way from a package to one that it depends on: of each link that lies on one. What a
 * person said of a vulnerability holds for these ways alone. Packages of the workspace count by name: their versions
 * change with each release.
 */
export function digestPaths({ root, components }: ProductionClosure, id: string): string {
  const byId = new Map<string, Component>([...components, root].map((component) => [component.id, component]));
  const label = (target: string): string => {
    const component = byId.get(target);
    return component?.folder === undefined ? target : component.name;
  };
  const ancestors = leadingTo(id, byId.values());
  const lines = [...ancestors].flatMap((from) => {
    const links = byId.get(from)?.dependencies ?? [];
    return links.filter((link) => ancestors.has(link.id)).map((link) => `${label(from)} > ${label(link.id)}`);
  });
  const text = [`to ${label(id)}`, ...new Set(lines.toSorted(compareText))].join("\n");
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
