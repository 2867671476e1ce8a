import { createHash } from "node:crypto";

/** How evidence for a test is made. */
export interface EvidenceShape {
  /** Number of released packages; default: 4. */
  packages?: number;
  /** Package managers of the matrix; default: npm and pnpm. */
  managers?: readonly string[];
  /** A text that stands wherever the evidence of a stranger could have one. */
  hostile?: string;
  /** The release before: older versions, one advisory less. */
  isPrevious?: boolean;
  /** Where it went; default: to `latest` of a local registry. */
  registry?: { name: string; identity: string };
  channel?: string;
  /** Default: 2026-11-25, the release before: 2026-11-20. */
  recordedAt?: string;
  /** Whether it was taken back afterwards. */
  isRolledBack?: boolean;
}

/** The registry of a rehearsal. */
export const localRegistry = { name: "local", identity: "embedded:8334afd8-c12b-4b0d-8d35-9e4e6f63f347" };

const nodes = ["22.22.2", "24.15.0", "26.10.0"];
const resolutions = ["lowest", "locked", "newest"];

/** A package of the made release. */
export interface MadePackage {
  name: string;
  version: string;
  oldVersion: string;
  bytes: Buffer;
}

/** Packages of a made release. */
export function makePackages({ packages = 4, isPrevious = false }: EvidenceShape): MadePackage[] {
  const names = ["gateway", "storage", "model", "cli"];
  return Array.from({ length: packages }, (_, index) => {
    const name = `@acme/${names[index] ?? `part-${String(index).padStart(4, "0")}`}`;
    const version = isPrevious ? "1.3.0" : "1.4.0";
    return { name, version, oldVersion: "1.3.0", bytes: Buffer.from(`tarball of ${name}@${version}`) };
  });
}

/** A third-party package of the made closure. */
export interface MadeDependency {
  name: string;
  version: string;
  licence: string;
  published: string;
  depth: number;
  needs: readonly string[];
}

/** The closure of the made release. */
export function makeDependencies({ isPrevious = false }: EvidenceShape): MadeDependency[] {
  const entry = (name: string, version: string, rest: Partial<MadeDependency> = {}): MadeDependency => ({
    name,
    version,
    licence: "MIT",
    published: "2026-08-01T10:00:00.000Z",
    depth: 1,
    needs: [],
    ...rest,
  });
  return [
    entry("undici", isPrevious ? "8.12.0" : "8.13.1", { published: "2026-11-01T10:00:00.000Z" }),
    entry("zod", "4.6.7", { published: "2026-09-20T10:00:00.000Z" }),
    entry("yaml", "2.9.1", { licence: "ISC", published: "2025-12-02T10:00:00.000Z" }),
    entry("semver", "7.8.6", { licence: "ISC", needs: ["lru-cache"] }),
    entry("lru-cache", "11.5.0", { licence: "BlueOak-1.0.0", depth: 2, published: "2025-02-01T10:00:00.000Z" }),
    entry("leven", "4.1.0", { published: "2024-06-11T10:00:00.000Z" }),
    entry("jszip", "3.10.1", {
      licence: "(MIT OR GPL-3.0-or-later)",
      published: "2022-08-02T10:00:00.000Z",
      needs: ["pako"],
    }),
    entry("pako", "1.0.11", { licence: "(MIT AND Zlib)", depth: 2, published: "2020-01-29T10:00:00.000Z" }),
    ...(isPrevious ? [] : [entry("ws", "8.22.0", { published: "2026-10-30T10:00:00.000Z" })]),
  ];
}

/** SHA-256 of a text in hex. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The executed matrix: three cells fail where the lowest `yaml` does not do. */
export function makeCompatibility(shape: EvidenceShape) {
  const { managers = ["npm", "pnpm"], hostile = "" } = shape;
  const dependencies = makeDependencies(shape).filter(({ depth }) => depth === 1);
  const cells = makePackages(shape).flatMap(({ name, version }, index) =>
    managers.flatMap((manager) =>
      resolutions.flatMap((resolution) =>
        nodes.map((node) => {
          const isFailed =
            shape.isPrevious !== true && index % 40 === 1 && resolution === "lowest" && manager === "npm";
          return {
            key: `sha256:${hashOf(`${name} ${version} ${resolution} ${node} ${manager}`)}`,
            package: name,
            version,
            resolution,
            node,
            manager,
            verdict: isFailed ? "failed" : "passed",
            reused: resolution === "locked",
            startedAt: "2026-11-25T21:04:11.000Z",
            durationMs: 480 + ((index * 37) % 400),
            dependencies: dependencies.slice(index % 3, (index % 3) + 4).map((dependency) => ({
              name: dependency.name,
              range: `^${dependency.version.split(".")[0]}.0.0`,
              version: resolution === "lowest" ? `${dependency.version.split(".")[0]}.0.0` : dependency.version,
              kind: "dependency",
            })),
            inputs: [{ name: `${name}@${version} tarball`, digest: `sha512:${"ab".repeat(64)}` }],
            checks: [
              { name: "install", verdict: "passed" },
              {
                name: `import ${name}`,
                verdict: isFailed ? "failed" : "passed",
                ...(isFailed && { message: `yaml.parseDocument is not a function ${hostile}` }),
              },
            ],
            log: isFailed
              ? `TypeError: yaml.parseDocument is not a function\n    at readConfig ${hostile}`
              : "added 5 packages",
            reproduce: `pnpm release cell --package ${name}@${version} --versions ${resolution} --node ${node} --manager ${manager}`,
          };
        }),
      ),
    ),
  );
  return { nodes, managers, resolutions, cells, pairs: makePairs(shape) };
}

function makePairs(shape: EvidenceShape) {
  return makePackages(shape)
    .slice(0, 3)
    .flatMap(({ name, version }) =>
      ["1.2.0", "1.3.0"].map((otherVersion) => ({
        package: name,
        version,
        other: "@acme/cli",
        otherVersion,
        node: "24.15.0",
        manager: "npm",
        verdict: "passed",
        startedAt: "2026-11-25T21:06:02.000Z",
        durationMs: 655,
        key: `sha256:${hashOf(`${name} ${otherVersion}`)}`,
        reused: false,
        log: "added 9 packages",
        reproduce: `pnpm release pair --package ${name}@${version} --with @acme/cli@${otherVersion}`,
      })),
    );
}
