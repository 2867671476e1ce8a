import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Nothing of the user's but the PATH, so that no setting, token or proxy of theirs has a say. */
export function makeEnvironment(folder: string): NodeJS.ProcessEnv {
  const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
  for (const path of [home, temporary]) mkdirSync(path);
  const tools = join(import.meta.dirname, "../../../node_modules/.bin");
  return {
    PATH: [tools, process.env["PATH"]].join(delimiter),
    HOME: home,
    XDG_CACHE_HOME: join(folder, "cache"),
    XDG_DATA_HOME: join(folder, "data"),
    TMPDIR: temporary,
    GIT_CONFIG_NOSYSTEM: "1",
    CI: "true",
    NO_COLOR: "1",
  };
}
