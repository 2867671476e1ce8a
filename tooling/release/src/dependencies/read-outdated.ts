import { relative } from "node:path";
import { HxpError } from "@hxp/errors";
import { z } from "zod";
import { runCommand } from "../workspace/run-command.ts";

/** A direct dependency of the workspace that has a newer version. */
export interface OutdatedDependency {
  name: string;
  /** The version that the lockfile has. */
  current: string;
  /** The newest one, not younger than pnpm's `minimumReleaseAge`. */
  latest: string;
  /** Whether consumers of a package get it, or only who develops here. */
  kind: "production" | "development";
  /** Folders of the packages that name it, relative to the workspace, `.` for its root. */
  dependents: string[];
}

const answerSchema = z.record(
  z.string(),
  z.looseObject({
    current: z.string().optional(),
    latest: z.string(),
    dependencyType: z.string(),
    dependentPackages: z.array(z.looseObject({ location: z.string() })).default([]),
  }),
);

/** Asks pnpm which direct dependencies of a workspace have newer versions, ordered by name. Throws COMMAND_FAILED. */
export async function readOutdated(
  workspace: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<OutdatedDependency[]> {
  // pnpm ends with 1 when it found something, and with 1 when it failed: only the output tells which.
  const command = ["pnpm", "outdated", "--recursive", "--format", "json"];
  const output = await runCommand(command, { cwd: workspace, env, signal, answersWith: [1] });
  const answer = answerSchema.safeParse(parseJson(output));
  if (!answer.success) {
    throw new HxpError("COMMAND_FAILED", `\`pnpm outdated\` did not answer as expected: ${output.slice(0, 500)}`);
  }
  return Object.entries(answer.data)
    .flatMap(([name, { current, latest, dependencyType, dependentPackages }]): OutdatedDependency[] => {
      // What is not installed yet is not outdated.
      if (current === undefined || current === latest) return [];
      const dependents = dependentPackages.map(({ location }) => relative(workspace, location) || ".");
      const kind = dependencyType === "devDependencies" ? "development" : "production";
      return [{ name, current, latest, kind, dependents: dependents.toSorted() }];
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trim() === "" ? "{}" : text);
  } catch {
    return undefined;
  }
}
