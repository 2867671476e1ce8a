import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { compareDistribution, postAlerts, type RegistryState, renderAlerts } from "@hxp/release-registry";

const expected: RegistryState = {
  a: {
    tags: { latest: "2.0.0", next: "2.0.0" },
    versions: { "1.0.0": { integrity: "sha512-1", deprecated: "rolled back" }, "2.0.0": { integrity: "sha512-2" } },
  },
};
const change = (
  edit: (state: { tags: Record<string, string>; versions: Record<string, object> }) => void,
): RegistryState => {
  const copy = structuredClone(expected) as { a: { tags: Record<string, string>; versions: Record<string, object> } };
  edit(copy.a);
  return copy;
};

describe("compareDistribution", () => {
  test("finds nothing where the registry says what the journals say", () => {
    expect(compareDistribution(expected, structuredClone(expected))).toEqual([]);
  });

  test.each([
    [
      "tag-moved",
      change(({ tags }) => void (tags["latest"] = "1.0.0")),
      { tag: "latest", expected: "2.0.0", found: "1.0.0" },
    ],
    ["tag-missing", change(({ tags }) => void delete tags["next"]), { tag: "next", expected: "2.0.0", found: null }],
    ["tag-unknown", change(({ tags }) => void (tags["x"] = "1.0.0")), { tag: "x", expected: null, found: "1.0.0" }],
    [
      "digest-changed",
      change(({ versions }) => void (versions["2.0.0"] = { integrity: "sha512-evil" })),
      { version: "2.0.0", expected: "sha512-2", found: "sha512-evil" },
    ],
    [
      "version-missing",
      change(({ versions }) => void delete versions["2.0.0"]),
      { version: "2.0.0", expected: "sha512-2", found: null },
    ],
    [
      "version-unknown",
      change(({ versions }) => void (versions["6.6.6"] = { integrity: "sha512-6" })),
      { version: "6.6.6", expected: null, found: "sha512-6" },
    ],
    [
      "deprecation-missing",
      change(({ versions }) => void (versions["1.0.0"] = { integrity: "sha512-1" })),
      { version: "1.0.0", expected: "rolled back", found: null },
    ],
    [
      "deprecation-unknown",
      change(({ versions }) => void (versions["2.0.0"] = { integrity: "sha512-2", deprecated: "odd" })),
      { version: "2.0.0", expected: null, found: "odd" },
    ],
  ])("names %s, what it means and what to do", (kind, state, facts) => {
    expect(compareDistribution(expected, state)).toEqual([
      { kind, package: "a", ...facts, meaning: expect.stringMatching(/\.$/), fix: expect.stringMatching(/\.$/) },
    ]);
  });

  test("finds a package that is gone, and overlooks tags it was told to ignore", () => {
    const kinds = compareDistribution(expected, {}).map(({ kind }) => kind);
    expect(kinds).toEqual(["tag-missing", "tag-missing", "version-missing", "version-missing"]);
    const staging = change(({ tags }) => void (tags["rel-9"] = "2.0.0"));
    expect(compareDistribution(expected, staging, { ignoredTags: ["rel-9"] })).toEqual([]);
  });

  test("takes a registry's `__proto__` for a name like any other", () => {
    const tags = JSON.parse('{"latest":"2.0.0","next":"2.0.0","__proto__":"1.0.0"}') as Record<string, string>;
    const state: RegistryState = { a: { ...expected["a"]!, tags } };
    expect(compareDistribution(expected, state)).toMatchObject([{ kind: "tag-unknown", tag: "__proto__" }]);
  });
});

describe("renderAlerts", () => {
  const clock = (): number => Date.UTC(2026, 10, 23);
  const registry = "https://registry.example/";

  test("gives Alertmanager v2 alerts whose labels do not change with what was found", () => {
    const look = (found: string) =>
      renderAlerts(
        compareDistribution(
          expected,
          change(({ tags }) => void (tags["latest"] = found)),
        ),
        { registry, clock, standsMs: 60_000 },
      );
    expect(look("1.0.0")).toEqual([
      {
        labels: {
          alertname: "HxpDistributionChanged",
          severity: "critical",
          kind: "tag-moved",
          registry,
          package: "a",
          tag: "latest",
        },
        annotations: {
          summary: "tag-moved a:latest: expected 2.0.0, found 1.0.0",
          description: expect.any(String),
          runbook: expect.any(String),
        },
        startsAt: "2026-11-23T00:00:00.000Z",
        endsAt: "2026-11-23T00:01:00.000Z",
      },
    ]);
    expect(look("6.6.6")[0]?.labels).toEqual(look("1.0.0")[0]?.labels);
  });

  test("takes a missing tag for less than an unknown version", () => {
    const state = change(({ tags, versions }) => {
      delete tags["next"];
      versions["6.6.6"] = { integrity: "sha512-6" };
    });
    const alerts = renderAlerts(compareDistribution(expected, state), { registry });
    expect(alerts.map(({ labels }) => `${labels["severity"]} ${labels["kind"]}`)).toEqual([
      "warning tag-missing",
      "critical version-unknown",
    ]);
    expect(alerts[0]).not.toHaveProperty("endsAt");
  });
});

describe("postAlerts", () => {
  const alerts = renderAlerts(compareDistribution(expected, {}), { registry: "https://registry.example/" });
  const serve = async (status: number) => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on("end", () => status > 0 && response.writeHead(status, { location: "/elsewhere" }).end());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/alerts`;
    return { url, bodies, [Symbol.dispose]: () => (server.closeAllConnections(), void server.close()) };
  };

  test("posts the alerts as JSON, and nothing where there are none", async () => {
    using server = await serve(200);
    await postAlerts(server.url, alerts);
    await postAlerts(server.url, []);
    expect(JSON.parse(server.bodies.join(""))).toEqual(alerts);
  });

  test.each([500, 404, 302])("takes status %s for not sent", async (status) => {
    using server = await serve(status);
    await expect(postAlerts(server.url, alerts)).rejects.toThrow(`answered ${status} to 4 alerts`);
  });

  test("ends when nobody answers, and does not print an address that may hold a secret", async () => {
    using server = await serve(0);
    const failed = postAlerts(`${server.url}?key=hook-secret`, alerts, { timeoutMs: 50 });
    const error: unknown = await failed.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(String(error)).not.toContain("hook-secret");
  });
});
