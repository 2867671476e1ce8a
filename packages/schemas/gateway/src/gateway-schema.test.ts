import { describe, expect, test } from "vitest";
import { parseGatewayConfig, type WrittenGateway } from "@hxp/schema-gateway";

const url = "http://127.0.0.1:8080/v1";

describe("parseGatewayConfig", () => {
  test("gives a whole config for nothing", () => {
    expect(parseGatewayConfig()).toMatchObject({
      listen: { host: "127.0.0.1", port: 8000 },
      models: {},
      keys: { cache: { refresh: 1000, outage: 3_600_000 } },
      drain: { deadline: 30_000 },
    });
  });

  test("fills in what a model leaves out", () => {
    const { models } = parseGatewayConfig({ models: { guide: { upstreams: [{ url }] } } });
    expect(models["guide"]).toEqual({
      upstreams: [{ url, maxConcurrency: 64, weight: 1, continuousUsage: false, usageById: false }],
      fallbacks: [],
      limits: {},
      price: { input: 0, output: 0 },
    });
  });

  test("takes a token only as a reference", () => {
    const withToken = (token: string): WrittenGateway => ({ models: { guide: { upstreams: [{ url, token }] } } });
    const { models } = parseGatewayConfig(withToken("${env:UPSTREAM_TOKEN}"));
    expect(models["guide"]?.upstreams[0]?.token?.reference).toBe("${env:UPSTREAM_TOKEN}");
    expect(() => parseGatewayConfig(withToken("sk-1234"))).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.not.stringContaining("sk-1234") }),
    );
  });

  test.each<[string, WrittenGateway, string]>([
    ["an upstream without an address", { models: { a: { upstreams: [{}] } } }, "neither url nor socket"],
    [
      "an upstream with two addresses",
      { models: { a: { upstreams: [{ url, socket: "/run/a.sock" }] } } },
      "both url and socket",
    ],
    ["a model without upstreams", { models: { a: { upstreams: [] } } }, "nobody answers for it"],
    ["a name that is no header's value", { models: { "a\nb": { upstreams: [{ url }] } } }, "letters, digits"],
    [
      "a fallback that is not there",
      { models: { a: { upstreams: [{ url }], fallbacks: ["b"] } } },
      "b, which is no model of this gateway",
    ],
    ["a fallback on itself", { models: { a: { upstreams: [{ url }], fallbacks: ["a"] } } }, "the model itself"],
    [
      "a fallback that is named twice",
      { models: { a: { upstreams: [{ url }], fallbacks: ["b", "b"] }, b: { upstreams: [{ url }] } } },
      "named twice",
    ],
    ["one port for clients and probes", { listen: { port: 9090 } }, "which is also listen.port"],
    ["keys that are read too seldom", { keys: { cache: { refresh: "2s" } } }, "keys.cache.refresh is 2000 ms"],
    ["a key that is not there", { lisen: {} } as WrittenGateway, "listen"],
  ])("refuses %s", (_, written, message) => {
    expect(() => parseGatewayConfig(written)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }),
    );
  });

  test("takes port 0 twice: two free ports are two ports", () => {
    expect(parseGatewayConfig({ listen: { port: 0 }, probe: { port: 0 } }).probe.port).toBe(0);
  });
});
