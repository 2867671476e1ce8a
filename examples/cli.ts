import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hxpSchema, runCli } from "@hxp/cli";
import { readPlatform } from "@hxp/schema-platform";

const folder = await mkdtemp(join(tmpdir(), "hxp-"));
const file = join(folder, "hxp.yaml");

await runCli(["init", file, "--name", "chat"]); // 0: a commented file
await runCli(["config", "check", file]); // 0: it is right
await runCli(["config", "explain", "gateway.listen.port", "--config", file, "--set", "gateway.listen.port=9000"]);

const { config } = await readPlatform({ schema: hxpSchema, file });
console.log(Object.keys(config?.models?.serve ?? {})); // ["guide"], the embedded model

await rm(folder, { recursive: true });
