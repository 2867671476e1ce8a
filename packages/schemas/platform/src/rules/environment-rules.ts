import type { Rule } from "@hxp/config";
import type { BaseConfig } from "../sections/base.ts";

/** The environment that was chosen must be one of the platform's. */
export const environmentIsDeclared: Rule<BaseConfig> = {
  reads: ["environments"],
  check: ({ environments }, { environment }) => {
    if (environment === undefined || Object.hasOwn(environments, environment)) return [];
    const names = Object.keys(environments).join(", ");
    const message = `The environment ${JSON.stringify(environment)} was chosen, but environments has only ${names}.`;
    return [{ path: ["environments"], message, expected: `one of ${names}` }];
  },
};

/** Production takes no release that nobody vouches for. */
export const productionNeedsTrust: Rule<BaseConfig> = {
  reads: ["environments", "release"],
  check: ({ environments, release }, { environment }) => {
    if (!isProduction(environments, environment) || release.trustedRoot !== undefined) return [];
    const message = `release.trustedRoot is not set, but ${environment} is a production environment: nothing says whose signatures count.`;
    return [{ path: ["release", "trustedRoot"], message, expected: "the absolute path of a trusted_root.json" }];
  },
};

/** Somebody answers for production. */
export const productionNeedsOwner: Rule<BaseConfig> = {
  reads: ["environments", "owner"],
  check: ({ environments, owner }, { environment }) => {
    if (!isProduction(environments, environment) || owner !== undefined) return [];
    const message = `owner is not set, but ${environment} is a production environment: reports will name nobody.`;
    return [{ path: ["owner"], message, severity: "warning", expected: "a name and a contact" }];
  },
};

function isProduction(environments: BaseConfig["environments"], name: string | undefined): boolean {
  return name !== undefined && Object.hasOwn(environments, name) && environments[name]?.kind === "production";
}
