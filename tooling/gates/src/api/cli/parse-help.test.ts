import { describe, expect, test } from "vitest";
import { parseHelp } from "./parse-help.ts";

describe("parseHelp", () => {
  test("reads what commander prints, wrapped descriptions, aliases and arguments included", () => {
    const text = `Usage: tool keys|k [options] <id> [names...]

make, list
and revoke keys: all of them

Options:
  -p, --port <number>    port of the gateway; default: gateway.listen.port; 0:
                         any free one
  --color [when]         --not-a-flag in a description
  --no-cache             do not keep anything
  -h, --help             display help for command

Commands:
  create|c [options]     make a key and print it, once
  rotate [options] <id>  give a key a new secret
  help [command]         display help for command

Examples:
  $ tool keys create --name a
  --this-is-no-flag
`;
    expect(parseHelp(text, ["tool", "keys"])).toEqual({
      arguments: [
        { name: "id", isRequired: true, isVariadic: false },
        { name: "names", isRequired: false, isVariadic: true },
      ],
      options: [
        { names: ["--port", "-p"], value: "required", isRequired: false },
        { names: ["--color"], value: "optional", isRequired: false },
        { names: ["--no-cache"], value: "none", isRequired: false },
        { names: ["--help", "-h"], value: "none", isRequired: false },
      ],
      commands: [
        { name: "create", aliases: ["c"] },
        { name: "rotate", aliases: [] },
      ],
    });
  });

  test("reads what yargs prints: full paths, types, required flags", () => {
    const text = `tool <command>

Commands:
  tool serve [port]  start the server  [aliases: s, start]
  tool stop          stop it

Options:
      --version  Show version number                      [boolean]
  -p, --port     port to bind on      [number] [required] [default: 3000]
      --[no-]log write a log                              [boolean]
`;
    expect(parseHelp(text, ["tool"])).toEqual({
      arguments: [],
      options: [
        { names: ["--version"], value: "none", isRequired: false },
        { names: ["--port", "-p"], value: "required", isRequired: true },
        { names: ["--no-log", "--log"], value: "none", isRequired: false },
      ],
      commands: [
        { name: "serve", aliases: ["s", "start"] },
        { name: "stop", aliases: [] },
      ],
    });
  });

  test("takes a flag outside brackets in the usage line for one that must be given", () => {
    const text =
      "Usage: tool --token <text> [--retries <n>] [options] <file>\n\nOptions:\n  --token <text>  a\n  --retries <n>   b\n";
    const { options, arguments: values } = parseHelp(text, ["tool"]);
    expect(options.map(({ names, isRequired }) => [names[0], isRequired])).toEqual([
      ["--token", true],
      ["--retries", false],
    ]);
    expect(values).toEqual([{ name: "file", isRequired: true, isVariadic: false }]);
  });
});
