import type { Rule } from "@hxp/config";
import type { ModelsShape } from "../models-shape.ts";

/** A model has one digest. */
export const digestsAgree: Rule<ModelsShape> = {
  reads: ["serve"],
  check: ({ serve }) =>
    Object.entries(serve)
      .filter(([, { source, sha256 }]) => source.startsWith("sha256:") && sha256 !== undefined)
      .filter(([, { source, sha256 }]) => source !== `sha256:${sha256}`)
      .map(([name, { source, sha256 }]) => ({
        path: ["serve", name, "sha256"],
        message: `serve.${name}.sha256 is ${sha256}, but serve.${name}.source is ${source}: a file has one digest.`,
        expected: "the digest of the source, or none",
      })),
};

/** A file that anybody may replace is served with its digest. */
export const fileIsPinned: Rule<ModelsShape> = {
  reads: ["serve"],
  check: ({ serve }) =>
    Object.entries(serve)
      .filter(
        ([, { engine, source, sha256 }]) => engine !== "simulator" && source.startsWith("/") && sha256 === undefined,
      )
      .map(([name, { source }]) => ({
        path: ["serve", name, "sha256"],
        message: `serve.${name}.sha256 is not set: nothing notices when ${source} is replaced.`,
        severity: "warning",
        expected: `the digest that \`sha256sum ${source}\` prints`,
      })),
};

/** Layers go to a GPU only with a build of the engine that knows one. */
export const gpuHasVariant: Rule<ModelsShape> = {
  reads: ["serve"],
  check: ({ serve }) =>
    Object.entries(serve)
      .filter(([, { gpuLayers, variant }]) => gpuLayers > 0 && variant === "cpu")
      .map(([name, { gpuLayers }]) => ({
        path: ["serve", name, "variant"],
        message: `serve.${name}.gpuLayers is ${gpuLayers}, but serve.${name}.variant is cpu, a build that uses no GPU.`,
        expected: "cuda or vulkan, or gpuLayers 0",
      })),
};
