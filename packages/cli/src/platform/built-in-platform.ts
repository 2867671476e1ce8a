import type { WrittenHxp } from "./hxp-schema.ts";

/** What runs where there is no `hxp.yaml`, and what `hxp init` writes: the embedded model, on this computer only. */
export function builtInPlatform(name = "hxp"): WrittenHxp {
  return {
    schema: 1,
    name,
    gateway: { listen: { host: "127.0.0.1", port: 8000 } },
    models: { serve: { guide: { source: "guide" } } },
  };
}
