export { runCli } from "./run-cli.ts";
export { hxpSchema } from "./platform/hxp-schema.ts";
export type { CliWorld } from "./cli/cli-world.ts";
export type { Progress } from "./output/progress.ts";
export type { HxpConfig, WrittenHxp } from "./platform/hxp-schema.ts";
