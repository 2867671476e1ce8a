import { z } from "zod";

/** The licences allowed by default, each with the reason why. */
export const defaultLicences: Readonly<Record<string, string>> = {
  MIT: "permissive; asks for the notice, which NOTICE carries",
  "MIT-0": "MIT without the duty of notice",
  ISC: "permissive; the same duties as MIT in fewer words",
  "BSD-2-Clause": "permissive; asks for the notice",
  "BSD-3-Clause": "permissive; asks for the notice, and not to use the authors' names",
  "Apache-2.0": "permissive with a patent grant; asks for LICENSE and NOTICE, which NOTICE carries",
  "0BSD": "permissive without duties",
  "BlueOak-1.0.0": "permissive with a patent grant; asks for the text or a link",
  "CC0-1.0": "public domain, or as near as the law allows; used for data such as licence lists",
  Unlicense: "public domain, or as near as the law allows",
  "Python-2.0": "permissive; the licence of argparse, which stands below js-yaml",
  "CC-BY-3.0": "attribution only; used for data such as spdx-exceptions, never for code that is linked",
  "CC-BY-4.0": "attribution only; used for data such as caniuse-lite, never for code that is linked",
};

const clarificationSchema = z.strictObject({
  package: z
    .string()
    .regex(/^(@[^@/]+\/)?[^@/]+@.+$/, "Expected name@version")
    .describe("Exactly one dependency, as name@version."),
  licence: z.string().min(1).describe("SPDX expression that the package is under."),
  reason: z.string().min(1).describe("How that is known: the file or page that was read."),
});

/** Section `licences` of the policy. */
export const licencesPolicySchema = z.strictObject({
  allow: z
    .array(z.string().min(1))
    .default(Object.keys(defaultLicences))
    .describe(
      "SPDX licences, each with its exception if it has one (`Apache-2.0 WITH LLVM-exception`). An expression passes if a choice of its ORs needs only these.",
    ),
  ownLicences: z
    .array(z.string().min(1))
    .default([])
    .describe("Licence fields that packages of this workspace may have beside `allow`, such as `UNLICENSED`; literal."),
  clarifications: z
    .array(clarificationSchema)
    .default([])
    .describe("What the licence of a dependency is whose manifest does not say it, or says it wrongly."),
});

/** The filled-in section `licences`. */
export type LicencesPolicy = z.output<typeof licencesPolicySchema>;
