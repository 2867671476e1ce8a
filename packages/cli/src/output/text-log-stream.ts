import type { LogStream } from "@hxp/service";

/** Turns the lines of JSON of a log into text for people, without line breaks at their ends. */
export function createTextLogStream(write: (text: string) => void): LogStream {
  return {
    write: (line) => {
      // The command ends with this very error, and says what to do about it.
      if (line.includes('"event":"serviceStartFailed"')) return;
      write(renderLogLine(line));
    },
  };
}

const base = new Set(["level", "time", "service", "version", "pid", "host", "event", "message"]);

/** `warn: An upstream changed its state (target=guide/0 state=open)`; a line that is no JSON stays as it is. */
export function renderLogLine(line: string): string {
  const fields = parse(line);
  if (fields === undefined) return line.trimEnd();
  const others = Object.entries(fields).filter(([name]) => !base.has(name));
  const facts = others.map(([name, value]) => `${name}=${renderFact(value)}`).join(" ");
  return `${String(fields["level"])}: ${String(fields["message"])}${facts === "" ? "" : ` (${facts})`}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function renderFact(value: unknown): string {
  if (typeof value === "object" && value !== null && "message" in value) return JSON.stringify(value.message);
  return typeof value === "string" && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}
