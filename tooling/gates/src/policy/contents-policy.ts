import { z } from "zod";
import { capabilities } from "../contents/code/capability.ts";
import { shapes } from "../contents/code/find-shapes.ts";

const globs = z.array(z.string().min(1));
const bytes = z.int().positive();
const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** What a manifest or tarball can be required to have. */
export const requirements = ["readme", "licence", "repository", "engines", "exports", "types"] as const;

/** Scripts that npm, pnpm or yarn run on a consumer's machine by themselves. */
export const consumerScripts = [
  "preinstall",
  "install",
  "postinstall",
  "preprepare",
  "prepare",
  "postprepare",
  "prepublish",
];

const growthSchema = z.strictObject({
  maxRatio: z.number().min(1).default(1.5).describe("Unpacked size against the last release, as a factor."),
  ignoreBytes: bytes
    .default(32 * kibibyte)
    .describe("Growth in bytes up to which the factor does not count, so that a small package may grow."),
  maxBytes: bytes.default(4 * mebibyte).describe("Growth in bytes that counts whatever the factor is."),
});

const names = z.array(z.string().min(1)).default([]);

const declarationSchema = z.strictObject({
  package: z.string().min(1).describe("A package of this workspace."),
  capabilities: z.array(z.enum(capabilities)).default([]).describe("What its code may do."),
  hosts: names.describe("Hosts that its code may ask."),
  dependencies: names.describe("Dependencies that it may have got."),
  shapes: z.array(z.enum(shapes)).default([]).describe("In which ways its files may be unreadable."),
  reason: z.string().min(1).describe("What the package needs that for; whoever reviews the policy judges it."),
});

/** Section `contents` of the policy. Globs are matched against paths inside the package. */
export const contentsPolicySchema = z.strictObject({
  allow: globs
    .default(["package.json", "README*", "LICENSE*", "LICENCE*", "NOTICE*", "CHANGELOG*"])
    .describe("Files that may always be in a package, beside what `files`, `exports`, `bin` and their like name."),
  deny: globs
    .default([
      "**/{.env,.env.*,.npmrc,.netrc,.DS_Store}",
      "**/{.git,.ssh,.aws,node_modules,coverage,__tests__,__snapshots__}/**",
      "**/*.{pem,key,p12,pfx,jks,log,tgz,tsbuildinfo}",
      "**/{id_rsa,id_ed25519}*",
      "**/{package-lock.json,npm-shrinkwrap.json,pnpm-lock.yaml,yarn.lock}",
      "**/*.{test,spec}.*",
    ])
    .describe("Files that must never be in a package, whatever else names them."),
  required: z
    .array(z.enum(requirements))
    .default([...requirements])
    .describe("What every package must have; `exports` and `types` do not apply to a package with nothing but bins."),
  scripts: z
    .array(z.string().min(1))
    .default(consumerScripts)
    .describe("Lifecycle scripts that a packed manifest must not have."),
  maxPackedBytes: bytes.default(4 * mebibyte).describe("Largest tarball, in bytes."),
  maxUnpackedBytes: bytes.default(16 * mebibyte).describe("Largest sum of a package's files, in bytes."),
  maxFiles: z.int().positive().default(2000).describe("Most files in a package."),
  growth: growthSchema
    .prefault({})
    .describe("Size budget against the last release, for the package and for each file."),
  declared: z
    .array(declarationSchema)
    .default([])
    .describe(
      "What was reviewed and is no finding, though the last release did not have it. Unlike a waiver it does not expire.",
    ),
  minimumDependencyAgeDays: z
    .number()
    .min(0)
    .default(30)
    .describe("Days since a new dependency must have been published first."),
  typesProfile: z
    .enum(["auto", "strict", "node16", "esm-only"])
    .default("auto")
    .describe(
      "Which module resolutions must find types: `strict` all, `node16` all but Node 10's, `esm-only` those of an ES module; `auto` tells it from the manifest.",
    ),
});

/** The filled-in section `contents`. */
export type ContentsPolicy = z.output<typeof contentsPolicySchema>;
