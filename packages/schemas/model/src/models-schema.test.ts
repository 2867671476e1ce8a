import { describe, expect, test } from "vitest";
import { parseConfig } from "@hxp/config";
import { modelCatalogue, modelManifest, modelsSchema } from "@hxp/schema-model";

const digest = "a".repeat(64);
const read = (content: string) =>
  parseConfig(modelsSchema, { files: [{ layer: "file", file: "models.yaml", content }] });
const serve = (written: string) => read(`serve: { tiny: { ${written} } }`);

test("a model needs a source and nothing else", () => {
  expect(serve("source: guide").config?.serve["tiny"]).toEqual({
    engine: "llama",
    source: "guide",
    sequences: 4,
    gpuLayers: 0,
    variant: "cpu",
    memoryReserve: 268_435_456,
    settings: {},
    body: { maxBytes: 33_554_432 },
    drain: { deadline: 60_000 },
  });
  expect(read("{}").config).toEqual({ serve: {} });
});

test.each(["guide", "phi-3-mini", `sha256:${digest}`, "/srv/models/phi.gguf"])("%s is a source", (source) => {
  expect(serve(`source: "${source}", sha256: ${digest}`).errors).toEqual([]);
});

test.each(["../phi.gguf", "/srv/../etc/passwd", "Phi", "sha256:abc", "https://example.com/phi.gguf", ""])(
  "%j is no source",
  (source) => {
    expect(serve(`source: "${source}"`).errors).toMatchObject([{ path: "serve.tiny.source" }]);
  },
);

test.each(["../up", "a/b", "Upper", "a..b", "-a"])("a model cannot be called %s", (name) => {
  expect(read(`serve: { "${name}": { source: guide } }`).errors).not.toEqual([]);
});

describe("rules", () => {
  test("a source that is a digest has no other one", () => {
    const { errors } = serve(`source: "sha256:${digest}", sha256: ${"b".repeat(64)}`);
    expect(errors).toMatchObject([{ code: "CONFIG_RULE_BROKEN", path: "serve.tiny.sha256" }]);
  });

  test("a file without a digest is a warning, but not for the simulator", () => {
    expect(serve("source: /srv/x.gguf").warnings).toMatchObject([{ path: "serve.tiny.sha256" }]);
    expect(serve("source: /srv/x.gguf, engine: simulator").warnings).toEqual([]);
  });

  test("layers on a GPU need a build that knows one", () => {
    expect(serve("source: guide, gpuLayers: 1").errors).toMatchObject([{ path: "serve.tiny.variant" }]);
    expect(serve("source: guide, gpuLayers: 1, variant: cuda").errors).toEqual([]);
  });
});

test("manifests and catalogues take no unknown keys, and no names that leave a folder", () => {
  const manifest = {
    schema: 1,
    name: "tiny",
    sha256: digest,
    size: 1,
    format: "gguf",
    source: "x",
    pulledAt: "2026-01-31T12:00:00Z",
    pinned: "given",
  };
  expect(modelManifest.safeParse(manifest).success).toBe(true);
  expect(modelManifest.safeParse({ ...manifest, name: "../x" }).success).toBe(false);
  expect(modelManifest.safeParse({ ...manifest, format: "pickle" }).success).toBe(false);
  expect(modelManifest.safeParse({ ...manifest, extra: 1 }).success).toBe(false);
  expect(modelCatalogue.safeParse({ schema: 1, models: [{}] }).success).toBe(false);
});
