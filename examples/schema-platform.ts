import { fileURLToPath } from "node:url";
import { explain, renderProblems } from "@hxp/config";
import { readPlatform } from "@hxp/schema-platform";

const result = await readPlatform({
  file: fileURLToPath(new URL("hxp.yaml", import.meta.url)),
  environment: "production-north",
  variables: { HXP__RELEASE__CHANNEL: "next", HXP_REGISTRY_TOKEN: "a token" },
});
if (result.config === undefined) throw new Error(renderProblems(result.errors));

console.log(result.config.release.minimumAge); // 259200000
console.log(String(result.config.release.token)); // Secret(${env:HXP_REGISTRY_TOKEN})
console.log(explain(result, "release.channel")?.origin); // the variable, and in `overrode` the line of the file
