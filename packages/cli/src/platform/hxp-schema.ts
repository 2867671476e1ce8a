import type { ConfigOf, WrittenOf } from "@hxp/config";
import { gatewaySchema } from "@hxp/schema-gateway";
import { modelsSchema } from "@hxp/schema-model";
import { composePlatformSchema } from "@hxp/schema-platform";
import { storageSchema } from "@hxp/schema-storage";

/** The whole schema of `hxp.yaml`: the platform with its gateway, models and storage. */
export const hxpSchema = composePlatformSchema({
  gateway: gatewaySchema,
  models: modelsSchema,
  storage: storageSchema,
});

/** `hxp.yaml` as a program reads it. */
export type HxpConfig = ConfigOf<typeof hxpSchema>;

/** `hxp.yaml` as a person writes it. */
export type WrittenHxp = WrittenOf<typeof hxpSchema>;
