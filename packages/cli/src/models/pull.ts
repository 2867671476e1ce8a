import { defineSchema, parseConfig, requireConfig, type Secret, secret, z } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { pullModel, type PullProgress, readCatalogue } from "@hxp/model";
import { type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderDuration, renderSize } from "../output/render-size.ts";
import { prepareData } from "../platform/data-folder.ts";
import { loadPlatform } from "../platform/load-platform.ts";

/** Flags of `hxp models pull`. */
export type PullFlags = PlatformFlags & {
  sha256?: string;
  name?: string;
  licence?: string;
  tokenEnv?: string;
  hub?: string;
};

/** Fetches a model into the store. */
export async function pull(world: CliWorld, source: string, flags: PullFlags): Promise<void> {
  const { models, paths } = await loadPlatform(flags, world);
  if (models.store === paths.models) await prepareData(paths);
  const { hub, tokenEnv } = flags;
  const manifest = await pullModel({
    store: models.store ?? paths.models,
    ...choose(source, flags),
    ...(hub === undefined ? {} : { hub }),
    ...(tokenEnv === undefined ? {} : { token: tokenFrom(tokenEnv) }),
    onProgress: (progress) => world.progress.show(renderPull(progress)),
    signal: world.signal,
  });
  const { name, size, sha256, pinned } = manifest;
  const pin = pinned === "given" ? "" : " No digest was given, so this first pull pins it.";
  const text = `Pulled ${name}: ${renderSize(size)}, sha256 ${sha256}.${pin}\n\n  Serve it under models.serve in hxp.yaml: { ${name}: { source: ${name} } }`;
  printResult(world, flags, { result: manifest, text });
}

/** A name in the catalogue has its source, digest and licence there; what is given counts more. */
function choose(source: string, { sha256, name, licence }: PullFlags) {
  const entry = readCatalogue().find((model) => model.name === source);
  // Neither an address nor a path on the hub: a name was meant.
  if (entry === undefined && !source.includes("/")) {
    throw new HxpError("MODEL_SOURCE_INVALID", `The catalogue has no model ${JSON.stringify(source)}`);
  }
  const digest = sha256 ?? entry?.sha256;
  const given = { name: name ?? entry?.name, licence: licence ?? entry?.licence };
  return { source: entry?.pullSource ?? source, ...(digest === undefined ? {} : { sha256: digest }), ...given };
}

/** The reference to a variable, so that the token itself gets into no message. */
function tokenFrom(variable: string): Secret {
  const schema = defineSchema({
    id: "urn:hxp:schema:pull:1",
    title: "A token",
    schema: z.strictObject({ token: secret().meta({ description: "Token for the source." }) }),
  });
  return requireConfig(parseConfig(schema, { arguments: [`token=\${env:${variable}}`] })).token;
}

const barLength = 30;

/** `[#####     ] 42 % of 2.4 GB, 31.0 MB/s, 45.1 s to go` */
export function renderPull({ bytes, size, bytesPerSecond, remainingMs }: PullProgress): string {
  const rate = bytesPerSecond === 0 ? "" : `, ${renderSize(bytesPerSecond)}/s`;
  if (size === undefined) return `${renderSize(bytes)}${rate}`;
  const share = size === 0 ? 1 : bytes / size;
  const bar = "#".repeat(Math.round(share * barLength)).padEnd(barLength);
  const eta = remainingMs === undefined ? "" : `, ${renderDuration(remainingMs)} to go`;
  return `[${bar}] ${Math.floor(share * 100)} % of ${renderSize(size)}${rate}${eta}`;
}
