import type { WrittenReleaseConfig } from "@hxp/release";

/** Packages that an example uses beside the one that it is of, at the versions of the release. */
const beside = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`@hxp/${name}`, "*"]));

/** The example in a package's README is its contract: it must run against the packed package, whatever it is installed with. */
const contract = (example: string, ...names: string[]): { files: string[]; with: Record<string, string> } => ({
  files: [`examples/${example}.ts`],
  with: beside(...names),
});

export default {
  registries: {
    // No url: the registry that pnpm is set up with.
    npm: { mode: "staged", trustedPublishing: true },
  },
  policy: {
    api: {
      data: [{ package: "@hxp/errors", export: "errorTable", kind: "errors", prose: ["meaning", "fix"] }],
      types: [
        // Codes are added with features; nobody can handle them all.
        { package: "@hxp/errors", type: "ErrorCode", open: true },
        { package: "@hxp/release", type: "WrittenReleaseConfig", use: "supply" },
        { package: "@hxp/release", type: "ReleaseConfig", use: "read" },
        { package: "@hxp/release-gates", type: "ReleasePolicyInput", use: "supply" },
        { package: "@hxp/release-gates", type: "ReleasePolicy", use: "read" },
      ],
    },
    compatibility: {
      requireContract: true,
      overrides: [
        {
          package: "node-fetch",
          version: "2.7.0",
          reason: "verdaccio asks for its dist-tag `cjs`, which a mirror need not have",
        },
      ],
      contracts: {
        "@hxp/cli": contract("cli", "schema-platform"),
        "@hxp/config": contract("config"),
        "@hxp/engine": contract("engine"),
        "@hxp/engine-llama": contract("engine-llama", "model-guide"),
        "@hxp/engine-simulator": contract("engine-simulator"),
        "@hxp/errors": contract("errors"),
        "@hxp/evidence": contract("evidence"),
        "@hxp/gateway": contract("gateway"),
        "@hxp/model": contract("model", "config", "engine-simulator", "schema-model", "service"),
        "@hxp/model-guide": contract("model-guide"),
        "@hxp/release": contract("release", "errors", "evidence"),
        "@hxp/release-gates": contract("release-gates"),
        "@hxp/release-registry": contract("release-registry"),
        "@hxp/release-report": contract("release-report"),
        "@hxp/schema-gateway": contract("schema-gateway"),
        "@hxp/schema-model": contract("schema-model", "config"),
        "@hxp/schema-platform": {
          files: ["examples/schema-platform.ts", "examples/hxp.yaml"],
          with: beside("config"),
        },
        "@hxp/schema-storage": contract("schema-storage", "config"),
        "@hxp/service": contract("service"),
        "@hxp/storage": contract("storage", "config", "schema-storage"),
      },
    },
    // A registry that serves neither advisories nor signatures cannot answer for what it serves; a rehearsal goes on.
    rehearsal: { mayNotRun: ["advisories", "signatures"] },
  },
} satisfies WrittenReleaseConfig;
