import { mkdir } from "node:fs/promises";
import { createGate, type Inspection, type Observation } from "../create-gate.ts";
import type { Gate, GateInput, InputDigest, JsonValue } from "../gate.ts";
import { createDocumentChecker, type CheckedDocument } from "./check-document.ts";
import { listDocuments } from "./list-documents.ts";
import { reasons } from "./problem.ts";

/**
 * Follows the links of README and docs, compares commands with scripts and with the programs' own help, parses snippets,
 * looks up what they import in the packed packages, and compiles TypeScript that uses these against their declarations. Runs no command of a document, and asks no network.
 */
export const docsGate: Gate = createGate({
  name: "docs",
  title: "Links, commands and snippets of the documentation work",
  inspect,
});

/** What the docs gate looked at: one for each document, ordered by path. */
export interface DocsDetails {
  documents: DocumentDetails[];
}

/** What was in one document. */
export interface DocumentDetails {
  path: string;
  links: number;
  /** Links to other hosts, which were read and not followed. */
  external: number;
  commands: number;
  snippets: number;
  /** Blocks that their author excluded by `no-check`. */
  excluded: number;
  /** Files that a snippet is a copy of. */
  copies: string[];
  /** What nobody could tell, each with its line. */
  unknown: string[];
}

async function inspect(input: GateInput): Promise<Inspection> {
  const documents = await listDocuments(input);
  if (documents.length === 0) return { checked: 0, observations: [], inputs: [] };
  await mkdir(input.scratch, { recursive: true });
  const { check, compile } = await createDocumentChecker(input);
  const checked = await Promise.all(documents.map((document) => check(document)));
  const refused = await compile(checked.flatMap(({ typed }) => typed));
  input.onProgress?.(`${documents.length} documents`);
  const details: DocsDetails = { documents: checked.map(({ details: one }) => one) };
  return {
    checked: documents.length,
    observations: checked.flatMap((one) => {
      const types = refused.filter(({ document }) => document === one.details.path);
      return observe({ ...one, problems: [...one.problems, ...types] });
    }),
    inputs: checked.map(({ digest, details: { path } }): InputDigest => ({ name: path, digest })),
    details: details as unknown as JsonValue,
  };
}

function observe({ owner, problems, details: { path } }: CheckedDocument): Observation[] {
  return problems.map(({ rule, line, message, fix, severity = "error" }) => ({
    rule,
    ...(owner === undefined ? {} : { package: owner.name }),
    where: `${path}:${line}`,
    message,
    why: reasons[rule],
    fix,
    severity,
  }));
}
