import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type GateResult, isBlocking, makeGateInput, policySchema, runGates } from "@hxp/release-gates";
import { gates } from "../../src/judge/gates.ts";
import { openUpstream } from "../../src/registry/open-upstream.ts";
import { applicationName } from "./synthetic-packages.ts";

/** What the process is told, as JSON in its one argument. */
export interface GateOrder {
  gates: readonly string[];
  workspace: string;
  tarball: string;
  databases: string;
  scratch: string;
}

/** What it prints, as one line of JSON. */
export interface GateReport {
  /** Milliseconds from the first gate's start to the last one's end. */
  durationMs: number;
  results: { gate: string; checked: number; verdict: string; durationMs: number }[];
}

const order = JSON.parse(process.argv[2] ?? "") as GateOrder;
const { workspace, tarball, databases, scratch } = order;
const context = { workspace, childEnv: process.env, signal: undefined };
const upstream = await openUpstream(context);
const manifest = JSON.parse(readFileSync(join(workspace, "application/package.json"), "utf8")) as { version: string };
const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
const input = makeGateInput({
  workspace,
  scratch,
  databases,
  packages: [
    {
      name: applicationName,
      version: manifest.version,
      folder: "application",
      private: false,
      manifest: { ...manifest },
      tarball: { path: tarball, integrity },
    },
  ],
  policy: policySchema.parse({ contents: { required: [] }, advisories: { minimumEntries: 1 } }),
  registry: upstream.manifest,
  upstream,
});
const started = performance.now();
const results = await runGates(
  Object.values(gates).filter(({ name }) => order.gates.includes(name)),
  input,
);
const durationMs = performance.now() - started;
const blocking = results.filter((result) => isBlocking(result));
if (blocking.length > 0) throw new Error(`not passed: ${JSON.stringify(blocking.map(withoutDetails), null, 2)}`);
const report: GateReport = {
  durationMs,
  results: results.map(({ gate, checked, verdict, durationMs: took }) => ({
    gate,
    checked,
    verdict,
    durationMs: took,
  })),
};
process.stdout.write(`\n${JSON.stringify(report)}\n`);

function withoutDetails({ details: _details, findings, ...rest }: GateResult): object {
  return { ...rest, findings: findings.slice(0, 5) };
}
