import { join } from "node:path";
import { redact, toHxpError } from "@hxp/errors";
import { type BenchOutput, runGatewayBench } from "../packages/services/gateway/bench/run-gateway-bench.ts";
import { runGatesBench } from "../tooling/release/bench/gates/run-gates-bench.ts";
import { runReleaseBench } from "../tooling/release/bench/run-release-bench.ts";

// A benchmark lies beside what it measures, as a test does; this is the list of them.
const benches = new Map([
  ["release", runReleaseBench],
  ["gateway", benchGateway],
  ["gates", runGatesBench],
]);

const [name = "", ...args] = process.argv.slice(2);
const bench = benches.get(name);
const controller = new AbortController();
// Not `once`: execa ends the process at a signal that nobody listens to any more, and the folder would stay.
process.on("SIGINT", () => controller.abort(new Error("stopped by a signal")));
process.on("SIGTERM", () => controller.abort(new Error("stopped by a signal")));

if (bench === undefined) {
  process.stderr.write(`pnpm bench <${[...benches.keys()].join("|")}> [--help]\n`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await bench(args, { write: (text) => process.stdout.write(text), signal: controller.signal });
  } catch (thrown) {
    const { code, message, hint, exitCode } = toHxpError(thrown);
    const isStopped = controller.signal.aborted;
    process.stderr.write(isStopped ? "\nStopped.\n" : redact(`\n${code}: ${message}\n→ ${hint}\n`));
    process.exitCode = isStopped ? 130 : exitCode;
  }
}

/** With the storage that people have. */
function benchGateway(words: readonly string[], output: BenchOutput): Promise<number> {
  return runGatewayBench(words, { ...output, hxpProcess: join(import.meta.dirname, "serve-hxp.ts") });
}
