import { createLogger } from "../log/create-logger.ts";

/** Logs, and is gone within the same turn of the event loop: by `process.exit`, or by an error that nobody caught. */
const log = createLogger({ service: "short", version: "1" });
log.info({}, "last words");
if (process.argv[2] === "exit") process.exit(3);
throw new Error("uncaught");
