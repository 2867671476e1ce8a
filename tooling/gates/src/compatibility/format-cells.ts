import type { CompatibilityCell } from "./cell.ts";

type Place = Pick<CompatibilityCell, "resolution" | "node" | "manager">;

/** Names cells in words: `lowest on Node 22.1.0 with npm and pnpm; newest on …`, or says that it is all of them. */
export function formatCells(cells: readonly Place[], all: readonly Place[]): string {
  if (cells.length === all.length) return `all ${all.length} cells`;
  const byPlace = group(cells, ({ resolution, node }) => `${resolution} on Node ${node}`);
  const places = [...byPlace].map(([place, among]): [string, string] => [
    place,
    list(among.map(({ manager }) => manager)),
  ]);
  const lines = group(places, ([place, managers]) => `${place.slice(0, place.indexOf(" on "))}|${managers}`);
  return [...lines]
    .map(([key, among]) => {
      const [resolution = "", managers = ""] = key.split("|");
      const nodes = among.map(([place]) => place.slice(place.lastIndexOf(" ") + 1));
      return `${resolution} on Node ${list(nodes)} with ${managers}`;
    })
    .join("; ");
}

/** `a, b and c`, each once. */
export function list(texts: readonly string[]): string {
  const unique = [...new Set(texts)];
  return unique.length < 2 ? unique.join("") : `${unique.slice(0, -1).join(", ")} and ${unique.at(-1)}`;
}

function group<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
