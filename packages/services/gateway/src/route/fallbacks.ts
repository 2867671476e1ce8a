import { HxpError } from "@hxp/errors";
import type { RoutedModel } from "./router.ts";

/**
 * Models that may answer in each model's place: its own fallbacks in their order, then theirs. Two models may fall back on
 * each other; each stands once, and none falls back on itself. Throws CONFIG_RULE_BROKEN for a name that is no model.
 */
export function planFallbacks(models: ReadonlyMap<string, RoutedModel>): ReadonlyMap<string, readonly string[]> {
  return new Map(Array.from(models.keys(), (name) => [name, reachable(name, models)]));
}

function reachable(name: string, models: ReadonlyMap<string, RoutedModel>): readonly string[] {
  const found = new Set([name]);
  // A set can grow while it is walked: this goes on to the fallbacks of those that it finds.
  for (const from of found) {
    for (const to of models.get(from)?.fallbacks ?? []) {
      if (!models.has(to)) {
        throw new HxpError(
          "CONFIG_RULE_BROKEN",
          `Model ${from} falls back on ${to}, which is no model of this gateway`,
        );
      }
      found.add(to);
    }
  }
  found.delete(name);
  return [...found];
}
