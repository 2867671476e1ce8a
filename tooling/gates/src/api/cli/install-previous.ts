import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { isHxpError } from "@hxp/errors";
import { consumerEnvironment } from "../../aged/consumer-environment.ts";
import { openAgedRegistry } from "../../aged/open-aged-registry.ts";
import type { ComparisonContext, ReleasedPackage } from "../compare-package.ts";
import { listOwn, longestHistory } from "./own-dependencies.ts";

/** Where a package is installed, or why it cannot be. */
export type Installation = { folder: string } | { problem: string };

const timeout = 300_000;

/**
 * Installs the last release of a package as a consumer does, from a registry that has the last releases of all, and no
 * version of a third party that is too young by the policy.
 */
export async function installPrevious(item: ReleasedPackage, context: ComparisonContext): Promise<Installation> {
  const { input } = context;
  const { before } = item;
  if (before === undefined) return { problem: `${item.after.name} has no last release.` };
  const specifier = `${before.name}@${before.version}`;
  const project = join(input.scratch, "programs", before.name.replaceAll("/", "-"));
  try {
    const own = await collectTarballs(item, context);
    const { workspace, policy, now, upstream, tools } = input;
    const origin = await input.serve([...own.values()].flat());
    const isOwn = (name: string): boolean => own.has(name);
    await using registry = await openAgedRegistry({ workspace, policy, now, registry: origin, upstream, isOwn });
    await rm(project, { recursive: true, force: true });
    await mkdir(project, { recursive: true });
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    // Of what is too young, the registry says nothing; the last releases are never too young.
    await writeFile(join(project, "pnpm-workspace.yaml"), "minimumReleaseAge: 0\nignoreScripts: true\n");
    const env = await consumerEnvironment(tools.env, { folder: join(project, ".config"), registry: registry.url });
    await execa("pnpm", ["add", "--ignore-scripts", specifier], {
      cwd: project,
      env: { ...env, CI: "true" },
      extendEnv: false,
      timeout,
      ...(input.signal === undefined ? {} : { cancelSignal: input.signal }),
    });
    return { folder: join(project, "node_modules", before.name) };
  } catch (error) {
    input.signal?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    const lines = message.split("\n").map((line) => line.trim());
    const line = isHxpError(error) ? message : (lines.find((text) => text.includes("ERR_PNPM")) ?? lines[0] ?? "");
    return { problem: `${specifier} cannot be installed, so its programs are unknown: ${line}` };
  }
}

/** By name, tarballs of the last releases, and of own packages that are not released now but that a program needs. */
async function collectTarballs(item: ReleasedPackage, context: ComparisonContext): Promise<Map<string, string[]>> {
  const { released, input } = context;
  const last = released.flatMap(({ base, after }): [string, string[]][] =>
    base === undefined ? [] : [[after.name, [base.tarball]]],
  );
  const known = new Set(released.map(({ after }) => after.name));
  const others = [...(await listOwn(item, context)).keys()].filter((name) => !known.has(name));
  const histories = await Promise.all(
    others.map(async (name): Promise<[string, string[]]> => {
      const history = await input.history(name, longestHistory);
      return [name, history.map(({ tarball }) => tarball)];
    }),
  );
  return new Map([...last, ...histories].filter(([, tarballs]) => tarballs.length > 0));
}
