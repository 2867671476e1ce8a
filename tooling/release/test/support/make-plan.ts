import { createHash } from "node:crypto";
import type { ReleasePlan } from "@hxp/evidence";
import type { PlannedPackage } from "@hxp/evidence/release";

function integrityOf(text: string): string {
  return `sha512-${createHash("sha512").update(text).digest("base64")}`;
}

/** A planned package; the default is a first release of `@acme/core`. */
export function makePlanned(changes: Partial<PlannedPackage> = {}): PlannedPackage {
  const { name = "@acme/core", version = "1.0.0" } = changes;
  return {
    name,
    version,
    oldVersion: version,
    bump: "none",
    reasons: ["It was never published."],
    folder: `packages/${name.replace(/^.*\//, "")}`,
    rank: 0,
    access: "public",
    expectedTag: null,
    onRegistry: false,
    tarball: {
      file: `${name.replace("@", "").replace("/", "-")}-${version}.tgz`,
      integrity: integrityOf(`${name}@${version}`),
      size: 2048,
    },
    ...changes,
  };
}

/** A plan that the published schema takes. */
export function makePlan(changes: Partial<ReleasePlan> = {}): ReleasePlan {
  return {
    schema: "https://github.com/hxp-enterprise/hxp/predicates/release-plan/v1",
    source: {
      commit: "a".repeat(40),
      tree: "b".repeat(40),
      time: 1_700_000_000,
      dirty: [],
      repository: "git+https://github.com/acme/acme.git",
      prefix: "",
    },
    releaseCommit: "c".repeat(40),
    lockfile: "d".repeat(64),
    config: "e".repeat(64),
    tools: { pnpm: "12.21.0", node: "24.21.0" },
    registry: { name: "local", identity: "embedded:1" },
    channel: "latest",
    stagingTag: "staging-0123456789ab",
    packages: [makePlanned()],
    warnings: [],
    ...changes,
  };
}
