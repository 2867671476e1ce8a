import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { requireConfig, parseConfig } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { writeFileDurably } from "@hxp/evidence/durable";
import type { Command } from "commander";
import { addCommand, type CommonFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { hxpSchema } from "../platform/hxp-schema.ts";
import { renderPlatformFile } from "../platform/render-platform-file.ts";

type InitFlags = CommonFlags & { name: string; force?: boolean };

/** `hxp init`: writes a commented hxp.yaml. */
export function addInitCommand(program: Command, world: CliWorld): void {
  addCommand(program, {
    words: "init [file]",
    description: "write a commented hxp.yaml for the built-in platform; editors complete it",
    examples: ["hxp init", "hxp init --name chat platforms/chat.yaml"],
  })
    .option("--name <name>", "name of the platform", "hxp")
    .option("--force", "replace a file that is there")
    .action((file: string | undefined, flags: InitFlags) => {
      const path = resolve(world.cwd, file ?? "hxp.yaml");
      writePlatformFile(path, flags);
      const text = `Wrote ${path}\n\n  hxp config check   says whether it is right\n  hxp up             runs it`;
      printResult(world, flags, { result: { file: path }, text });
    });
}

function writePlatformFile(path: string, { name, force }: InitFlags): void {
  if (existsSync(path) && force !== true) {
    throw new HxpError("FILE_EXISTS", `${path} is there already`, { details: { path } });
  }
  const content = renderPlatformFile({ name, schema: findSchema(dirname(path)) });
  // A name that is none is found here, not by the first command that reads the file.
  requireConfig(parseConfig(hxpSchema, { files: [{ layer: "file", file: path, content }] }));
  writeFileDurably(path, content);
}

/** The schema as an editor finds it: by a path that others who check the file out have too, where there is one. */
function findSchema(folder: string): string {
  const installed = createRequire(import.meta.url).resolve("@hxp/cli/schema.json");
  const shared = "node_modules/@hxp/cli/schema.json";
  if (existsSync(resolve(folder, shared))) return `./${shared}`;
  const path = relative(folder, installed);
  return path.startsWith("..") ? installed : `./${path}`;
}
