import { createLogger } from "../log/create-logger.ts";
import { runService } from "../lifecycle/run-service.ts";
import { startStreams } from "./stream-service.ts";

// A whole process for tests: says on stdout where it listens, in its log what happens, by its exit code how it ended.
const { DEADLINE_MS = "30000", SLOW_START } = process.env;

process.exitCode = await runService({
  name: "streams",
  version: "1.2.3",
  log: createLogger({ service: "streams", version: "1.2.3" }),
  probe: { port: 0 },
  drain: { deadlineMs: Number(DEADLINE_MS), graceMs: 2_000 },
  start: async (context) => {
    if (SLOW_START !== undefined) {
      context.phase("loading a model", 45_000);
      await new Promise((_, reject) =>
        context.signal.addEventListener("abort", () => reject(context.signal.reason as Error)),
      );
    }
    const service = await startStreams(context);
    context.log.info({ address: service.address }, "Listening");
    return service;
  },
});
