import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where {@link consumerEnvironment} writes, and what it leads to. */
export interface ConsumerEnvironmentOptions {
  /** Folder for settings; the only one in which package managers look for those of the user. */
  folder: string;
  /** URL of the registry, with a slash at its end. */
  registry: string;
}

/**
 * The environment in which npm and pnpm ask one registry for every name, of whatever scope: no registry of a scope is
 * left of the user's npmrc, of variables, and of pnpm's own files; proxies and certificates of the npmrc stay. What a
 * dependency asks of a registry by a prefix that pnpm knows, such as `gh:`, is not found.
 */
export async function consumerEnvironment(
  env: NodeJS.ProcessEnv,
  { folder, registry }: ConsumerEnvironmentOptions,
): Promise<NodeJS.ProcessEnv> {
  const named = Object.entries(env).find(([name]) => /^npm_config_userconfig$/i.test(name))?.[1];
  const text = named === undefined ? "" : await readFile(named, "utf8").catch(() => "");
  const kept = text.split("\n").filter((line) => !/^\s*["']?(?:@[^=]*:)?registry\b/i.test(line));
  await mkdir(join(folder, "pnpm"), { recursive: true });
  const path = join(folder, "npmrc");
  // pnpm asks another registry for @jsr unless it is told.
  const lines = [...kept, `registry=${registry}`, `@jsr:registry=${registry}`, ""];
  await writeFile(path, lines.join("\n"), { mode: 0o600 });
  const nowhere = new URL("-/prefix/", registry).href;
  const namedRegistries = { gh: nowhere, npmjs: nowhere };
  await writeFile(join(folder, "pnpm/config.yaml"), JSON.stringify({ namedRegistries }));
  const others = Object.entries(env).filter(([name]) => !isRegistrySetting(name));
  return {
    ...Object.fromEntries(others),
    npm_config_userconfig: path,
    npm_config_globalconfig: join(folder, "global-npmrc"),
    XDG_CONFIG_HOME: folder,
  };
}

function isRegistrySetting(name: string): boolean {
  return /^p?npm_config_(?:userconfig|globalconfig|registry|registries|named_registries|@.*:registry)$/i.test(name);
}
