import { type ConfigResult, readConfig, type ReadConfigOptions, type Variables } from "@hxp/config";
import { type PlatformConfig, platformSchema } from "./platform-schema.ts";

/** Which environment a command is for: the command line's, else `HXP_ENVIRONMENT`, else `development`. */
export function chooseEnvironment(chosen: string | undefined, variables: Variables = process.env): string {
  const named = [chosen, variables["HXP_ENVIRONMENT"]].find((name) => name !== undefined && name !== "");
  return named ?? "development";
}

/**
 * Reads `hxp.yaml` (or `file`), the file of the environment beside it, `HXP__…` variables and `arguments`, for the environment that
 * {@link chooseEnvironment} gives. Content never makes it throw.
 */
export async function readPlatform(options: ReadConfigOptions = {}): Promise<ConfigResult<PlatformConfig>> {
  const environment = chooseEnvironment(options.environment, options.variables);
  return readConfig(platformSchema, { file: "hxp.yaml", ...options, environment });
}
