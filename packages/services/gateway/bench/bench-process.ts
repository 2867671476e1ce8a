import { toHxpError } from "@hxp/errors";
import { runGatewayBench } from "./run-gateway-bench.ts";

// The bench as a program, for its test: with stores in memory, and without what the workspace knows.
const controller = new AbortController();
process.on("SIGINT", () => controller.abort(new Error("stopped by a signal")));
process.channel?.unref();

try {
  process.exitCode = await runGatewayBench(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    signal: controller.signal,
  });
} catch (error) {
  const { message, exitCode } = toHxpError(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = controller.signal.aborted ? 130 : exitCode;
}
