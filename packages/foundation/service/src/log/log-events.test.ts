import { describe, expect, test } from "vitest";
import { serviceEvents } from "../lifecycle/service-events.ts";
import { createLogger } from "./create-logger.ts";
import { bindLogEvents, defineLogEvents } from "./log-events.ts";
import { renderLogEvents } from "./render-log-events.ts";

const catalogue = defineLogEvents({
  answered: {
    level: "info",
    message: "Answered",
    description: "A request has its answer.",
    fields: {
      status: { type: "number", description: "HTTP status." },
      took: { type: "number", unit: "ms", optional: true, description: "Since the | request." },
    },
  },
  idle: { level: "debug", message: "Idle", description: "Nothing to do." },
});

describe("a catalogue of log events", () => {
  test("gives a function for each event, which writes its level, name, fields and message", () => {
    const written: string[] = [];
    const stream = { write: (line: string) => written.push(line) };
    const events = bindLogEvents(catalogue, createLogger({ service: "s", version: "0", level: "debug", stream }));
    events.answered({ status: 200 });
    events.idle({});
    // @ts-expect-error a field is missing
    events.answered({});
    // @ts-expect-error a field has another type
    events.answered({ status: "200" });
    // @ts-expect-error there is no such field
    events.idle({ status: 200 });
    const [answered, idle] = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answered).toMatchObject({ level: "info", event: "answered", status: 200, message: "Answered" });
    expect(idle).toMatchObject({ level: "debug", event: "idle", message: "Idle" });
  });

  test.each(["level", "time", "event", "message"])("has no field %s, which each line has anyway", (field) => {
    const fields = { [field]: { type: "string", description: "x" } } as const;
    expect(() => defineLogEvents({ bad: { level: "info", message: "x", description: "x", fields } })).toThrow(
      expect.objectContaining({ code: "USAGE_INVALID", message: expect.stringContaining(`bad has a field ${field}`) }),
    );
  });

  test("becomes a table", () => {
    const lines = renderLogEvents(catalogue).split("\n");
    expect(lines.map((line) => line.replaceAll(/ {2,}/g, " ").replaceAll(/-{3,}/g, "---"))).toEqual([
      "| event | level | message | when | fields |",
      "| --- | --- | --- | --- | --- |",
      "| `answered` | info | Answered | A request has its answer. | `status` (number): HTTP status.<br>`took` (number, ms, optional): Since the \\| request. |",
      "| `idle` | debug | Idle | Nothing to do. | |",
    ]);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test("of the service itself describes each event and field", () => {
    const table = renderLogEvents(serviceEvents);
    for (const name of Object.keys(serviceEvents)) expect(table).toContain(`\`${name}\``);
  });
});
