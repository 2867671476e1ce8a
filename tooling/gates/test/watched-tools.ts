import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { makeGateInput } from "@hxp/release-gates";
import type { GateTools } from "../src/gate.ts";

/** What a program saw of its surroundings. */
interface Surroundings {
  env: Record<string, string>;
  cwd: string;
  /** What lay in its home when it began. */
  home: string[];
  /** The path that it was started by. */
  node: string;
}

/** Tools with an environment that nobody should see, and a Node by a path of its own, where {@link readSurroundings} looks. */
export async function watchedTools(folder: string): Promise<GateTools> {
  const bin = join(folder, "node-bin");
  await mkdir(bin, { recursive: true });
  await symlink(process.execPath, join(bin, "node"));
  const { tools } = makeGateInput({ workspace: folder, scratch: folder, packages: [] });
  return {
    ...tools,
    env: {
      ...tools.env,
      HOME: join(folder, "someone"),
      LANG: "C.UTF-8",
      DATABASE_URL: "postgres://someone:hidden@db/",
      npm_config_registry: "https://someone:hidden@registry.example/",
    },
    node: async () => bin,
  };
}

/** A statement that a module can begin with: it writes down what it sees, beside the module. */
export const writeSurroundings = `
const { readdirSync, writeFileSync } = await import("node:fs");
const seen = { env: process.env, cwd: process.cwd(), home: readdirSync(process.env.HOME), node: process.argv0 };
writeFileSync(new URL("surroundings.json", import.meta.url), JSON.stringify(seen));
`;

/** Reads what was written in a folder. */
export async function readSurroundings(folder: string): Promise<Surroundings> {
  return JSON.parse(await readFile(join(folder, "surroundings.json"), "utf8")) as Surroundings;
}
