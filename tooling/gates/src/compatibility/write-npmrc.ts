import { readFile, writeFile } from "node:fs/promises";

/**
 * Writes the user's npmrc to a path without registries of scopes, so that every name is asked of the registry that the
 * command names; proxies and certificates stay. Gives the environment in which npm and pnpm read it.
 */
export async function writeNpmrc(path: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const named = Object.entries(env).find(([name]) => isUserConfig(name))?.[1];
  const text = named === undefined ? "" : await readFile(named, "utf8").catch(() => "");
  const kept = text.split("\n").filter((line) => !/^\s*["']?@[^=]*:registry\b/i.test(line));
  await writeFile(path, kept.join("\n"), { mode: 0o600 });
  const others = Object.entries(env).filter(
    ([name]) => !isUserConfig(name) && !/^npm_config_@.*:registry$/i.test(name),
  );
  return { ...Object.fromEntries(others), npm_config_userconfig: path };
}

function isUserConfig(name: string): boolean {
  return /^npm_config_userconfig$/i.test(name);
}
