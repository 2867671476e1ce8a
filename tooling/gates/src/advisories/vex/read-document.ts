import { z } from "zod";
import type { Statement, StatementFile, StatementProblem } from "./statement.ts";

/** What a document of a format is, and where its statements stand. */
export interface DocumentFormat<Document> {
  /** As `OpenVEX document`. */
  title: string;
  schema: z.ZodType<Document>;
  /** The key of the statements. */
  key: string;
  statements: (document: Document) => readonly unknown[];
  read: (value: unknown, document: Document, where: string) => Statement | StatementProblem;
}

/** Reads each statement of a document by itself: one that cannot be read does not hide the others. */
export function readDocument<Document>(
  value: unknown,
  file: string,
  { title, schema, key, statements, read }: DocumentFormat<Document>,
): StatementFile {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const message = `It is no ${title}:\n${z.prettifyError(parsed.error)}`;
    return { statements: [], problems: [{ where: file, message }] };
  }
  const results = statements(parsed.data).map((statement, index) =>
    read(statement, parsed.data, `${file} ${key}[${index}]`),
  );
  return {
    statements: results.flatMap((result) => ("message" in result ? [] : [result])),
    problems: results.flatMap((result) => ("message" in result ? [result] : [])),
  };
}
