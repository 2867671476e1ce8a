/** The layers, lowest first: each overrides those before it. */
export const layerNames = ["defaults", "file", "environment-file", "variables", "arguments"] as const;

/** The name of a layer: schema defaults, `hxp.yaml`, `hxp.<environment>.yaml`, `HXP__…` variables, `--set` arguments. */
export type LayerName = (typeof layerNames)[number];

/** Where a value came from. Lines and columns count from 1. */
export type Origin =
  | { layer: "defaults" }
  | { layer: "file" | "environment-file"; file: string; line: number; column: number }
  | { layer: "variables"; variable: string }
  | { layer: "arguments"; argument: string };

/** Says where a value came from: `hxp.yaml:3:7`, `variable HXP__NAME`, `argument --set name`, `default`. */
export function formatOrigin(origin: Origin): string {
  if ("line" in origin) return `${origin.file}:${origin.line}:${origin.column}`;
  if (origin.layer === "variables") return `variable ${origin.variable}`;
  return origin.layer === "arguments" ? `argument ${origin.argument}` : "default";
}
