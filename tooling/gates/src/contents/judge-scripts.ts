import type { Observation } from "../create-gate.ts";
import { consumerScripts, type ContentsPolicy } from "../policy/contents-policy.ts";
import type { PackedManifest } from "./packed-manifest.ts";

/** Finds lifecycle scripts that the policy lets packages have, and that the last release had not, or others. */
export function judgeScripts(
  manifest: PackedManifest | undefined,
  last: PackedManifest | undefined,
  policy: ContentsPolicy,
): Observation[] {
  return Object.entries(manifest?.scripts ?? {})
    .filter(([name]) => consumerScripts.includes(name) && !policy.scripts.includes(name))
    .filter(([name, text]) => last?.scripts?.[name] !== text)
    .map(([name, text]) => ({
      rule: "lifecycle-script-new",
      where: `package.json scripts.${name}`,
      message: `The lifecycle script ${name} is ${JSON.stringify(text)}; in the last release it was ${JSON.stringify(last?.scripts?.[name] ?? null)}.`,
      why: "It runs on the consumer's machine at install time: the way in which npm worms spread.",
      fix: "Look at what it runs. If it is meant, waive contents/lifecycle-script-new for this release.",
      severity: "error",
    }));
}
