import { HxpError } from "@hxp/errors";
import { createCredential, createRegistryClient, readRegistryState } from "@hxp/release-registry";
import { type BenchWorld, withFreshRegistry } from "./bench-world.ts";
import { type Contender, contenders, type Effort } from "./contenders.ts";
import { channel, packageNames, versions } from "./make-workspace.ts";

/** One contender's run. */
export interface Run extends Effort {
  contender: string;
  /** Milliseconds during which the channel pointed to a mix of two releases. */
  tornMs: number;
  /** Packages whose channel tag points to the released version at the end, as the registry says. */
  published: number;
}

/** Runs every contender once per round. The order moves on by one each round, so that nobody is always the first. */
export async function measureRelease(world: BenchWorld, rounds: number, onRun: (run: Run) => void): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < contenders.length; place += 1) {
      world.signal.throwIfAborted();
      const contender = contenders[(round + place) % contenders.length];
      if (contender === undefined) continue;
      const run = await runContender(world, contender);
      runs.push(run);
      onRun(run);
    }
  }
  return runs;
}

/** Runs a contender on a fresh registry. One that does not get every package there is COMMAND_FAILED. */
export async function runContender(world: BenchWorld, { name, run }: Contender): Promise<Run> {
  const { result, seen } = await withFreshRegistry(world, async ({ url, token }) => {
    const effort = await run(world);
    const client = createRegistryClient({ url, credential: createCredential({ secret: token, source: "the bench" }) });
    return { effort, state: await readRegistryState(client, packageNames(world.packages)) };
  });
  const published = Object.values(result.state).filter(({ tags }) => tags[channel] === versions.released).length;
  if (published !== world.packages || seen.movedAt.length !== published) {
    throw new HxpError("COMMAND_FAILED", `${name} published ${published} of ${world.packages} packages`);
  }
  const tornMs = Math.max(...seen.movedAt) - Math.min(...seen.movedAt);
  return { contender: name, ...result.effort, tornMs, published };
}
