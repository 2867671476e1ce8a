import type { Component, ProductionClosure } from "../closure/component.ts";
import { compareText } from "../text/compare-text.ts";
import type { LicenceFact, LicenceFacts } from "./licence-fact.ts";
import { printStatement } from "./licence-statement.ts";

const rule = "-".repeat(80);

/**
 * Renders the NOTICE text of a package, or of several that are passed on together: each third-party package of their
 * closures with its licence, then each licence, copyright and notice text once, below the packages that it came with.
 * The same input gives the same bytes.
 */
export function renderNotices(closures: readonly ProductionClosure[], facts: LicenceFacts): string {
  const roots = closures.map(({ root }) => root.name).toSorted();
  const foreign = foreignComponents(closures);
  const are = roots.length === 1 ? "is" : "are";
  if (foreign.length === 0) return `${roots.join(", ")} ${are} installed with no software of third parties.\n`;
  const list = foreign.map(({ id }) => `${id}\n  Licence: ${licenceOf(facts.get(id))}`);
  const sections = groupByText(foreign, facts).map(({ text, ids }) => `${rule}\n\n${ids.join("\n")}\n\n${text}`);
  const opening = `${roots.join(", ")} ${are} installed with the following software of third parties.`;
  return `${[opening, list.join("\n"), ...sections].join("\n\n")}\n`;
}

function foreignComponents(closures: readonly ProductionClosure[]): Component[] {
  const byId = new Map(
    closures
      .flatMap(({ components }) => components)
      .filter(({ folder }) => folder === undefined)
      .map((component) => [component.id, component]),
  );
  return [...byId.values()].toSorted((a, b) => compareText(a.id, b.id));
}

function licenceOf(fact: LicenceFact | undefined): string {
  return fact === undefined ? "none" : printStatement(fact.statement);
}

/** In the order in which the packages come; a text is the same whatever ends its lines. */
function groupByText(components: readonly Component[], facts: LicenceFacts): { text: string; ids: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { id } of components) {
    const texts = (facts.get(id)?.texts ?? []).map(({ text }) => text.replaceAll("\r\n", "\n").trim());
    for (const text of new Set(texts.length === 0 ? ["Came without a licence text."] : texts)) {
      groups.set(text, [...(groups.get(text) ?? []), id]);
    }
  }
  return [...groups].map(([text, ids]) => ({ text, ids }));
}
