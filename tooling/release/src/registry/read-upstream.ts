import { HxpError } from "@hxp/errors";
import { z } from "zod";
import type { ReleaseContext } from "../release-context.ts";
import { runCommand } from "../workspace/run-command.ts";

/** Where third-party packages come from. */
export interface Upstreams {
  /** What has no registry of its own; undefined when it cannot be told. */
  registry: string | undefined;
  /** Registries of scopes, which start with `@`. */
  scopes: ReadonlyMap<string, string>;
}

const settingsSchema = z.looseObject({ registry: z.string().default("") });

/**
 * The registries as pnpm is set up in the workspace, wherever that stands, with those that it has built in. Throws
 * RELEASE_CONFIG_INVALID where the registry of a scope is no URL: no other one may be asked for its names.
 */
export async function readUpstreams({
  workspace,
  childEnv: env,
}: Pick<ReleaseContext, "workspace" | "childEnv">): Promise<Upstreams> {
  const output = await runCommand(["pnpm", "config", "list", "--json"], { cwd: workspace, env, timeoutMs: 30_000 });
  const settings = settingsSchema.parse(JSON.parse(output));
  const scopes = Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    const scope = /^(@[^/:]+):registry$/.exec(name)?.[1];
    return scope === undefined ? [] : [[scope, readUrl(name, value)]];
  });
  return { registry: URL.parse(settings.registry)?.href, scopes: new Map(scopes) };
}

/** The registry of third-party packages that have none by their scope. */
export async function readUpstream(
  context: Pick<ReleaseContext, "workspace" | "childEnv">,
): Promise<string | undefined> {
  return (await readUpstreams(context)).registry;
}

function readUrl(name: string, value: unknown): string {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (url !== null) return url.href;
  throw new HxpError("RELEASE_CONFIG_INVALID", `pnpm is set up with ${name}=${String(value)}, which is no URL`);
}
