import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recogniseLicences } from "./recognise-licences.ts";

const folder = join(import.meta.dirname, "../../../licence-texts");
const textOf = (id: string): string => readFileSync(join(folder, `${id}.txt`), "utf8");
const mit = textOf("MIT");

describe("recogniseLicences", () => {
  test.each(readdirSync(folder).map((file) => file.replace(/\.txt$/, "")))("knows %s by its text", (id) => {
    const { licences, otherWords, restriction } = recogniseLicences(textOf(id));
    expect(licences).toEqual([id.replace(/\.header$/, "")]);
    expect(otherWords).toBeLessThanOrEqual(3);
    expect(restriction).toBeUndefined();
  });

  test.each<[string, string, string[]]>([
    ["in capitals", mit.toUpperCase(), ["MIT"]],
    ["in other lines", mit.replaceAll(/\s+/g, " "), ["MIT"]],
    ["as a comment", mit.replaceAll(/^/gm, " * "), ["MIT"]],
    ["without its title, with an owner", `Copyright 2020 by Acme.\n${mit.replace("MIT License\n", "")}`, ["MIT"]],
    ["with a line that begins with copyright", mit.replaceAll(" copyright", "\ncopyright"), ["MIT"]],
    ["beside another", `${mit}\n${textOf("BSD-3-Clause")}`, ["BSD-3-Clause", "MIT"]],
    [
      "with a name in its third clause",
      textOf("BSD-3-Clause").replace(
        /Neither the name of .*? nor the names of its contributors/s,
        "Neither the names of Acme Foundation of Somewhere, its friends and daughters, nor the names of helpers",
      ),
      ["BSD-3-Clause"],
    ],
    ["without the instructions behind its end", textOf("Apache-2.0").split("APPENDIX")[0]!, ["Apache-2.0"]],
    ["that is none", "You may do with this what you like, but on Sundays.", []],
    ["that is a word", "MIT", []],
  ])("knows a text %s", (_title, text, licences) => {
    expect(recogniseLicences(text).licences).toEqual(licences);
  });

  test.each([
    ["a clause against selling", '"Commons Clause" License Condition v1.0', "commons clause"],
    ["a use that is excluded", "The Software may not be used for commercial purposes.", "may not be used for"],
    ["a use that alone is allowed", "For non-commercial use only.", "non commercial"],
    ["a moral", "The Software shall be used for Good, not Evil, by all.", "good not evil"],
  ])("sees %s behind a licence", (_title, text, restriction) => {
    expect(recogniseLicences(`${textOf("ISC")}\n\n${text}\n`).restriction).toContain(restriction);
  });

  test("takes what a licence itself says for no restriction", () => {
    expect(recogniseLicences(`${textOf("GPL-2.0")}\n${textOf("BSD-4-Clause")}`).restriction).toBeUndefined();
  });
});
