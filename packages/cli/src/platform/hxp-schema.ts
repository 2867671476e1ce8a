import type { ConfigOf, Rule, WrittenOf } from "@hxp/config";
import { checkModels, gatewaySchema } from "@hxp/schema-gateway";
import { modelsSchema } from "@hxp/schema-model";
import { composePlatformSchema } from "@hxp/schema-platform";
import { storageSchema } from "@hxp/schema-storage";

const composed = composePlatformSchema({
  gateway: gatewaySchema,
  models: modelsSchema,
  storage: storageSchema,
});

/** Somebody answers for each model that clients can ask for: an upstream, or a model that is served here. */
const modelsAreAnswered: Rule<ConfigOf<typeof composed>> = {
  reads: ["gateway", "models"],
  check: ({ gateway, models }) =>
    checkModels(gateway?.models ?? {}, Object.keys(models?.serve ?? {})).map((finding) => ({
      ...finding,
      path: ["gateway", ...finding.path],
    })),
};

/** The whole schema of `hxp.yaml`: the platform with its gateway, models and storage. */
export const hxpSchema: typeof composed = { ...composed, rules: [...composed.rules, modelsAreAnswered] };

/** `hxp.yaml` as a program reads it. */
export type HxpConfig = ConfigOf<typeof hxpSchema>;

/** `hxp.yaml` as a person writes it. */
export type WrittenHxp = WrittenOf<typeof hxpSchema>;
