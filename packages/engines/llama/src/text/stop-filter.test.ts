import { expect, test } from "vitest";
import { createRandom } from "../../test/tiny-model.ts";
import { StopFilter } from "./stop-filter.ts";

test("what may become a stop text waits until that is decided", () => {
  const filter = new StopFilter(["STOP"]);
  expect(filter.push("goST")).toEqual({ text: "go", isStopped: false });
  expect(filter.push("O")).toEqual({ text: "", isStopped: false });
  expect(filter.push("RE")).toEqual({ text: "STORE", isStopped: false });
  expect(filter.push("S")).toEqual({ text: "", isStopped: false });
  expect(filter.flush()).toBe("S");
});

test("text ends before the first of several stop texts", () => {
  expect(new StopFilter(["xyz", "b"]).push("abcxyz")).toEqual({ text: "a", isStopped: true });
});

test("an empty stop text stops nothing", () => {
  expect(new StopFilter([""]).push("abc")).toEqual({ text: "abc", isStopped: false });
});

test("however a text is cut into pieces, the same comes out", () => {
  const random = createRandom(3);
  const pick = (length: number): string => Array.from({ length }, () => "ab"[Math.floor(random() * 2)]).join("");
  for (let round = 0; round < 500; round += 1) {
    const text = pick(30);
    const stops = [pick(1 + Math.floor(random() * 5)), pick(6)];
    const whole = filterPieces(text, stops, () => text.length);
    expect(filterPieces(text, stops, () => 1)).toBe(whole);
    expect(filterPieces(text, stops, () => 1 + Math.floor(random() * 4))).toBe(whole);
    if (stops.every((stop) => !text.includes(stop))) expect(whole).toBe(text);
    else expect(whole).toMatch(/!$/);
  }
});

function filterPieces(text: string, stops: readonly string[], nextLength: () => number): string {
  const filter = new StopFilter(stops);
  let out = "";
  let at = 0;
  while (at < text.length) {
    const end = at + nextLength();
    const released = filter.push(text.slice(at, end));
    out += released.text;
    if (released.isStopped) return `${out}!`;
    at = end;
  }
  return out + filter.flush();
}
