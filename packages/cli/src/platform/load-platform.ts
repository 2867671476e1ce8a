import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type ConfigResult, parseConfig, renderProblems, requireConfig } from "@hxp/config";
import { type GatewayConfig, gatewaySchema } from "@hxp/schema-gateway";
import { type ModelsConfig, modelsSchema } from "@hxp/schema-model";
import { chooseEnvironment, readPlatform } from "@hxp/schema-platform";
import { type StorageConfig, storageSchema } from "@hxp/schema-storage";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { operatorLogOf } from "../keys/record-act.ts";
import { builtInPlatform } from "./built-in-platform.ts";
import { type DataPaths, locateData } from "./data-folder.ts";
import { type HxpConfig, hxpSchema } from "./hxp-schema.ts";

/** A platform that a command works on. */
export interface Platform {
  readonly name: string;
  /** Absolute path of `hxp.yaml`; undefined: the built-in platform. */
  readonly file: string | undefined;
  readonly gateway: GatewayConfig;
  readonly models: ModelsConfig;
  readonly storage: StorageConfig;
  readonly paths: DataPaths;
  /** Audit log of what is done by this command; the server's own is `gateway.audit.file`. */
  readonly operatorLog: string;
}

/** The part of {@link PlatformFlags} that decides which configuration is read. */
export type ConfigFlags = Partial<Pick<PlatformFlags, "config" | "environment" | "set">>;

type Surroundings = Pick<CliWorld, "cwd" | "variables" | "signal">;

/** Reads the platform that the flags name. Warnings go to standard error. Throws CONFIG_INVALID with all problems. */
export async function loadPlatform(flags: ConfigFlags & { data?: string }, world: CliWorld): Promise<Platform> {
  const { result, file } = await readHxp(flags, world);
  const config = requireConfig(result);
  if (result.warnings.length > 0) world.writeError(`${renderProblems(result.warnings)}\n\n`);
  const { variables, cwd } = world;
  const paths = locateData({ chosen: flags.data, configured: config.paths.data, variables, cwd });
  const sections = fillSections(config, paths);
  return { file, paths, ...sections, operatorLog: operatorLogOf(sections.gateway.audit.file ?? paths.auditLog) };
}

/** Reads `hxp.yaml`, or the built-in platform where none is named and none lies in the working folder. */
export async function readHxp(
  { config, environment, set = [] }: ConfigFlags,
  { cwd, variables, signal }: Surroundings,
): Promise<{ result: ConfigResult<HxpConfig>; file: string | undefined }> {
  const file = findFile(config, cwd);
  if (file !== undefined) {
    const options = { file, environment, variables, arguments: set, signal };
    return { file, result: await readPlatform({ schema: hxpSchema, ...options }) };
  }
  const content = JSON.stringify(builtInPlatform());
  const result = parseConfig(hxpSchema, {
    files: [{ layer: "file", file: "the built-in platform", content }],
    environment: chooseEnvironment(environment, variables),
    variables,
    arguments: set,
  });
  return { file, result };
}

function findFile(named: string | undefined, cwd: string): string | undefined {
  if (named !== undefined) return resolve(cwd, named);
  const usual = resolve(cwd, "hxp.yaml");
  return existsSync(usual) ? usual : undefined;
}

/** Sections that are left out have their defaults, and folders that are not set lie in the data folder. */
function fillSections(
  { name, gateway, models, storage }: HxpConfig,
  paths: DataPaths,
): Pick<Platform, "name" | "gateway" | "models" | "storage"> {
  const front = gateway ?? requireConfig(parseConfig(gatewaySchema));
  const served = models ?? requireConfig(parseConfig(modelsSchema));
  const kept = storage ?? requireConfig(parseConfig(storageSchema));
  return {
    name,
    gateway: {
      ...front,
      usage: { ...front.usage, spool: front.usage.spool ?? paths.spool },
      audit: { ...front.audit, file: front.audit.file ?? paths.auditLog },
    },
    models: { ...served, store: served.store ?? paths.models },
    storage: { ...kept, folder: kept.folder ?? paths.storage },
  };
}
