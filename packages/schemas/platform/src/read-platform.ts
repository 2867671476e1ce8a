import {
  type ConfigOf,
  type ConfigResult,
  type ConfigSchema,
  readConfig,
  type ReadConfigOptions,
  type Variables,
} from "@hxp/config";
import { platformSchema } from "./platform-schema.ts";

/** Which environment a command is for: the command line's, else `HXP_ENVIRONMENT`, else `development`. */
export function chooseEnvironment(chosen: string | undefined, variables: Variables = process.env): string {
  const named = [chosen, variables["HXP_ENVIRONMENT"]].find((name) => name !== undefined && name !== "");
  return named ?? "development";
}

/** What {@link readPlatform} takes. */
export interface ReadPlatformOptions<Schema extends ConfigSchema = typeof platformSchema> extends Omit<
  ReadConfigOptions,
  "file"
> {
  /** Default `hxp.yaml` in the working folder. */
  file?: string | undefined;
  /** A schema with sections, from `composePlatformSchema`; default: without any. */
  schema?: Schema | undefined;
}

/**
 * Reads `hxp.yaml` (or `file`), the file of the environment beside it, `HXP__…` variables and `arguments`, for the environment that
 * {@link chooseEnvironment} gives. Content never makes it throw.
 */
export async function readPlatform<Schema extends ConfigSchema = typeof platformSchema>({
  schema = platformSchema as unknown as Schema,
  file = "hxp.yaml",
  ...options
}: ReadPlatformOptions<Schema> = {}): Promise<ConfigResult<ConfigOf<Schema>>> {
  const environment = chooseEnvironment(options.environment, options.variables);
  return readConfig(schema, { ...options, file, environment });
}
