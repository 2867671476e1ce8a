#!/usr/bin/env -S env MALLOC_ARENA_MAX=2 node --max-semi-space-size=4
const oldest = 22;

// Imported after the check: older Nodes fail inside of a dependency, with an error that helps nobody.
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`hxp needs Node ${oldest} or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 2;
} else {
  const { runCli } = await import("./run-cli.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}
