import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Effect,
  planStaging,
  type RecordEffect,
  readRegistryState,
  type RegistryState,
  stagePackages,
  unstagePackages,
} from "@hxp/release-registry";
import { editJson } from "../../test/faulty-front.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";

let fixture: Fixture;
let count = 0;
const nextName = (): string => `@local/stage-${(count += 1)}`;
const stagingTag = "rel-1";

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.front.asked.length = 0;
  fixture.front.use(({ pass }) => pass());
});

const journal = (): { effects: Effect[]; record: RecordEffect } => {
  const effects: Effect[] = [];
  return { effects, record: (effect, run) => (effects.push(effect), run()) };
};

describe("planStaging", () => {
  const state: RegistryState = {
    a: { tags: {}, versions: { "1.0.0": { integrity: "sha512-a" } } },
    b: { tags: {}, versions: {} },
  };

  test("uploads what is not there and leaves what is there with the same digest", () => {
    const packages = [
      { name: "a", version: "1.0.0", integrity: "sha512-a" },
      { name: "a", version: "1.1.0", integrity: "sha512-x" },
      { name: "b", version: "1.0.0", integrity: "sha512-b" },
    ];
    expect(planStaging(state, packages)).toEqual([
      { name: "a", version: "1.0.0", action: "present", isNew: false },
      { name: "a", version: "1.1.0", action: "upload", isNew: false },
      { name: "b", version: "1.0.0", action: "upload", isNew: true },
    ]);
  });

  test("names every version that is there with another digest, or with none", () => {
    const unnamed: RegistryState = { ...state, c: { tags: {}, versions: { "1.0.0": {} } } };
    const packages = ["a", "b", "c"].map((name) => ({ name, version: "1.0.0", integrity: "sha512-new" }));
    expect(() => planStaging(unnamed, packages)).toThrow(
      expect.objectContaining({
        code: "REGISTRY_CONFLICT",
        exitCode: 15,
        message: expect.stringMatching(/a@1\.0\.0, c@1\.0\.0/),
      }),
    );
  });

  test("does not take what every object inherits for a version", () => {
    expect(planStaging(state, [{ name: "b", version: "constructor", integrity: "sha512-b" }])[0]?.action).toBe(
      "upload",
    );
  });
});

describe("readRegistryState", () => {
  test("gives tags, digests and deprecations, and nothing for a package that is not there", async () => {
    const { direct, pack } = fixture;
    const pkg = pack({ name: nextName() });
    await direct.publish(pkg, "x");
    await direct.deprecate(pkg.name, ["1.0.0"], "old");
    const state = await readRegistryState(direct, [pkg.name, "@local/never"]);
    expect(state).toEqual({
      [pkg.name]: { tags: { x: "1.0.0" }, versions: { "1.0.0": { integrity: pkg.integrity, deprecated: "old" } } },
      "@local/never": { tags: {}, versions: {} },
    });
  });
});

describe("stagePackages", () => {
  test("uploads under the staging tag, records each upload, and sets no other tag", async () => {
    const { client, pack, direct } = fixture;
    const packages = [1, 2, 3].map(() => pack({ name: nextName() }));
    const { effects, record } = journal();
    const progress: number[] = [];
    const staged = await stagePackages({
      client,
      packages,
      stagingTag,
      record,
      onProgress: ({ done }) => void progress.push(done),
    });
    expect(staged).toEqual({
      uploaded: packages.map(({ name }) => name),
      present: [],
      implicitLatest: [],
    });
    expect(progress).toEqual([1, 2, 3]);
    expect(effects.map(({ kind, target }) => `${kind} ${target}`).toSorted()).toEqual(
      packages.map(({ name }) => `publish ${name}@1.0.0`),
    );
    for (const { name } of packages) expect(await direct.readTags(name)).toEqual({ [stagingTag]: "1.0.0" });
  });

  test("does nothing the second time, but sets a staging tag that is missing", async () => {
    const { client, pack, direct } = fixture;
    const packages = [1, 2].map(() => pack({ name: nextName() }));
    await stagePackages({ client, packages, stagingTag });
    await direct.removeTag(packages[0]!.name, stagingTag);
    const { effects, record } = journal();
    const again = await stagePackages({ client, packages, stagingTag, record });
    expect(again).toMatchObject({ uploaded: [], present: packages.map(({ name }) => name) });
    expect(effects.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
      `set-tag ${packages[0]!.name}:${stagingTag}`,
    ]);
  });

  test("uploads nothing when one version is there with other bytes", async () => {
    const { client, pack, direct, front } = fixture;
    const [free, taken] = [nextName(), nextName()];
    await direct.publish(pack({ name: taken, content: "// another" }), "latest");
    const packages = [pack({ name: free }), pack({ name: taken })];
    await expect(stagePackages({ client, packages, stagingTag })).rejects.toMatchObject({ code: "REGISTRY_CONFLICT" });
    expect(front.asked.filter((what) => !what.startsWith("GET"))).toEqual([]);
  });

  test("goes on after a failure with what is missing", async () => {
    const { client, pack, front } = fixture;
    const packages = Array.from({ length: 12 }, () => pack({ name: nextName() }));
    const bad = packages[6]!.name;
    front.use(({ asked, request, pass }) => (asked === `PUT /${bad}` ? void request.socket.destroy() : pass()));
    await expect(stagePackages({ client, packages, stagingTag })).rejects.toMatchObject({
      code: "REGISTRY_DIED_MID_UPLOAD",
    });
    front.use(({ pass }) => pass());
    const again = await stagePackages({ client, packages, stagingTag });
    expect(again.uploaded).toContain(bad);
    expect(again.present.length + again.uploaded.length).toBe(12);
    expect(again.present.length).toBeGreaterThanOrEqual(6);
  });

  test("reports new names that the registry points `latest` to by itself", async () => {
    const { client, pack, direct, front } = fixture;
    const [known, fresh] = [nextName(), nextName()];
    await direct.publish(pack({ name: known, version: "0.9.0" }), "latest");
    front.use(({ asked, pass }) =>
      pass(
        asked.includes("dist-tags")
          ? editJson((tags: Record<string, string>) => {
              tags["latest"] = "1.0.0";
            })
          : undefined,
      ),
    );
    const packages = [pack({ name: known }), pack({ name: fresh })];
    expect((await stagePackages({ client, packages, stagingTag })).implicitLatest).toEqual([fresh]);
  });
});

describe("unstagePackages", () => {
  test("removes staging tags, and takes off what only this release put there", async () => {
    const { client, pack, direct, registry } = fixture;
    const [ours, older, used] = [1, 2, 3].map(() => pack({ name: nextName() }));
    const packages = [ours!, older!, used!];
    await direct.publish(older!, stagingTag);
    await stagePackages({ client, packages, stagingTag });
    await direct.setTag(used!.name, "latest", "1.0.0");
    const uploaded = [ours!.name, used!.name];
    const { capabilities } = registry;
    const { effects, record } = journal();
    const unstaged = await unstagePackages({ client, packages, stagingTag, uploaded, capabilities, record });
    expect(unstaged).toEqual({ unpublished: [ours!.name], left: [older!.name, used!.name] });
    expect(await direct.readPackument(ours!.name)).toBeUndefined();
    expect(await direct.readTags(older!.name)).toEqual({});
    expect(await direct.readTags(used!.name)).toEqual({ latest: "1.0.0" });
    expect(effects.filter(({ kind }) => kind === "unpublish")).toHaveLength(1);
    expect(await unstagePackages({ client, packages, stagingTag, uploaded, capabilities })).toMatchObject({
      unpublished: [],
    });
  });

  test("leaves the versions where the registry lets nobody take them off", async () => {
    const { client, pack, direct } = fixture;
    const pkg = pack({ name: nextName() });
    await stagePackages({ client, packages: [pkg], stagingTag });
    const capabilities = { unpublish: false };
    const unstaged = await unstagePackages({ client, packages: [pkg], stagingTag, uploaded: [pkg.name], capabilities });
    expect(unstaged.left).toEqual([pkg.name]);
    expect(await direct.readTags(pkg.name)).toEqual({});
    expect((await direct.readPackument(pkg.name))?.versions["1.0.0"]).toBeDefined();
  });
});
