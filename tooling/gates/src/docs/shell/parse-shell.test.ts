import { describe, expect, test } from "vitest";
import { parseShell } from "./parse-shell.ts";

const wordsOf = (text: string): string[][] =>
  parseShell(text).commands.map(({ words }) => words.map((word) => (word.isLiteral ? word.text : `?${word.text}`)));

describe("parseShell", () => {
  test.each<[string, string, string[][]]>([
    ["lists and pipes", "a 1 && b || c; d | e & f\ng", [["a", "1"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]],
    ["comments, and none inside a word", "a # b\nc d#e '#f'", [["a"], ["c", "d#e", "#f"]]],
    ["quotes and escapes", String.raw`a "b \"c" 'd "e' f\ g`, [["a", 'b "c', 'd "e', "f g"]]],
    ["lines that go on", "a \\\n  b", [["a", "b"]]],
    ["assignments before a program, and alone", "A=1 B='2 3' c d=4\nE=5", [["c", "d=4"]]],
    ["redirections", "a > b 2>&1 < c <<< d &> e >> f g", [["a", "g"]]],
    ["texts inside of a document", "cat <<'END' > x\nrm -rf /\nEND\nb", [["cat"], ["b"]]],
    ["what the reader fills in", "a <this one> --b=<c> <d", [["a", "?<this one>", "?--b=<c>"]]],
    ["what the shell fills in", 'a $b "${c}d" *.md ~/x e…', [["a", "?$b", "?${c}d", "?*.md", "?~/x", "?e…"]]],
    ["substitutions", 'a=$(b "$(c d)" | e) && f "`g`"', [["c", "d"], ["b", "?$(c d)"], ["e"], ["g"], ["f", "?`g`"]]],
    ["loops and conditions", "for i in 1 2; do a; done\nif ! b; then c; fi", [["a"], ["b"], ["c"]]],
    ["parentheses", "(cd a && b)", [["cd", "a"], ["b"]]],
    ["empty words", 'a "" b', [["a", "", "b"]]],
  ])("reads %s", (_title, text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test("says at which line a command begins", () => {
    expect(parseShell("a \\\n b\n\nc $(\nd)").commands.map(({ line }) => line)).toEqual([0, 4, 3]);
  });

  test.each([
    ["x\na 'b", 1],
    ['a "b', 0],
    ["a $(b", 0],
    ["a `b", 0],
    ['a $(b "c)', 0],
    ["a <<END\nb", 1],
  ])("refuses %j", (text, line) => {
    expect(parseShell(text).problem).toMatchObject({ line });
  });
});
