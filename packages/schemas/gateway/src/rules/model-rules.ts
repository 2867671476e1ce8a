import type { Rule } from "@hxp/config";
import type { GatewaySections } from "../gateway-shape.ts";

/** An upstream is reached by a URL or by a socket. */
export const upstreamHasOneAddress: Rule<GatewaySections> = {
  reads: ["models"],
  check: ({ models }) =>
    Object.entries(models).flatMap(([name, { upstreams }]) =>
      upstreams.flatMap(({ url, socket }, index) => {
        if ((url === undefined) !== (socket === undefined)) return [];
        const found = url === undefined ? "neither url nor socket" : "both url and socket";
        return [
          {
            path: ["models", name, "upstreams", index],
            message: `Upstream ${index} of model ${name} has ${found}.`,
            expected: "one of url and socket",
          },
        ];
      }),
    ),
};

/** A fallback is another model of this gateway. */
export const fallbacksExist: Rule<GatewaySections> = {
  reads: ["models"],
  check: ({ models }) =>
    Object.entries(models).flatMap(([name, { fallbacks }]) =>
      fallbacks.flatMap((fallback, index) => {
        const isKnown = Object.hasOwn(models, fallback) && fallback !== name;
        if (isKnown && fallbacks.indexOf(fallback) === index) return [];
        return [
          {
            path: ["models", name, "fallbacks", index],
            message: `Model ${name} falls back on ${fallback}, which is ${describe(fallback, { name, isKnown })}.`,
            expected: "the name of another model under models, once",
          },
        ];
      }),
    ),
};

function describe(fallback: string, { name, isKnown }: { name: string; isKnown: boolean }): string {
  if (fallback === name) return "the model itself";
  return isKnown ? "named twice" : "no model of this gateway";
}
