import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSchema, duration, explain, readConfig, renderProblems, secret, z } from "@hxp/config";

const schema = defineSchema({
  id: "https://example.com/service.json",
  title: "A service",
  schema: z.strictObject({
    port: z.int().min(1).max(65_535).default(8080).meta({ description: "Port to listen on.", unit: "TCP port" }),
    timeout: duration().prefault("30s").meta({ description: "Longest request." }),
    token: secret().meta({ description: "Key of the administrator." }),
  }),
});

const folder = await mkdtemp(join(tmpdir(), "config-"));
const file = join(folder, "service.yaml");
await writeFile(file, "port: 80\ntoken: ${env:ADMIN_TOKEN}\n");

const variables = { HXP__TIMEOUT: "2m", ADMIN_TOKEN: "s3cret" };
const result = await readConfig(schema, { file, variables, arguments: ["port=9443"] });
if (result.config === undefined) throw new Error(renderProblems(result.errors));
console.log(result.config); // { port: 9443, timeout: 120000, token: Secret(${env:ADMIN_TOKEN}) }
console.log(await result.config.token.reveal({ variables })); // s3cret
console.log(explain(result, "port")?.overrode); // 80 on line 1 of the file, and the default 8080

const wrong = await readConfig(schema, { file, variables, arguments: ["prot=1", "timeout=soon"] });
console.log(renderProblems(wrong.errors)); // both at once: did you mean port?, expected a duration

await rm(folder, { recursive: true });
