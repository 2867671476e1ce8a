import { HxpError, isHxpError } from "@hxp/errors";

const hints: Readonly<Record<string, string>> = {
  "28P01": "Check the user in url, and the password that its reference leads to.",
  "28000": "Check the user in url, and what the server's pg_hba.conf allows.",
  "3D000": "Create the database that url names.",
  "42501": "Grant the user the right to use and create tables in the database's schema.",
  "53300": "The server has no connection left: lower pool.size, or raise its max_connections.",
  "57014": "The statement took longer than timeouts.statement: look at the server's load.",
  "25006": "The server only reads, as a standby does: let url lead to the primary.",
};

// https://www.postgresql.org/docs/current/errcodes-appendix.html: no answer, refused, or gave up.
const unavailable = /^(08|28|3D|53|55|57|58|XX|40|25006|42501)/;

/** What PostgreSQL or its driver threw, as one of our errors; ours stay as they are. */
export function toStorageError(thrown: unknown, name: string): HxpError {
  // The password is read for every connection, and may be missing while it is being replaced.
  if (isHxpError(thrown, "CONFIG_REFERENCE_MISSING")) {
    return new HxpError("STORAGE_UNAVAILABLE", `PostgreSQL at ${name} is not asked: ${thrown.message}`);
  }
  if (isHxpError(thrown)) return thrown;
  const { message } = thrown instanceof Error ? thrown : { message: String(thrown) };
  const code = sqlStateOf(thrown);
  if (code !== undefined && !unavailable.test(code)) {
    return new HxpError("INTERNAL", `PostgreSQL at ${name} refused a statement (${code}): ${message}.`);
  }
  const hint = code === undefined ? undefined : hints[code];
  // Without the cause: what the driver throws can hold the connection, and with it the password.
  return new HxpError("STORAGE_UNAVAILABLE", `PostgreSQL at ${name} does not answer: ${describe(thrown, message)}.`, {
    ...(hint === undefined ? {} : { hint }),
    details: { database: name, ...(code === undefined ? {} : { sqlState: code }) },
  });
}

/** The five characters by which PostgreSQL names an error; undefined: it was not the server that threw. */
export function sqlStateOf(thrown: unknown): string | undefined {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E") ? code : undefined;
}

/** Node throws one error for all addresses that it tried, without a message of its own. */
function describe(thrown: unknown, message: string): string {
  if (!(thrown instanceof AggregateError)) return message;
  return thrown.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(", ");
}
