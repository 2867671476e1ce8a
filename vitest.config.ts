import { defineConfig } from "vitest/config";
import { countsReporter } from "./test/counts-reporter.ts";

export default defineConfig({
  resolve: { conditions: ["@hxp/source"] },
  ssr: { resolve: { conditions: ["@hxp/source"] } },
  test: {
    include: ["packages/**/*.test.ts", "tooling/**/*.test.ts", "bench/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.hxp/**", "**/fixtures/**"],
    environment: "node",
    pool: "forks",
    // Tests wait for processes more than they compute: the default leaves a processor idle.
    maxWorkers: "100%",
    // Children resolve workspace packages to their sources, too.
    execArgv: ["--conditions=@hxp/source"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A second, the default, is less than a child process needs to start on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    restoreMocks: true,
    allowOnly: false,
    reporters: ["default", countsReporter],
  },
});
