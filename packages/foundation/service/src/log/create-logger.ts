import { hostname } from "node:os";
import { pino } from "pino";
import { cleanFields } from "./clean-fields.ts";
import { redact } from "@hxp/errors";

/** Facts of a log line beside its message. Content of requests and secrets are masked by {@link cleanFields}. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How much a log line matters, least first. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Writes JSON lines. A logger of pino fits, so a service may bring its own. */
export interface Logger {
  trace(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
  /** A logger whose lines carry more fields, such as a request's id. */
  child(fields: LogFields): Logger;
}

/** Where log lines go: `process.stdout`, or anything that takes text. */
export interface LogStream {
  write(line: string): unknown;
}

/** What {@link createLogger} takes. */
export interface LoggerOptions {
  /** Name of the service; the field `service` of each line. */
  service: string;
  version: string;
  /** The least level that is written; `silent` writes nothing. Default `info`. */
  level?: LogLevel | "silent";
  /** Default `process.stdout`. */
  stream?: LogStream;
  /** Milliseconds since 1970. */
  clock?: () => number;
  host?: string;
  pid?: number;
}

/**
 * Makes a logger that writes one JSON object a line: `level`, `time` (ISO 8601), `service`, `version`, `pid`, `host`, the
 * fields, `message`. What looks like a secret or is content of a request is masked, whatever logs it.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { service, version, level = "info", stream = process.stdout, clock = Date.now } = options;
  return pino(
    {
      level,
      base: { service, version, pid: options.pid ?? process.pid, host: options.host ?? hostname() },
      messageKey: "message",
      errorKey: "error",
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      // Errors are made plain by cleanFields before pino sees them.
      serializers: { error: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        bindings: (bindings) => cleanBindings(bindings),
        log: (fields) => cleanFields(fields),
      },
      hooks: {
        logMethod(args, method) {
          const [fields, message] = args as [unknown, unknown];
          const text = typeof message === "string" ? message : "";
          // One argument each: pino would read % in a text as a format.
          method.apply(this, [fields as object, "%s", redact(text)]);
        },
      },
    },
    stream,
  );
}

/** The base fields are ours; those of a child are anyone's. */
function cleanBindings(bindings: Record<string, unknown>): Record<string, unknown> {
  const isBase = "service" in bindings && "version" in bindings && "host" in bindings;
  return isBase ? bindings : cleanFields(bindings);
}
