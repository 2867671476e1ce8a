import { z } from "zod";
import { parsePurl } from "./parse-purl.ts";
import { readDocument } from "./read-document.ts";
import {
  asSaid,
  missingDuties,
  type Statement,
  type StatementDuties,
  type StatementFile,
  type StatementProblem,
  type StatementScope,
} from "./statement.ts";

const time = z.iso.datetime({ offset: true });
const identified = z.looseObject({
  "@id": z.string().optional(),
  identifiers: z.looseObject({ purl: z.string().optional() }).optional(),
});

const justifications = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;

const statementSchema = z.looseObject({
  vulnerability: z.looseObject({ name: z.string().min(1), aliases: z.array(z.string()).default([]) }),
  timestamp: time.optional(),
  last_updated: time.optional(),
  products: z.array(identified.extend({ subcomponents: z.array(identified).default([]) })).min(1),
  status: z.enum(["not_affected", "fixed", "affected", "under_investigation"]),
  status_notes: z.string().optional(),
  justification: z.enum(justifications).optional(),
  impact_statement: z.string().optional(),
  action_statement: z.string().optional(),
  hxp: z
    .strictObject({
      owner: z.string().optional(),
      expires: z.string().optional(),
      path: z.union([z.string(), z.array(z.string())]).optional(),
    })
    .default({}),
});

const documentSchema = z.looseObject({
  "@context": z.string().regex(/^https:\/\/openvex\.dev\/ns(\/v0\.[0-9.]+)?$/),
  "@id": z.string().min(1),
  author: z.string().min(1),
  timestamp: time,
  version: z.union([z.int(), z.string()]),
  statements: z.array(z.unknown()).min(1),
});

const names = {
  reason: "`impact_statement`, `justification` or `status_notes`",
  owner: "`hxp.owner` or the document's `author`",
  expires: "`hxp.expires`",
  path: "`hxp.path`",
};

type Document = z.output<typeof documentSchema>;
type Written = z.output<typeof statementSchema>;

/**
 * Reads an OpenVEX document (https://github.com/openvex/spec, 0.2). The format has no owner, expiry or path: the owner is
 * the document's author, and a statement's key `hxp` holds `expires`, `path` and, where it is another, `owner`.
 */
export function parseOpenVex(value: unknown, file: string): StatementFile {
  return readDocument(value, file, {
    title: "OpenVEX document",
    schema: documentSchema,
    key: "statements",
    statements: (document) => document.statements,
    read: readStatement,
  });
}

function readStatement(value: unknown, document: Document, where: string): Statement | StatementProblem {
  const parsed = statementSchema.safeParse(value);
  if (!parsed.success) return { where, message: `It is no OpenVEX statement:\n${z.prettifyError(parsed.error)}` };
  const written = parsed.data;
  const { status, justification } = written;
  const scopes = readScopes(written);
  if (scopes === undefined)
    return { where, message: "A product or subcomponent has no package URL of an npm package." };
  const duties = readDuties(written, document);
  const missing = [...missingByFormat(written), ...missingDuties(duties, names)];
  if (missing.length > 0) return { where, message: `A statement \`${status}\` needs ${missing.join(", ")}.` };
  return {
    where,
    vulnerabilities: [written.vulnerability.name, ...written.vulnerability.aliases],
    scopes,
    status,
    ...(justification === undefined ? {} : { justification }),
    ...asSaid(duties),
    madeAt: Date.parse(written.last_updated ?? written.timestamp ?? document.timestamp),
  };
}

function readDuties(written: Written, document: Document): StatementDuties {
  const { status, justification, impact_statement, status_notes, action_statement, hxp } = written;
  return {
    status,
    reason: impact_statement ?? status_notes ?? justification ?? action_statement,
    owner: hxp.owner ?? document.author,
    expires: hxp.expires,
    paths: hxp.path === undefined ? [] : [hxp.path].flat(),
  };
}

/** What OpenVEX itself asks for (spec, "Status Justifications", "Action Statement"). */
function missingByFormat({ status, justification, impact_statement, action_statement }: Written): string[] {
  if (status === "affected" && (action_statement ?? "") === "") return ["an `action_statement`"];
  const isBare = status === "not_affected" && justification === undefined && (impact_statement ?? "") === "";
  return isBare ? ["a `justification` or `impact_statement`"] : [];
}

/** A product without subcomponents can be the vulnerable package itself. Undefined where one cannot be read. */
function readScopes({ products }: Written): StatementScope[] | undefined {
  const scopes = products.flatMap((product): (StatementScope | undefined)[] => {
    const name = nameOf(product);
    if (name === undefined) return [undefined];
    if (product.subcomponents.length === 0) return [{ product: name }, { component: name }];
    return product.subcomponents.map((part) => {
      const component = nameOf(part);
      return component === undefined ? undefined : { product: name, component };
    });
  });
  return scopes.includes(undefined) ? undefined : scopes.filter((scope) => scope !== undefined);
}

function nameOf({ "@id": id = "", identifiers }: z.output<typeof identified>) {
  return parsePurl(identifiers?.purl ?? id);
}
