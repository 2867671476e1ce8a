#!/usr/bin/env node
const oldest = 22;

// Imported after the check: older Nodes fail inside of a dependency, with an error that helps nobody.
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(`hxp-report needs Node ${oldest} or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 2;
} else {
  const { runCli } = await import("./cli/run-cli.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}
