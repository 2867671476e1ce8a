import type { ManifestField } from "./change.ts";

/** One entry of a manifest. */
export interface ManifestEntry {
  field: ManifestField;
  name: string;
  range: string;
}

/** Sets one entry in a manifest's text; how the rest is written stays. A new entry goes where its name belongs. */
export function editManifest(text: string, entry: ManifestEntry): string {
  const section = new RegExp(`("${entry.field}"\\s*:\\s*\\{)([^}]*)\\}`);
  const known = section.exec(text);
  if (known === null) return rewrite(text, entry);
  const line = new RegExp(`("${escapePattern(entry.name)}"\\s*:\\s*)"[^"]*"`);
  if (!line.test(known[2] ?? "")) return rewrite(text, entry);
  return text.replace(section, (block) =>
    block.replace(line, (_whole, key: string) => `${key}${JSON.stringify(entry.range)}`),
  );
}

/** Writes the whole manifest, as package managers do: with its indent and its end. */
function rewrite(text: string, { field, name, range }: ManifestEntry): string {
  const manifest = JSON.parse(text) as Record<string, unknown>;
  const entries = { ...(manifest[field] as Record<string, string> | undefined), [name]: range };
  const sorted = Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const [, indent = "  "] = /^([ \t]+)"/m.exec(text) ?? [];
  return `${JSON.stringify({ ...manifest, [field]: sorted }, null, indent)}${text.endsWith("\n") ? "\n" : ""}`;
}

/** RegExp.escape, which Node 22 has not. */
function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
