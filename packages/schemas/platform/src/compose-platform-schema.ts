import { type ConfigSchema, defineSchema, type Rule } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import type * as z from "zod";
import { environmentIsDeclared, productionNeedsOwner, productionNeedsTrust } from "./rules/environment-rules.ts";
import { pathsAreApart, trustIsOutOfReach } from "./rules/path-rules.ts";
import { registryIsEncrypted, tokenHasRegistry } from "./rules/registry-rules.ts";
import { type BaseConfig, baseSchema } from "./sections/base.ts";

/** Schemas of other packages by the key of `hxp.yaml` that they take. */
export type PlatformSections = Readonly<Record<string, ConfigSchema>>;

/** The shape of `hxp.yaml` with sections: each may be left out. */
export type PlatformShape<Sections extends PlatformSections> = z.ZodObject<
  (typeof baseSchema)["shape"] & { [Name in keyof Sections]: z.ZodOptional<Sections[Name]["schema"]> },
  z.core.$strict
>;

const baseRules: readonly Rule<BaseConfig>[] = [
  environmentIsDeclared,
  productionNeedsTrust,
  productionNeedsOwner,
  pathsAreApart,
  trustIsOutOfReach,
  registryIsEncrypted,
  tokenHasRegistry,
];

/**
 * Composes the schema of `hxp.yaml` from what every platform has and the sections given: `{gateway: gatewaySchema}` adds the key
 * `gateway`, with that schema's rules; the sections' names are part of its id. Throws CONFIG_SCHEMA_INVALID when a section takes a key that is there already.
 */
export function composePlatformSchema<const Sections extends PlatformSections>(
  sections: Sections,
): ConfigSchema<PlatformShape<Sections>> {
  const taken = Object.keys(sections).filter((name) => Object.hasOwn(baseSchema.shape, name));
  if (taken.length > 0) {
    throw new HxpError("CONFIG_SCHEMA_INVALID", `The section ${taken.join(", ")} is a key that every platform has.`);
  }
  const shape = Object.entries(sections).map(
    ([name, { schema, title }]) => [name, schema.optional().meta({ description: `${title}.` })] as const,
  );
  const rules = Object.entries(sections).flatMap(([name, { rules: own }]) => own.map((rule) => liftRule(name, rule)));
  const composed: ConfigSchema = defineSchema({
    id: ["urn:hxp:schema:platform:1", ...Object.keys(sections).toSorted()].join(":"),
    title: "hxp.yaml",
    schema: baseSchema.extend(Object.fromEntries(shape)),
    rules: [...(baseRules as unknown as Rule<AnyConfig>[]), ...rules],
  });
  return composed as unknown as ConfigSchema<PlatformShape<Sections>>;
}

type AnyConfig = Record<string, unknown>;

/** A section's rule as a rule of the platform: it reads its section, and its paths begin there. */
function liftRule(name: string, rule: Rule<AnyConfig>): Rule<AnyConfig> {
  return {
    reads: [name],
    check: (config, context) => {
      const section = config[name];
      if (section === undefined) return [];
      const findings = rule.check(section as AnyConfig, context);
      return findings.map((finding) => ({ ...finding, path: [name, ...finding.path] }));
    },
  };
}
