import { HxpError } from "@hxp/errors";
import { reservedFields } from "./clean-fields.ts";
import type { Logger, LogFields, LogLevel } from "./create-logger.ts";

/** One field of a log event. */
export interface LogField {
  type: "string" | "number" | "boolean" | "object" | "error";
  description: string;
  /** Unit of a number, such as `ms`. */
  unit?: string;
  /** Whether a line may lack it. Default false. */
  optional?: boolean;
}

/** One thing that a service says in its log. */
export interface LogEvent {
  level: LogLevel;
  /** Constant text: what differs from line to line stands in fields. */
  message: string;
  /** When it is written and what an operator does about it. */
  description: string;
  fields?: Readonly<Record<string, LogField>>;
}

/** Everything that a service says in its log, by name. */
export type LogEventCatalogue = Readonly<Record<string, LogEvent>>;

interface FieldTypes {
  string: string;
  number: number;
  boolean: boolean;
  object: object;
  error: unknown;
}

type FieldsOf<Event extends LogEvent> = Event extends { fields: infer Fields extends Record<string, LogField> }
  ? {
      readonly [
        Name in keyof Fields as Fields[Name] extends { optional: true } ? never : Name
      ]: FieldTypes[Fields[Name]["type"]];
    } & {
      readonly [Name in keyof Fields as Fields[Name] extends { optional: true } ? Name : never]?:
        | FieldTypes[Fields[Name]["type"]]
        | undefined;
    }
  : Readonly<Record<string, never>>;

/** A function for each event of a catalogue; it takes the event's fields. */
export type LogEvents<Catalogue extends LogEventCatalogue> = {
  readonly [Name in keyof Catalogue]: (fields: FieldsOf<Catalogue[Name]>) => void;
};

/**
 * Checks a catalogue of log events and gives it back with its exact type. Throws USAGE_INVALID for a field that the logger
 * itself writes.
 */
export function defineLogEvents<const Catalogue extends LogEventCatalogue>(catalogue: Catalogue): Catalogue {
  for (const [name, { fields = {} }] of Object.entries(catalogue)) {
    const taken = Object.keys(fields).find((field) => field === "event" || reservedFields.has(field));
    if (taken === undefined) continue;
    throw new HxpError("USAGE_INVALID", `The log event ${name} has a field ${taken}, which each log line has anyway.`);
  }
  return catalogue;
}

/** Binds a catalogue to a logger: `events.requestFinished({ status: 200 })` writes its line, with `event` as its name. */
export function bindLogEvents<const Catalogue extends LogEventCatalogue>(
  catalogue: Catalogue,
  log: Logger,
): LogEvents<Catalogue> {
  const write = ([event, { level, message }]: [string, LogEvent]) => [
    event,
    (fields: LogFields) => log[level]({ event, ...fields }, message),
  ];
  return Object.fromEntries(Object.entries(catalogue).map(write)) as LogEvents<Catalogue>;
}
