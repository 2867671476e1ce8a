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

/** A model falls back on others, and on each of them once. */
export const fallbacksDiffer: Rule<GatewaySections> = {
  reads: ["models"],
  check: ({ models }) =>
    Object.entries(models).flatMap(([name, { fallbacks }]) =>
      fallbacks.flatMap((fallback, index) => {
        if (fallback !== name && fallbacks.indexOf(fallback) === index) return [];
        return [
          {
            path: ["models", name, "fallbacks", index],
            message: `Model ${name} falls back on ${fallback}, which is ${fallback === name ? "the model itself" : "named twice"}.`,
            expected: "the name of another model, once",
          },
        ];
      }),
    ),
};
