import { describe, expect, test } from "vitest";
import { parseHelp } from "../help/parse-help.ts";
import { toProgramHelp } from "./program-help.ts";

const commander = `Usage: hxp [options] [command]

Run models.

Options:
  -V, --version           output the version number
  --config <file>         default: hxp.yaml, or
                          --none of it
  --no-color              no colours
  -h, --help              display help for command

Commands:
  up [options]            run the platform: gateway, models
                          and storage
  keys                    make keys
  remove|rm [options] <x>  remove one
  help [command]          display help for command

Begin with: hxp up
`;

const yargs = `tool <command>

Commands:
  tool serve [port]  start a server
  tool list          list all  [aliases: ls]

Options:
      --version  Show version number  [boolean]
  -p, --port     port to bind on  [number]
`;

const cac = `tool/1.0.0

Usage:
  $ tool build [root]

Options:
  --base <path>  public base path
  -w, --watch [dir]  rebuild (default: false)
`;

const python = `usage: train.py [-h] [--steps STEPS] [--[no-]resume]

options:
  -h, --help            show this help
  --steps STEPS         how many
  --[no-]resume         go on
`;

describe("toProgramHelp", () => {
  test("reads what commander prints", () => {
    const { commands, flags, takesArguments } = toProgramHelp(parseHelp(commander));
    expect([...commands]).toEqual(["up", "keys", "remove", "rm", "help"]);
    expect(Object.fromEntries(flags)).toEqual({
      "--help": false,
      "-h": false,
      "-V": false,
      "--version": false,
      "--config": true,
      "--no-color": false,
    });
    expect(takesArguments).toBe(false);
  });

  test("reads what yargs prints, which has no usage line", () => {
    const { commands, flags, takesArguments } = toProgramHelp(parseHelp(yargs));
    expect([...commands]).toEqual(["serve", "list", "ls"]);
    expect([...flags.keys()]).toContain("--port");
    expect(takesArguments).toBeUndefined();
  });

  test("reads what cac prints", () => {
    const { commands, flags, takesArguments } = toProgramHelp(parseHelp(cac));
    expect(commands.size).toBe(0);
    expect([flags.get("--base"), flags.get("-w"), flags.get("--watch")]).toEqual([true, true, true]);
    expect(takesArguments).toBe(true);
  });

  test("reads what argparse prints", () => {
    const { flags, takesArguments } = toProgramHelp(parseHelp(python));
    expect([flags.get("--steps"), flags.get("--resume"), flags.get("--no-resume")]).toEqual([true, false, false]);
    expect(takesArguments).toBe(false);
  });
});
