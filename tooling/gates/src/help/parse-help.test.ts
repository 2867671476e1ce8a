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
    expect(parseHelp(text)).toEqual({
      hasUsage: true,
      takesCommand: false,
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
        { name: "help", aliases: [] },
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
    expect(parseHelp(text)).toEqual({
      hasUsage: false,
      takesCommand: true,
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
    const { options, arguments: values } = parseHelp(text);
    expect(options.map(({ names, isRequired }) => [names[0], isRequired])).toEqual([
      ["--token", true],
      ["--retries", false],
    ]);
    expect(values).toEqual([{ name: "file", isRequired: true, isVariadic: false }]);
  });

  test("reads what cac prints: a usage on lines of its own, optional values", () => {
    const text = `tool/1.0.0

Usage:
  $ tool build [root]

Options:
  --base <path>  public base path
  -w, --watch [dir]  rebuild (default: false)
`;
    expect(parseHelp(text)).toEqual({
      hasUsage: true,
      takesCommand: false,
      arguments: [{ name: "root", isRequired: false, isVariadic: false }],
      options: [
        { names: ["--base"], value: "required", isRequired: false },
        { names: ["--watch", "-w"], value: "optional", isRequired: false },
      ],
      commands: [],
    });
  });

  test("reads what argparse prints: values in capitals", () => {
    const text = `usage: train.py [-h] [--steps STEPS] [--[no-]resume]

options:
  -h, --help            show this help
  --steps STEPS         how many
  --[no-]resume         go on
`;
    expect(parseHelp(text)).toEqual({
      hasUsage: true,
      takesCommand: false,
      arguments: [],
      options: [
        { names: ["--help", "-h"], value: "none", isRequired: false },
        { names: ["--steps"], value: "required", isRequired: false },
        { names: ["--no-resume", "--resume"], value: "none", isRequired: false },
      ],
      commands: [],
    });
  });

  test("reads flags in sections of any name, and headings without a colon", () => {
    const text = `Usage: tool [options]

What it does, with <no argument>:

  - this
  - and that

Network:
  --port <n>  the port

COMMANDS
  run         run it
  usage       what was used
  Words that  are no command

Then begin
  stop        is no command
`;
    const { options, commands, arguments: values } = parseHelp(text);
    expect(options.map(({ names }) => names)).toEqual([["--port"]]);
    expect(commands.map(({ name }) => name)).toEqual(["run", "usage"]);
    expect(values).toEqual([]);
  });

  test("reads flags below the usage line, which are no arguments", () => {
    const { options, arguments: values } = parseHelp(
      `Usage: tool [options...] <url>\n -d, --data <text>  send\n -f, --fail         fail\n`,
    );
    expect(options.map(({ names, value }) => [names[0], value])).toEqual([
      ["--data", "required"],
      ["--fail", "none"],
    ]);
    expect(values.map(({ name }) => name)).toEqual(["url"]);
  });
});
