import { z } from "zod";
import type { ReleaseOutcome, SignedFile } from "../report-data.ts";
import { type EvidenceFolder, parseShape } from "./evidence-folder.ts";
import type { TrustedKey } from "./release-schemas.ts";

const number = z.union([z.string(), z.number()]).transform(Number);

const bundleSchema = z.looseObject({
  dsseEnvelope: z.looseObject({ payload: z.string() }),
  verificationMaterial: z.looseObject({
    publicKey: z.looseObject({ hint: z.string() }).optional(),
    tlogEntries: z.array(z.looseObject({ logIndex: number.default(0), integratedTime: number.optional() })).default([]),
  }),
});

const statementSchema = z.looseObject({
  predicateType: z.string(),
  subject: z.array(z.unknown()),
  predicate: z.unknown(),
});

const recordSchema = z.object({ outcome: z.string(), recordedAt: z.string(), reason: z.string().optional() });

/** What the bundles of a folder claim; nothing here is verified, that is the pages' own work. */
export function readSigned(folder: EvidenceFolder, keys: readonly TrustedKey[]): SignedFile[] {
  return folder.files
    .filter((file) => file.endsWith(".sigstore.json"))
    .flatMap((file) => {
      const read = readStatement(folder, file);
      if (read === undefined) return [];
      const { statement, bundle } = read;
      const hint = bundle.verificationMaterial.publicKey?.hint ?? "";
      const [entry] = bundle.verificationMaterial.tlogEntries;
      return [
        {
          file,
          predicateType: statement.predicateType,
          subjects: statement.subject.length,
          hint,
          signedBy: keys.find((key) => key.hint === hint)?.name,
          logIndex: entry?.logIndex,
          loggedAt: toTime(entry?.integratedTime),
        },
      ];
    });
}

/** What a record of a release says; undefined where there is none, or it does not read. */
export function readRecord(folder: EvidenceFolder, file: string): ReleaseOutcome | undefined {
  if (!folder.files.includes(file)) return undefined;
  return recordSchema.safeParse(readStatement(folder, file)?.statement.predicate).data;
}

/** When the log took a bundle, in milliseconds since 1970; 0 where nothing says so. */
export function readTime(folder: EvidenceFolder, file: string): number {
  const read = folder.files.includes(file) ? readStatement(folder, file) : undefined;
  return (read?.bundle.verificationMaterial.tlogEntries[0]?.integratedTime ?? 0) * 1000;
}

/** How the release ended; a rollback, where there is one, is later than the record. */
export function readOutcome(folder: EvidenceFolder): ReleaseOutcome | undefined {
  const ending = ["rollback.sigstore.json", "record.sigstore.json"].find((file) => folder.files.includes(file));
  if (ending === undefined) {
    folder.gaps.push({ file: "record.sigstore.json", problem: "is missing: how the release ended is unknown" });
    return undefined;
  }
  const record = readRecord(folder, ending);
  if (record !== undefined) return record;
  folder.gaps.push({ file: ending, problem: "does not read as a record: how the release ended is unknown" });
  return undefined;
}

function readStatement(folder: EvidenceFolder, file: string) {
  const bundle = folder.json(file, bundleSchema, "what it signs is unknown");
  if (bundle === undefined) return undefined;
  const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64").toString("utf8");
  const { value: statement } = parseShape(payload, statementSchema);
  if (statement !== undefined) return { bundle, statement };
  folder.gaps.push({ file, problem: "holds no statement: what it signs is unknown" });
  return undefined;
}

function toTime(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !Number.isSafeInteger(seconds) || Math.abs(seconds) > 8e12) return undefined;
  return new Date(seconds * 1000).toISOString();
}
