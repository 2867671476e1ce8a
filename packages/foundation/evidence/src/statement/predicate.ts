import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { validate } from "../validate.ts";
import { createStatement, type Statement, type Subject } from "./statement.ts";

/** A kind of predicate: its type URI, its schema, and how its statements are made and read. */
export interface PredicateKind<Predicate extends object> {
  /** The predicate type URI. */
  readonly type: string;
  /** The zod schema of the predicate. */
  readonly schema: z.ZodType<Predicate>;
  /** Makes a statement about the subjects, further fields included; throws STATEMENT_INVALID naming the field that is wrong. */
  create<Given extends Predicate>(subjects: readonly Subject[], predicate: Given): Statement<Given>;
  /** Checks a statement and returns it typed; another predicate type throws PREDICATE_REFUSED, a wrong field STATEMENT_INVALID. */
  parse(statement: Statement): Statement<Predicate>;
  /** The JSON Schema (draft 2020-12) of the predicate. */
  jsonSchema(): Readonly<Record<string, unknown>>;
}

/** Defines a kind of predicate from its type URI and schema. Unknown fields are kept: later minor versions may add some. */
export function definePredicate<Predicate extends object>(
  type: string,
  schema: z.ZodType<Predicate>,
): PredicateKind<Predicate> {
  const check = (predicate: unknown): Predicate =>
    validate(schema, predicate, { code: "STATEMENT_INVALID", what: `the ${type} statement`, path: ["predicate"] });
  return {
    type,
    schema,
    create: (subjects, predicate) => {
      check(predicate);
      return createStatement({ subjects, predicateType: type, predicate });
    },
    parse: (statement) => {
      if (statement.predicateType !== type) {
        throw new HxpError("PREDICATE_REFUSED", `the statement is a ${statement.predicateType}, expected ${type}`);
      }
      return { ...statement, predicate: check(statement.predicate) };
    },
    jsonSchema: () => ({ $id: type, ...z.toJSONSchema(schema, { io: "input" }) }),
  };
}
