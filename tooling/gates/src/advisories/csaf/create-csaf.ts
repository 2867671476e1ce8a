import { HxpError } from "@hxp/errors";
import { packageUrl } from "../../closure/package-url.ts";
import type { JsonObject } from "../../gate.ts";
import type { RangeEvent } from "../advisory.ts";
import { compareText } from "../../text/compare-text.ts";
import { listRanges, npmAffected, type OsvEntry } from "../database/osv-entry.ts";
import { describeInterval, type Interval, renderVers, toIntervals } from "./affected-intervals.ts";
import { createTracking, type CsafEngine } from "./create-tracking.ts";
import { createScores, readCvss } from "./create-scores.ts";

/** Who publishes an advisory. */
export interface CsafPublisher {
  name: string;
  /** URL under which the publisher's ids are its own. */
  namespace: string;
  /** How the publisher is reached. */
  contact?: string | undefined;
}

/** What {@link createCsaf} takes beside an advisory. */
export interface CsafOptions {
  publisher: CsafPublisher;
  /** The program that makes the document. */
  engine: CsafEngine;
  now: Date;
  /** The publisher's packages; the advisory's others are left out. */
  packages: readonly string[];
}

/**
 * Makes a CSAF 2.0 document (OASIS, profile `csaf_security_advisory`) of an advisory in the OSV format about packages
 * that one publishes. Throws ADVISORY_SOURCE_INVALID for one that was withdrawn, or says nothing of the packages.
 */
export function createCsaf(entry: OsvEntry, options: CsafOptions): JsonObject {
  const { publisher, engine, now } = options;
  if (typeof entry.withdrawn === "string") throw invalid(entry, `it was withdrawn on ${entry.withdrawn}`);
  const products = listProducts(entry, options.packages);
  if (products.every(({ affected }) => affected.length === 0)) {
    throw invalid(entry, `it names no affected version of ${options.packages.join(", ") || "any package"}`);
  }
  const title = entry.summary ?? entry.id;
  return {
    document: {
      category: "csaf_security_advisory",
      csaf_version: "2.0",
      distribution: { tlp: { label: "WHITE", url: "https://www.first.org/tlp/" } },
      lang: "en",
      publisher: {
        category: "vendor",
        name: publisher.name,
        namespace: publisher.namespace,
        ...(publisher.contact === undefined ? {} : { contact_details: publisher.contact }),
      },
      title,
      tracking: createTracking(entry, { engine, now }),
    },
    product_tree: { branches: [{ category: "vendor", name: publisher.name, branches: products.map(toBranch) }] },
    vulnerabilities: [createVulnerability(entry, products)],
  };
}

/** The file name that CSAF 2.0 prescribes for a document (§5.1). */
export function csafFileName(id: string): string {
  return `${id.toLowerCase().replaceAll(/[^+\-a-z0-9]+/g, "_")}.json`;
}

interface Version {
  id: string;
  branch: JsonObject;
}

interface Product {
  name: string;
  affected: Version[];
  fixed: Version[];
  /** Versions to update to. */
  fixes: string[];
}

function listProducts(entry: OsvEntry, packages: readonly string[]): Product[] {
  const byName = Map.groupBy(npmAffected(entry), (part) => part.package?.name ?? "");
  return [...byName]
    .filter(([name]) => packages.includes(name))
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([name, parts]) => toProduct(entry, name, parts));
}

function toProduct(entry: OsvEntry, name: string, parts: ReturnType<typeof npmAffected>): Product {
  const intervals = parts.flatMap((part) => listRanges(part).flatMap((events) => readIntervals(entry, events)));
  const listed = [...new Set(parts.flatMap(({ versions }) => versions ?? []))];
  const fixes = [...new Set(intervals.flatMap(({ before }) => before ?? []))];
  return {
    name,
    affected: [
      ...intervals.map((interval, index): Version => {
        const id = `${name}:affected-${index + 1}`;
        const product = { name: `${name} ${describeInterval(interval)}`, product_id: id, ...identify(name) };
        return { id, branch: { category: "product_version_range", name: renderVers(interval), product } };
      }),
      ...(intervals.length === 0 ? listed : []).map((version) => toVersion(name, version)),
    ],
    fixed: fixes.map((version) => toVersion(name, version)),
    fixes,
  };
}

function readIntervals(entry: OsvEntry, events: readonly RangeEvent[]): Interval[] {
  try {
    return toIntervals(events);
  } catch (cause) {
    throw invalid(entry, cause instanceof Error ? cause.message : String(cause));
  }
}

function toVersion(name: string, version: string): Version {
  const id = `${name}@${version}`;
  const product = { name: `${name} ${version}`, product_id: id, ...identify(name, version) };
  return { id, branch: { category: "product_version", name: version, product } };
}

function identify(name: string, version?: string): JsonObject {
  const purl = version === undefined ? packageUrl(name, "").replace(/@$/, "") : packageUrl(name, version);
  return { product_identification_helper: { purl } };
}

function toBranch({ name, affected, fixed }: Product): JsonObject {
  return { category: "product_name", name, branches: [...affected, ...fixed].map(({ branch }) => branch) };
}

function createVulnerability(entry: OsvEntry, products: readonly Product[]): JsonObject {
  const { id, summary, details, references, published } = entry;
  const affected = products.flatMap((product) => product.affected.map((version) => version.id));
  const fixed = products.flatMap((product) => product.fixed.map((version) => version.id));
  const { scores, notes } = createScores(readCvss(entry), affected);
  const linked = toReferences(references ?? []);
  return {
    ...toIds(entry),
    title: summary ?? id,
    notes: [{ category: "description", text: details ?? summary ?? id }, ...notes],
    product_status: { known_affected: affected, ...(fixed.length === 0 ? {} : { fixed }) },
    remediations: products.filter((product) => product.affected.length > 0).map(toRemediation),
    ...(scores.length === 0 ? {} : { scores }),
    ...(linked.length === 0 ? {} : { references: linked }),
    ...(typeof published === "string" ? { release_date: new Date(published).toISOString() } : {}),
  };
}

function toIds({ id, aliases }: OsvEntry): JsonObject {
  const ids = [id, ...(aliases ?? [])];
  const cve = ids.find((text) => /^CVE-\d{4}-\d{4,}$/.test(text));
  const others = ids.filter((text) => text !== cve);
  return {
    ...(cve === undefined ? {} : { cve }),
    ...(others.length === 0 ? {} : { ids: others.map((text) => ({ system_name: systemOf(text), text })) }),
  };
}

function toRemediation({ name, affected, fixes }: Product): JsonObject {
  const product_ids = affected.map(({ id }) => id);
  if (fixes.length === 0)
    return { category: "none_available", details: `There is no mended version of ${name} yet.`, product_ids };
  return { category: "vendor_fix", details: `Update ${name} to ${fixes.join(", or ")}, or later.`, product_ids };
}

function toReferences(references: readonly { type: string; url: string }[]): JsonObject[] {
  return references.map(({ type, url }) => ({ category: "external", summary: type.toLowerCase(), url }));
}

function systemOf(id: string): string {
  if (id.startsWith("GHSA-")) return "GitHub Security Advisory";
  return id.startsWith("CVE-") ? "CVE" : "OSV";
}

function invalid({ id }: OsvEntry, why: string): HxpError {
  return new HxpError("ADVISORY_SOURCE_INVALID", `${id} gives no CSAF advisory: ${why}.`);
}
