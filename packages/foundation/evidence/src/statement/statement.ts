import { createHash } from "node:crypto";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { validate } from "../validate.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type DigestSet, digestSetSchema, uriSchema } from "./schema-parts.ts";

/** `_type` of an in-toto Statement v1. */
export const statementType = "https://in-toto.io/Statement/v1";
/** DSSE payload type of an in-toto statement. */
export const statementPayloadType = "application/vnd.in-toto+json";

const maximumBytes = 32 * 1024 * 1024;
const maximumSubjects = 10_000;

/** What a statement is about: a name, and digests of its bytes (algorithm to lower-case hex). */
export interface Subject {
  readonly name?: string | undefined;
  readonly digest: DigestSet;
}

/** An in-toto Statement v1 (https://github.com/in-toto/attestation/tree/main/spec/v1). */
export interface Statement<Predicate = unknown> {
  readonly _type: typeof statementType;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

const statementSchema = z.looseObject({
  _type: z.literal(statementType, `expected ${statementType}`),
  subject: z
    .array(z.looseObject({ name: z.string().max(4096).optional(), digest: digestSetSchema }))
    .min(1)
    .max(maximumSubjects),
  predicateType: uriSchema,
  predicate: z.record(z.string(), z.unknown()),
});

/** Makes a statement; throws STATEMENT_INVALID naming the field that is wrong. */
export function createStatement<Predicate extends object>(parts: {
  subjects: readonly Subject[];
  predicateType: string;
  predicate: Predicate;
}): Statement<Predicate> {
  const { subjects, predicateType, predicate } = parts;
  const statement = { _type: statementType, subject: subjects, predicateType, predicate } as const;
  validate(statementSchema, statement, { code: "STATEMENT_INVALID", what: "the statement" });
  return statement;
}

/** Makes the subject for some bytes, with their SHA-256 and SHA-512. */
export function createSubject(name: string, bytes: Uint8Array): Subject {
  return { name, digest: digestBytes(bytes) };
}

/** SHA-256 and SHA-512 of some bytes, in lower-case hex. */
export function digestBytes(bytes: Uint8Array): { sha256: string; sha512: string } {
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest("hex");
  return { sha256: digest("sha256"), sha512: digest("sha512") };
}

/** Writes a statement as canonical JSON: equal statements have equal bytes. */
export function serializeStatement(statement: Statement): Buffer {
  return Buffer.from(canonicalJson(statement));
}

/**
 * Reads a statement from the payload of an envelope. Payloads over 32 MiB, with more than 10,000 subjects, that are not
 * UTF-8 JSON, or that lack a field throw STATEMENT_INVALID. Unknown fields are kept, as the in-toto rules ask.
 */
export function parseStatement(payload: Uint8Array): Statement<Readonly<Record<string, unknown>>> {
  if (payload.byteLength > maximumBytes) {
    throw new HxpError(
      "STATEMENT_INVALID",
      `the statement has ${payload.byteLength} bytes, expected ≤ ${maximumBytes}`,
    );
  }
  return validate(statementSchema, readJson(payload), { code: "STATEMENT_INVALID", what: "the statement" });
}

function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload));
  } catch (cause) {
    throw new HxpError("STATEMENT_INVALID", "the statement is not JSON in UTF-8", { cause });
  }
}
