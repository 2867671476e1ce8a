import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes an `hxp.yaml` whose one model is simulated, on free ports. */
export function writeSimulated(folder: string, settings: Record<string, unknown> = {}): void {
  const platform = {
    schema: 1,
    name: "test",
    gateway: { listen: { port: 0 }, probe: { port: 0 }, drain: { deadline: "40s" } },
    models: { serve: { sim: { engine: "simulator", source: "none", settings } } },
  };
  writeFileSync(join(folder, "hxp.yaml"), JSON.stringify(platform));
}
