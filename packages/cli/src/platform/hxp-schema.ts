import type { ConfigOf, ConfigSchema, Rule, WrittenOf } from "@hxp/config";
import { checkModels, gatewaySchema } from "@hxp/schema-gateway";
import { modelsSchema } from "@hxp/schema-model";
import { composePlatformSchema, type PlatformShape } from "@hxp/schema-platform";
import { storageSchema } from "@hxp/schema-storage";

/** What stands in `hxp.yaml` beside what every platform has. */
// Not `typeof` of the object below: its inferred type would make consumers need what schemas are written in.
type Sections = {
  readonly gateway: typeof gatewaySchema;
  readonly models: typeof modelsSchema;
  readonly storage: typeof storageSchema;
};

type HxpSchema = ConfigSchema<PlatformShape<Sections>>;

const composed: HxpSchema = composePlatformSchema<Sections>({
  gateway: gatewaySchema,
  models: modelsSchema,
  storage: storageSchema,
});

/** Somebody answers for each model that clients can ask for: an upstream, or a model that is served here. */
const modelsAreAnswered: Rule<ConfigOf<HxpSchema>> = {
  reads: ["gateway", "models"],
  check: ({ gateway, models }) =>
    checkModels(gateway?.models ?? {}, Object.keys(models?.serve ?? {})).map((finding) => ({
      ...finding,
      path: ["gateway", ...finding.path],
    })),
};

/** The whole schema of `hxp.yaml`: the platform with its gateway, models and storage. */
export const hxpSchema: HxpSchema = { ...composed, rules: [...composed.rules, modelsAreAnswered] };

/** `hxp.yaml` as a program reads it. */
export type HxpConfig = ConfigOf<typeof hxpSchema>;

/** `hxp.yaml` as a person writes it. */
export type WrittenHxp = WrittenOf<typeof hxpSchema>;
