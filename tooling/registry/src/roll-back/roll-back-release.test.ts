import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Effect, liftDeprecations, type ReleasedPackage, rollBackRelease } from "@hxp/release-registry";
import { answerJson } from "../../test/faulty-front.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";

let fixture: Fixture;
let count = 0;
const reason = "2.0.0 loses data: use 1.0.0";

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.front.use(({ pass }) => pass()));

const release = async (): Promise<{
  packages: ReleasedPackage[];
  previousTags: Record<string, { latest: string | undefined }>;
}> => {
  const base = `@local/back-${(count += 1)}`;
  const packages = [`${base}-a`, `${base}-b`].map((name) => fixture.pack({ name, version: "2.0.0" }));
  await fixture.direct.publish(fixture.pack({ name: packages[0]!.name }), "latest");
  for (const pkg of packages) await fixture.direct.publish(pkg, "latest");
  return {
    packages,
    previousTags: { [packages[0]!.name]: { latest: "1.0.0" }, [packages[1]!.name]: { latest: undefined } },
  };
};

describe("rollBackRelease", () => {
  test("puts the tags back, dependents first, and deprecates the versions with the reason", async () => {
    const { packages, previousTags } = await release();
    const [first, second] = packages.map(({ name }) => name);
    const effects: Effect[] = [];
    const client = fixture.clientWith({ concurrency: 1 });
    const rolledBack = await rollBackRelease({
      client,
      packages,
      previousTags,
      reason,
      record: (effect, run) => (effects.push(effect), run()),
    });
    expect(rolledBack).toEqual({
      restored: [`${second}:latest`, `${first}:latest`],
      kept: [],
      movedByOthers: [],
      deprecated: [`${first}@2.0.0`, `${second}@2.0.0`],
    });
    expect(await fixture.direct.readTags(first!)).toEqual({ latest: "1.0.0" });
    expect(await fixture.direct.readTags(second!)).toEqual({});
    const packument = await fixture.direct.readPackument(first!);
    expect(packument?.versions["2.0.0"]?.deprecated).toBe(reason);
    expect(packument?.versions["1.0.0"]?.deprecated).toBeUndefined();
    expect(effects.map(({ kind }) => kind)).toEqual(["remove-tag", "set-tag", "deprecate", "deprecate"]);
  });

  test("does nothing the second time, and goes on after a failure", async () => {
    const { packages, previousTags } = await release();
    fixture.front.use(({ asked, request, response, pass }) =>
      request.method === "PUT" && asked === `PUT /${packages[1]!.name}` ? answerJson(response, 500, {}) : pass(),
    );
    const { client, front } = fixture;
    await expect(rollBackRelease({ client, packages, previousTags, reason })).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
    });
    front.use(({ pass }) => pass());
    const again = await rollBackRelease({ client, packages, previousTags, reason });
    expect(again).toMatchObject({ restored: [], deprecated: [`${packages[1]!.name}@2.0.0`] });
    expect((await rollBackRelease({ client, packages, previousTags, reason })).deprecated).toEqual([]);
  });

  test("changes nothing when a later release stands on this one", async () => {
    const { packages, previousTags } = await release();
    await fixture.direct.publish(fixture.pack({ name: packages[0]!.name, version: "3.0.0" }), "latest");
    fixture.front.asked.length = 0;
    const { client, front } = fixture;
    await expect(rollBackRelease({ client, packages, previousTags, reason })).rejects.toMatchObject({
      code: "REGISTRY_TAG_MOVED",
      details: { tags: [`${packages[0]!.name}:latest (now 3.0.0)`] },
    });
    expect(front.asked.every((what) => what.startsWith("GET"))).toBe(true);
  });

  test("wants a reason", async () => {
    const { packages, previousTags } = await release();
    const failed = rollBackRelease({ client: fixture.client, packages, previousTags, reason: " " });
    await expect(failed).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });
});

describe("liftDeprecations", () => {
  test("takes the rollback's deprecation off and leaves another's", async () => {
    const { packages, previousTags } = await release();
    const { client, direct } = fixture;
    await rollBackRelease({ client, packages, previousTags, reason });
    await direct.deprecate(packages[1]!.name, ["2.0.0"], "CVE-2026-1");
    expect(await liftDeprecations({ client, packages, reason })).toEqual([`${packages[0]!.name}@2.0.0`]);
    const states = await Promise.all(packages.map(({ name }) => direct.readPackument(name)));
    expect(states.map((state) => state?.versions["2.0.0"]?.deprecated)).toEqual([undefined, "CVE-2026-1"]);
  });
});
