import { expect, test } from "vitest";
import { createRandom } from "../../test/tiny-model.ts";
import { randomSchema } from "../../test/random-schema.ts";
import { checkGbnf } from "./check-gbnf.ts";
import { jsonObjectGrammar, schemaToGrammar } from "./schema-to-grammar.ts";

test.each([
  'root ::= "a"',
  'root ::= "yes" | "no" # one of both\n',
  'root ::=\n  "a" |\n  "b"\n\nnot-root ::= root+\n',
  'root ::= (\n  [a-z\\]] | "\\"" # in the middle\n){2, 3} .{1,}',
  'root ::= x{0} "\\x41\\u00e4\\U0001F600"\r\nx ::= [^\\n"]*',
])("%j is a grammar", (grammar) => {
  expect(() => checkGbnf(grammar)).not.toThrow();
});

test("what schemas become is a grammar", () => {
  const random = createRandom(3);
  const grammars = Array.from({ length: 100 }, () => schemaToGrammar(randomSchema(random)));
  for (const grammar of [jsonObjectGrammar(), ...grammars]) expect(() => checkGbnf(grammar)).not.toThrow();
});

test.each([
  ["", "it lacks root"],
  ['start ::= "a"', "it lacks root"],
  ["root ::= missing", "another rule"],
  ['root ::= "a"\nroot', "it ends within a rule"],
  ['root ::= ( "a"', "it ends within a rule"],
  ['root ::= "a" )', "line 1 closes"],
  ['root ::= "a"\n\n"b"', "line 3 lacks the name"],
  ['root "a"', "line 1 lacks ::="],
  ['root ::= "a" x ::= "b"', "line 1 has ::="],
  ["root ::= | *", "line 1 repeats nothing"],
  ['root ::= "a"{3,1}', "line 1 repeats"],
  ['root ::= "a"{99999999999999999999}', "line 1 repeats"],
  ['root ::= "a"{1,5000}', "line 1 repeats"],
  ['root ::= "\\q"', "no part of GBNF"],
  ['root ::= "open', "no part of GBNF"],
])("%j is refused, and not repeated in the message", (grammar, problem) => {
  expect(() => checkGbnf(`${grammar} # secret`)).toThrow(
    expect.objectContaining({
      code: "ENGINE_REQUEST_INVALID",
      message: expect.stringMatching(new RegExp(`^(?!.*secret).*${problem}`)) as string,
    }) as Error,
  );
});
