import type { ConfigOf, WrittenOf } from "@hxp/config";
import { composePlatformSchema } from "./compose-platform-schema.ts";

/** The schema of `hxp.yaml`, version 1. */
export const platformSchema = composePlatformSchema({});

/** `hxp.yaml` as a program reads it: defaults filled in, durations in milliseconds, references as secrets. */
export type PlatformConfig = ConfigOf<typeof platformSchema>;

/** `hxp.yaml` as a person writes it. */
export type WrittenPlatform = WrittenOf<typeof platformSchema>;
