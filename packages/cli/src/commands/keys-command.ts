import { createPepper } from "@hxp/gateway";
import { endpointNames } from "@hxp/schema-storage";
import { type Command, Option } from "commander";
import {
  addCommand,
  addGroup,
  collectList,
  parseCount,
  parseAmount,
  type PlatformFlags,
  printResult,
} from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { parseDuration, parseFuture } from "../cli/parse-time.ts";
import { addKey, type KeyChange, listKeys, type MadeKey, renewKey, withdrawKey } from "../keys/change-keys.ts";
import { type KeyFlags, toKeyRequest } from "../keys/key-flags.ts";
import { renderKeys, showKey } from "../keys/render-keys.ts";
import { loadPlatform, type Platform } from "../platform/load-platform.ts";
import { openPepper } from "../platform/open-pepper.ts";
import { openStoresFor } from "../platform/open-stores.ts";

/** `hxp keys`: on the storage itself, so it works whether a server runs or not; a server sees a change within 2 s. */
export function addKeysCommand(program: Command, world: CliWorld): void {
  const keys = addGroup(program, "keys", "make, list, rotate and revoke API keys, whether a server runs or not");
  addCreate(keys, world);
  addCommand(keys, {
    words: "list",
    description: "list all keys, without their secrets",
    examples: ["hxp keys list", "hxp keys list --json"],
    platform: true,
  }).action((flags: PlatformFlags) =>
    withKeys(world, flags, async ({ store, now }) => {
      const shown = (await listKeys(store)).map((key) => showKey(key, now));
      printResult(world, flags, { result: { keys: shown }, text: renderKeys(shown) });
    }),
  );
  addCommand(keys, {
    words: "rotate <id>",
    description: "give a key a new secret; the old one goes on for a while",
    examples: ["hxp keys rotate 0123456789abcdef", "hxp keys rotate 0123456789abcdef --overlap 7d"],
    platform: true,
  })
    .addOption(
      new Option("--overlap <duration>", "how long the old secret is still taken; 0s: no longer")
        .default(86_400_000, "24h")
        .argParser(parseDuration),
    )
    .action((id: string, flags: PlatformFlags & { overlap: number }) => rotate(world, id, flags));
  addCommand(keys, {
    words: "revoke <id>",
    description: "take a key no longer, for good",
    examples: ["hxp keys revoke 0123456789abcdef"],
    platform: true,
  }).action((id: string, flags: PlatformFlags) =>
    withKeys(world, flags, async (change) => {
      const record = await withdrawKey(id, change);
      const text = `Revoked ${record.id} (${record.name}). Running servers take it for at most 2 s more.`;
      printResult(world, flags, { result: { key: showKey(record, change.now) }, text });
    }),
  );
}

function addCreate(keys: Command, world: CliWorld): void {
  addCommand(keys, {
    words: "create",
    description: "make a key and print it, once",
    examples: [
      "hxp keys create --name laptop",
      "hxp keys create --name ci --team platform --models guide --rpm 60 --expires 90d",
      "hxp keys create --name operator --admin",
    ],
    platform: true,
  })
    .requiredOption("--name <name>", "what the key is for")
    .option("--owner <owner>", "who answers for it; default: the user who runs this command")
    .option("--team <team>", "team whose limits and usage it counts to")
    .option("--models <names>", "models that it may use, a,b; default: all", collectList)
    .option("--endpoints <names>", `endpoints of ${endpointNames.join(", ")}; default: all`, collectList)
    .addOption(new Option("--expires <when>", "2026-12-31, or 90d from now; default: never").argParser(parseFuture))
    .addOption(bounded("--rpm <count>", "requests a minute"))
    .addOption(bounded("--tpm <count>", "tokens a minute, of prompts and answers together"))
    .addOption(bounded("--concurrency <count>", "requests at the same time"))
    .addOption(bounded("--budget-tokens <count>", "tokens a period"))
    .addOption(new Option("--budget-cost <amount>", "cost a period, by the models' prices").argParser(parseAmount))
    .addOption(new Option("--budget-period <period>", "default: month").choices(["day", "month"]))
    .addOption(new Option("--priority <class>", "default: default").choices(["interactive", "default", "bulk"]))
    .option("--admin", "may use the admin API")
    .action((flags: KeyFlags) => create(world, flags));
}

function bounded(flag: string, text: string): Option {
  return new Option(flag, text).argParser(parseCount);
}

async function create(world: CliWorld, flags: KeyFlags): Promise<void> {
  const request = toKeyRequest(flags, Date.now());
  await withKeys(world, flags, async ({ platform, ...change }) => {
    const made = await addKey(request, { ...change, pepper: await readPepper(platform, world) });
    const note = `Made the key ${made.record.name} for ${made.record.owner}.`;
    printMade(world, flags, { made, now: change.now, note });
  });
}

async function rotate(world: CliWorld, id: string, flags: PlatformFlags & { overlap: number }): Promise<void> {
  await withKeys(world, flags, async ({ platform, ...change }) => {
    const pepper = await readPepper(platform, world);
    const made = await renewKey(id, { ...change, pepper, overlapMs: flags.overlap });
    const until = made.record.previousUntil;
    const old = until === undefined ? "The old secret is taken no longer." : `The old secret is taken until ${until}.`;
    printMade(world, flags, { made, now: change.now, note: `Rotated ${made.record.id} (${made.record.name}). ${old}` });
  });
}

function printMade(
  world: CliWorld,
  flags: PlatformFlags,
  { made, now, note }: { made: MadeKey; now: number; note: string },
): void {
  const text = `${note} It is shown only now, because only its hash is kept:\n\n  ${made.key}`;
  printResult(world, flags, { result: { secret: made.key, key: showKey(made.record, now) }, text });
}

async function withKeys(
  world: CliWorld,
  flags: PlatformFlags,
  work: (change: KeyChange & { readonly platform: Platform }) => Promise<void>,
): Promise<void> {
  const platform = await loadPlatform(flags, world);
  await using stores = await openStoresFor(world, platform);
  await work({ platform, store: stores.keys, auditLog: platform.operatorLog, now: Date.now() });
}

async function readPepper({ gateway, paths }: Platform, { variables }: CliWorld) {
  return createPepper(await openPepper({ configured: gateway.keys.pepper, file: paths.pepper, variables }));
}
