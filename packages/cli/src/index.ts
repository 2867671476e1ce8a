export { runCli } from "./run-cli.ts";
export type { CliWorld } from "./cli/cli-world.ts";
export type { Progress } from "./output/progress.ts";
