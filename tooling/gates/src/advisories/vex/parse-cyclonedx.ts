import { z } from "zod";
import { type PackageName, parsePurl } from "./parse-purl.ts";
import { readDocument } from "./read-document.ts";
import {
  asSaid,
  missingDuties,
  type Statement,
  type StatementDuties,
  type StatementFile,
  type StatementProblem,
  type StatementScope,
  type StatementStatus,
} from "./statement.ts";

const time = z.iso.datetime({ offset: true });
const componentSchema = z.looseObject({ "bom-ref": z.string().optional(), purl: z.string().optional() });
const properties = z.array(z.looseObject({ name: z.string(), value: z.string().default("") })).default([]);

const vulnerabilitySchema = z.looseObject({
  id: z.string().min(1),
  references: z.array(z.looseObject({ id: z.string() })).default([]),
  analysis: z.looseObject({
    state: z.enum(["not_affected", "false_positive", "resolved", "resolved_with_pedigree", "exploitable", "in_triage"]),
    justification: z.string().optional(),
    detail: z.string().optional(),
    firstIssued: time.optional(),
    lastUpdated: time.optional(),
  }),
  affects: z.array(z.looseObject({ ref: z.string().min(1) })).min(1),
  properties,
});

const documentSchema = z.looseObject({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string().regex(/^1\.[4-9]$/, "Expected 1.4 or newer, which have vulnerabilities"),
  metadata: z.looseObject({ timestamp: time.optional(), component: componentSchema.optional() }).default({}),
  components: z.array(componentSchema).default([]),
  vulnerabilities: z.array(z.unknown()).min(1),
});

const statuses: Record<string, StatementStatus> = {
  not_affected: "not_affected",
  false_positive: "not_affected",
  resolved: "fixed",
  resolved_with_pedigree: "fixed",
  exploitable: "affected",
  in_triage: "under_investigation",
};

const names = {
  reason: "`analysis.detail` or `analysis.justification`",
  owner: "the property `hxp:owner`",
  expires: "the property `hxp:expires`",
  path: "the property `hxp:path`",
};

type Document = z.output<typeof documentSchema>;
type Written = z.output<typeof vulnerabilitySchema>;

/**
 * Reads the vulnerabilities of a CycloneDX document (1.4 or newer) as statements. Owner, expiry and paths are the
 * properties `hxp:owner`, `hxp:expires` and `hxp:path`, the last as often as there are paths.
 */
export function parseCycloneDx(value: unknown, file: string): StatementFile {
  return readDocument(value, file, {
    title: "CycloneDX VEX",
    schema: documentSchema,
    key: "vulnerabilities",
    statements: (document) => document.vulnerabilities,
    read: readStatement,
  });
}

function readStatement(value: unknown, document: Document, where: string): Statement | StatementProblem {
  const parsed = vulnerabilitySchema.safeParse(value);
  if (!parsed.success) return { where, message: `It is no statement:\n${z.prettifyError(parsed.error)}` };
  const written = parsed.data;
  const { analysis } = written;
  const scopes = readScopes(written, document);
  if (scopes === undefined) return { where, message: "`affects` names what has no package URL of an npm package." };
  const status = statuses[analysis.state] ?? "under_investigation";
  const duties = { status, reason: analysis.detail ?? analysis.justification, ...readProperties(written) };
  const missing = missingDuties(duties, names);
  if (missing.length > 0) return { where, message: `A statement \`${analysis.state}\` needs ${missing.join(", ")}.` };
  return {
    where,
    vulnerabilities: [written.id, ...written.references.map(({ id }) => id)],
    scopes,
    status,
    ...(analysis.justification === undefined ? {} : { justification: analysis.justification }),
    ...asSaid(duties),
    madeAt: Date.parse(analysis.lastUpdated ?? analysis.firstIssued ?? document.metadata.timestamp ?? "1970-01-01"),
  };
}

function readProperties({ properties: all }: Written): Pick<StatementDuties, "owner" | "expires" | "paths"> {
  const read = (name: string): string[] => all.filter((entry) => entry.name === name).map((entry) => entry.value);
  return { owner: read("hxp:owner")[0], expires: read("hxp:expires")[0], paths: read("hxp:path") };
}

/** `affects` names the vulnerable package, or the product, by its `bom-ref`, a BOM-Link or its package URL. */
function readScopes({ affects }: Written, document: Document): StatementScope[] | undefined {
  const { component: product } = document.metadata;
  const byRef = new Map<string, string>();
  for (const { "bom-ref": ref, purl } of [...document.components, ...(product === undefined ? [] : [product])]) {
    if (ref !== undefined && purl !== undefined) byRef.set(ref, purl);
  }
  const productName = product?.purl === undefined ? undefined : parsePurl(product.purl);
  const found = affects.map(({ ref }): PackageName | undefined => {
    const own = ref.startsWith("urn:cdx:") ? decodeFragment(ref) : ref;
    return parsePurl(byRef.get(own) ?? own);
  });
  if (found.includes(undefined)) return undefined;
  return found
    .filter((name) => name !== undefined)
    .map((name) => {
      if (productName === undefined) return { component: name };
      return name.name === productName.name ? { product: name } : { product: productName, component: name };
    });
}

function decodeFragment(link: string): string {
  try {
    return decodeURIComponent(link.slice(link.indexOf("#") + 1));
  } catch {
    return link;
  }
}
