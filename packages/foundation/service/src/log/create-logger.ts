import { hostname } from "node:os";
import { pino, type Logger as PinoLogger } from "pino";
import { batchLines } from "./batch-lines.ts";
import { cleanFields, cleanText } from "./clean-fields.ts";

/** Facts of a log line beside its message. Content of requests and secrets are masked by {@link cleanFields}. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How much a log line matters, least first. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** Writes JSON lines. The type is small, so that a service may bring a logger of its own. */
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
  /** Default `process.stdout`, by {@link batchLines}. */
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
  const { service, version, level = "info", stream = batchLines(process.stdout), clock = Date.now } = options;
  const logger = pino(
    {
      level,
      base: { service, version, pid: options.pid ?? process.pid, host: options.host ?? hostname() },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date(clock()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return wrapLogger(logger);
}

/** Cleans all that goes in: what pino offers for that does not reach the fields of child loggers. */
function wrapLogger(logger: PinoLogger): Logger {
  const writeAt =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      if (logger.isLevelEnabled(level)) logger[level](cleanFields(fields), cleanText(message));
    };
  return {
    trace: writeAt("trace"),
    debug: writeAt("debug"),
    info: writeAt("info"),
    warn: writeAt("warn"),
    error: writeAt("error"),
    fatal: writeAt("fatal"),
    child: (fields) => wrapLogger(logger.child(cleanFields(fields))),
  };
}
