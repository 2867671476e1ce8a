import type { ProductionClosure } from "../closure/component.ts";
import type { LicenceFact, LicenceFacts } from "./licence-fact.ts";
import { printStatement } from "./licence-statement.ts";

const rule = "-".repeat(80);

/**
 * Renders the NOTICE text of a package: each third-party package of its closure with its licence and the licence,
 * copyright and notice files that it came with. The same input gives the same bytes.
 */
export function renderNotices({ root, components }: ProductionClosure, facts: LicenceFacts): string {
  const foreign = components.filter(({ folder }) => folder === undefined);
  if (foreign.length === 0) return `${root.name} contains no software of third parties.\n`;
  const sections = foreign.map(({ id }) => `${rule}\n\n${renderSection(id, facts.get(id))}`);
  const opening = `${root.name} is installed with the following software of third parties.`;
  return `${[opening, ...sections].join("\n\n")}\n`;
}

function renderSection(id: string, fact: LicenceFact | undefined): string {
  const licence = fact === undefined ? "none" : printStatement(fact.statement);
  const texts = (fact?.texts ?? []).map(({ text }) => text.replaceAll("\r\n", "\n").trim());
  const body = texts.length === 0 ? ["The package came without a licence text."] : texts;
  return [`${id}\nLicence: ${licence}`, ...body].join("\n\n");
}
