export { z } from "zod";
export { parseConfig, readConfig, requireConfig } from "./read-config.ts";
export { environmentFile } from "./read/read-sources.ts";
export { defineSchema } from "./schema/define-schema.ts";
export { absolutePath, duration, httpUrl, secret } from "./schema/values.ts";
export { isSecret } from "./secret.ts";
export { explain } from "./show/explain.ts";
export { diff } from "./show/diff.ts";
export { printConfig } from "./show/print-config.ts";
export { renderProblems } from "./show/render-problems.ts";
export { renderSchemaDocs } from "./show/render-schema-docs.ts";
export { type JsonSchemaOptions, toJsonSchema } from "./show/to-json-schema.ts";
export { formatPath, parsePath } from "./path.ts";
export { formatOrigin } from "./origin.ts";
export type { ConfigResult, ReadConfigOptions, Trace } from "./read-config.ts";
export type { ConfigSources } from "./read/read-sources.ts";
export type { SourceFile } from "./read/read-file-text.ts";
export type { Variables } from "./read/read-variables.ts";
export type { Layer } from "./layer/merge-layers.ts";
export type { ConfigNode } from "./tree.ts";
export type {
  ConfigOf,
  ConfigSchema,
  Rule,
  RuleContext,
  RuleFinding,
  SchemaDefinition,
  WrittenOf,
} from "./schema/define-schema.ts";
export type { RevealOptions, Secret, SecretSource } from "./secret.ts";
export type { Difference } from "./show/diff.ts";
export type { Explanation, LayerValue } from "./show/explain.ts";
export type { PrintOptions } from "./show/print-config.ts";
export type { JsonSchema } from "./show/to-json-schema.ts";
export type { Excerpt, Problem } from "./problem.ts";
export type { LayerName, Origin } from "./origin.ts";
export type { Path } from "./path.ts";
