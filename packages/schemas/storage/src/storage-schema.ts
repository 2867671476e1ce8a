import { absolutePath, defineSchema, type WrittenOf } from "@hxp/config";
import * as z from "zod";
import { authorityIsAsked, connectionHasUrl, networkIsEncrypted } from "./rules/connection-rules.ts";
import { retentionHolds } from "./rules/retention-rules.ts";
import { databaseUrl, migration, password, poolSection, timeoutsSection, tlsSection } from "./sections/connection.ts";
import { retentionSection } from "./sections/retention.ts";

const shape = z.strictObject({
  url: databaseUrl,
  password,
  folder: absolutePath().optional().meta({
    description: "Folder of the embedded database, on a local disk. Default: storage in the data folder.",
  }),
  tls: tlsSection,
  pool: poolSection,
  timeouts: timeoutsSection,
  migration,
  retention: retentionSection,
});

/** The storage's part of `hxp.yaml` as a program reads it: defaults filled in, durations in milliseconds. */
export type StorageConfig = z.output<typeof shape>;

/** The schema of the key `storage` of `hxp.yaml`. */
export const storageSchema = defineSchema({
  id: "urn:hxp:schema:storage:1",
  title: "Where keys and usage are kept",
  schema: shape,
  rules: [connectionHasUrl, authorityIsAsked, networkIsEncrypted, retentionHolds],
});

/** The storage's part of `hxp.yaml` as a person writes it. */
export type WrittenStorage = WrittenOf<typeof storageSchema>;
