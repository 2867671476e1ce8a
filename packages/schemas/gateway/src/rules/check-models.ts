import type { RuleFinding } from "@hxp/config";
import type { GatewaySections } from "../gateway-shape.ts";

/**
 * What is wrong with models of which nobody answers for one, or which fall back on a model that nobody answers for. `served`
 * are names of models that are served beside the gateway and need no upstream. Paths begin at the gateway's section.
 */
export function checkModels(models: GatewaySections["models"], served: readonly string[] = []): RuleFinding[] {
  const isKnown = (name: string): boolean => served.includes(name) || Object.hasOwn(models, name);
  return Object.entries(models).flatMap(([name, { upstreams, fallbacks }]): RuleFinding[] => {
    const path = ["models", name];
    const idle = {
      path: [...path, "upstreams"],
      message: `Model ${name} has no upstream, and no model of this name is served here: nobody answers for it.`,
      expected: "at least one upstream, or a model of this name under models.serve",
    };
    const strays = fallbacks.flatMap((fallback, index) => {
      if (isKnown(fallback)) return [];
      const message = `Model ${name} falls back on ${fallback}, which is no model of this gateway.`;
      return [{ path: [...path, "fallbacks", index], message, expected: "the name of another model" }];
    });
    return upstreams.length === 0 && !served.includes(name) ? [idle, ...strays] : strays;
  });
}
