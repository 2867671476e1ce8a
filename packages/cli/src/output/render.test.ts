import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createProgress } from "./progress.ts";
import { renderDuration, renderSize } from "./render-size.ts";
import { renderCsv } from "./render-csv.ts";
import { renderTable } from "./render-table.ts";
import { renderCurl, renderWelcome } from "./render-welcome.ts";
import { renderLogLine } from "./text-log-stream.ts";

const welcome = {
  url: "http://127.0.0.1:8000",
  probe: "http://127.0.0.1:9090",
  key: "hxp_0123456789abcdef_secret",
  models: ["guide"],
  questions: { model: "guide", questions: ["What's HXP?", "b", "c", "d"] },
  data: "/data",
  startedInMs: 1234,
};

describe("the welcome", () => {
  test("has the key, the address, three questions and where data lies", () => {
    const text = renderWelcome(welcome);
    for (const part of ["http://127.0.0.1:8000 (ready in 1.2 s)", "  hxp_0123456789abcdef_secret\n", "/data", "Ctrl-C"])
      expect(text).toContain(part);
    expect(text).toContain("• What's HXP?\n  • b\n  • c\n");
    expect(text).not.toContain("• d");
  });

  test("names the way to another key when the first was shown before, and no snippet holds one", () => {
    const text = renderWelcome({ ...welcome, key: undefined });
    expect(text).toContain("hxp keys create --name");
    expect(text).toContain("Bearer $HXP_API_KEY");
    expect(text).toContain("process.env.HXP_API_KEY");
    expect(text).not.toMatch(/hxp_[0-9a-z]{16}/);
  });

  test("says so when there is no model to ask", () => {
    const text = renderWelcome({ ...welcome, models: [], questions: undefined });
    expect(text).toContain("none: name one under gateway.models");
    expect(text).not.toContain("curl");
  });

  test("quotes a question for the shell as it is", () => {
    const curl = renderCurl({ ...welcome, model: "guide", question: `What's "$HOME" \\ ?` });
    const printed = execFileSync("/bin/sh", ["-c", curl.replace(/^curl/, "printf '%s\\n'")], { encoding: "utf8" });
    const body: unknown = JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "");
    expect(body).toMatchObject({ messages: [{ content: `What's "$HOME" \\ ?` }] });
  });
});

describe("progress", () => {
  function collect(isTerminal: boolean) {
    let text = "";
    let now = 0;
    const progress = createProgress({
      write: (part) => void (text += part),
      isTerminal,
      columns: () => 30,
      clock: () => now,
    });
    return { progress, text: () => text, later: (ms: number) => void (now += ms) };
  }

  test("is plain lines in a pipe, one in five seconds", () => {
    const { progress, text, later } = collect(false);
    progress.show("one");
    later(100);
    progress.show("two");
    later(5_000);
    progress.show("three");
    progress.say("done");
    expect(text()).toBe("one\nthree\ndone\n");
  });

  test("is one live line on a terminal, never longer than it, below what stays", () => {
    const { progress, text } = collect(true);
    progress.show("x".repeat(50));
    progress.say("stays");
    progress.clear();
    expect(text()).toBe(`\r\u001B[2K${"x".repeat(29)}\r\u001B[2Kstays\n${"x".repeat(29)}\r\u001B[2K`);
  });
});

test("a line of the log is text for people on a terminal, and one that is no JSON stays as it is", () => {
  const line = { level: "warn", time: "now", service: "hxp", pid: 1, event: "e", message: "It died", model: "guide" };
  expect(renderLogLine(`${JSON.stringify({ ...line, error: { message: "no luck" } })}\n`)).toBe(
    'warn: It died (model=guide error="no luck")',
  );
  expect(renderLogLine("plain\n")).toBe("plain");
});

test("cells that a spreadsheet would run are quoted in CSV", () => {
  expect(
    renderCsv(
      ["a", "b"],
      [
        ['say "hi", you', 1],
        ["=1+1", 2],
      ],
    ),
  ).toBe('a,b\r\n"say ""hi"", you",1\r\n\'=1+1,2');
});

test("a table's columns are as wide as their widest cell, numbers to the right", () => {
  expect(
    renderTable(
      ["a", "n"],
      [
        ["long", "1"],
        ["x", "22"],
      ],
      { right: [1] },
    ),
  ).toBe("a      n\nlong   1\nx     22");
});

test("sizes and times are in the units that people read", () => {
  expect([0, 999, 1000, 3_863_264, 5e12].map(renderSize)).toEqual(["0 B", "999 B", "1.0 kB", "3.9 MB", "5.0 TB"]);
  expect([90, 59_900, 125_000].map(renderDuration)).toEqual(["0.1 s", "59.9 s", "2 min 5 s"]);
});
