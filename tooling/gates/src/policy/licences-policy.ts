import { z } from "zod";

/** What a package is, as far as its licence is concerned. */
const packageKinds = ["code", "data", "binary"] as const;

/** As far as its licence is concerned: code that runs, data without code, or a binary for one platform. */
export type PackageKind = (typeof packageKinds)[number];

const all: PackageKind[] = [...packageKinds];

/** The licences allowed by default, each with the kinds of packages that may have it and the reason why. */
export const defaultLicences = [
  { licence: "MIT", kinds: all, reason: "permissive; asks for the notice, which NOTICE carries" },
  { licence: "MIT-0", kinds: all, reason: "MIT without the duty of notice" },
  { licence: "ISC", kinds: all, reason: "permissive; the same duties as MIT in fewer words" },
  { licence: "BSD-2-Clause", kinds: all, reason: "permissive; asks for the notice" },
  { licence: "BSD-3-Clause", kinds: all, reason: "permissive; asks for the notice, and not to use the authors' names" },
  {
    licence: "Apache-2.0",
    kinds: all,
    reason: "permissive with a patent grant; asks for LICENSE and NOTICE, which NOTICE carries",
  },
  { licence: "0BSD", kinds: all, reason: "permissive without duties" },
  { licence: "Zlib", kinds: all, reason: "permissive; asks for the notice in sources alone" },
  { licence: "BlueOak-1.0.0", kinds: all, reason: "permissive with a patent grant; asks for the text or a link" },
  { licence: "CC0-1.0", kinds: all, reason: "public domain, or as near as the law allows" },
  { licence: "Unlicense", kinds: all, reason: "public domain, or as near as the law allows" },
  { licence: "Python-2.0", kinds: all, reason: "permissive; the licence of argparse, which stands below js-yaml" },
  {
    licence: "CC-BY-3.0",
    kinds: ["data"],
    reason: "attribution only, for works that are no software, such as spdx-exceptions; says nothing of patents",
  },
  {
    licence: "CC-BY-4.0",
    kinds: ["data"],
    reason: "attribution only, for works that are no software, such as caniuse-lite; says nothing of patents",
  },
] as const satisfies readonly { licence: string; kinds: readonly PackageKind[]; reason: string }[];

const allowedSchema = z.strictObject({
  licence: z
    .string()
    .min(1)
    .describe("SPDX identifier, with its exception if it has one (`Apache-2.0 WITH LLVM-exception`)."),
  kinds: z
    .array(z.enum(packageKinds))
    .min(1)
    .default(all)
    .describe("Kinds of packages that may be under it: `code`, `data` without code, a `binary` for one platform."),
  reason: z.string().min(1).describe("Why it is allowed: its duties, and who fulfils them."),
});

const kindSchema = z.strictObject({
  package: z.string().min(1).describe("Name of a dependency."),
  kind: z.enum(packageKinds).describe("What it is."),
  reason: z.string().min(1).describe("How that is known."),
});

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
    .array(allowedSchema)
    .default(defaultLicences.map(({ licence, kinds, reason }) => ({ licence, kinds: [...kinds], reason })))
    .describe("Licences that pass. An expression passes if a choice of its ORs needs only these."),
  kinds: z
    .array(kindSchema)
    .default([{ package: "caniuse-lite", kind: "data", reason: "tables of browsers, written as modules" }])
    .describe(
      "What a dependency is that cannot be told by its files and its lockfile entry: data without code, or for one platform only.",
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
