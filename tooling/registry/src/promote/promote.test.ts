import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Effect, promotePackages, type ReleasedPackage, restoreTags, stagePackages } from "@hxp/release-registry";
import { answerJson } from "../../test/faulty-front.ts";
import { type Fixture, startFixture } from "../../test/fixture.ts";

let fixture: Fixture;
let count = 0;
const stagingTag = "rel-2";
const channel = "latest";

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => {
  fixture.front.asked.length = 0;
  fixture.front.use(({ pass }) => pass());
});

/** A chain, each depending on the one before; `latest` of all but the last, which is new, is 1.0.0. */
const stageChain = async (length = 3): Promise<ReleasedPackage[]> => {
  const base = `@local/promote-${(count += 1)}`;
  const names = Array.from({ length }, (_, index) => `${base}-${index}`);
  const make = (version: string): ReleasedPackage[] =>
    names.map((name, index) => {
      const before = names[index - 1];
      return fixture.pack({ name, version, dependencies: before === undefined ? {} : { [before]: version } });
    });
  for (const pkg of make("1.0.0").slice(0, -1)) await fixture.direct.publish(pkg, channel);
  const packages = make("2.0.0");
  await stagePackages({ client: fixture.direct, packages, stagingTag });
  return packages;
};
const expectedOf = (packages: ReleasedPackage[]): Record<string, string | undefined> =>
  Object.fromEntries(packages.map(({ name }, index) => [name, index < packages.length - 1 ? "1.0.0" : undefined]));
const latestOf = async (packages: ReleasedPackage[]): Promise<(string | undefined)[]> =>
  Promise.all(packages.map(async ({ name }) => (await fixture.direct.readTags(name))?.["latest"]));
const before = ["1.0.0", "1.0.0", undefined];
const after = ["2.0.0", "2.0.0", "2.0.0"];

describe("promotePackages", () => {
  test("moves the channel, dependencies first, and removes the staging tags", async () => {
    const packages = await stageChain();
    const effects: Effect[] = [];
    const promoted = await promotePackages({
      client: fixture.client,
      packages: packages.toReversed(),
      channel,
      expectedTags: expectedOf(packages),
      stagingTag,
      record: (effect, run) => (effects.push(effect), run()),
    });
    expect(promoted).toMatchObject({ moved: packages.toReversed().map(({ name }) => name), leftStagingTags: [] });
    expect(await latestOf(packages)).toEqual(after);
    expect(effects.slice(0, 3).map(({ kind, target }) => `${kind} ${target}`)).toEqual(
      packages.map(({ name }) => `set-tag ${name}:latest`),
    );
    expect(effects[0]?.data).toEqual({ from: "1.0.0", to: "2.0.0" });
    for (const { name } of packages) expect(await fixture.direct.readTags(name)).toEqual({ latest: "2.0.0" });
  });

  test("changes nothing when a tag is not where the plan recorded it", async () => {
    const packages = await stageChain();
    const hotfix = fixture.pack({ name: packages[1]!.name, version: "1.0.1" });
    await fixture.direct.publish(hotfix, channel);
    const { client, front } = fixture;
    const promoting = promotePackages({ client, packages, channel, expectedTags: expectedOf(packages), stagingTag });
    await expect(promoting).rejects.toMatchObject({
      code: "REGISTRY_TAG_MOVED",
      exitCode: 13,
      details: { moved: [{ name: hotfix.name, expected: "1.0.0", found: "1.0.1" }] },
    });
    expect(front.asked.filter((what) => !what.startsWith("GET"))).toEqual([]);
  });

  test("goes on where an interrupted call stopped", async () => {
    const packages = await stageChain();
    await fixture.direct.setTag(packages[0]!.name, channel, "2.0.0");
    const expectedTags = expectedOf(packages);
    const promoted = await promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    expect(promoted.moved).toEqual(packages.slice(1).map(({ name }) => name));
    expect(await latestOf(packages)).toEqual(after);
  });

  test("restores every tag when a move fails, those of an interrupted call too", async () => {
    const packages = await stageChain();
    await fixture.direct.setTag(packages[0]!.name, channel, "2.0.0");
    const last = packages[2]!.name;
    fixture.front.use(({ asked, response, pass }) =>
      asked === `PUT /-/package/${last}/dist-tags/latest` ? answerJson(response, 403, { error: "forbidden" }) : pass(),
    );
    const expectedTags = expectedOf(packages);
    const promoting = promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    await expect(promoting).rejects.toMatchObject({
      code: "REGISTRY_PROMOTION_REVERTED",
      exitCode: 10,
      cause: expect.objectContaining({ code: "REGISTRY_UNAUTHORIZED" }),
    });
    expect(await latestOf(packages)).toEqual(before);
    expect(await fixture.direct.readTags(last)).toEqual({ [stagingTag]: "2.0.0" });
  });

  test("restores every tag when it is aborted on the way", async () => {
    const packages = await stageChain();
    const controller = new AbortController();
    const { signal } = controller;
    const client = fixture.clientWith({ signal });
    const onProgress = ({ step, done }: { step: string; done: number }): void => {
      if (step === "promote" && done === 2) controller.abort(new Error("stopped"));
    };
    const options = { client, packages, channel, expectedTags: expectedOf(packages), stagingTag, onProgress, signal };
    await expect(promotePackages(options)).rejects.toMatchObject({ code: "REGISTRY_PROMOTION_REVERTED" });
    expect(await latestOf(packages)).toEqual(before);
  });

  test("says which tags it could not put back", async () => {
    const packages = await stageChain();
    const [first] = packages;
    let puts = 0;
    fixture.front.use(({ asked, request, response, pass }) => {
      if (request.method !== "PUT" || !asked.endsWith("/latest")) return pass();
      puts += 1;
      return puts === 1 ? pass() : answerJson(response, 500, { error: "down" });
    });
    const expectedTags = expectedOf(packages);
    const promoting = promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    await expect(promoting).rejects.toMatchObject({
      code: "REGISTRY_RESTORE_FAILED",
      exitCode: 11,
      details: { tags: [{ target: `${first!.name}:latest`, version: "1.0.0" }] },
    });
  });

  test("restores the tags when another release moved one at the same time, and leaves that one alone", async () => {
    const packages = await stageChain();
    const rival = fixture.pack({ name: packages[1]!.name, version: "3.0.0" });
    await fixture.direct.publish(rival, "rival");
    fixture.front.use(async ({ asked, pass }) => {
      if (asked === `PUT /-/package/${packages[2]!.name}/dist-tags/latest`) {
        await fixture.direct.setTag(rival.name, channel, "3.0.0");
      }
      return pass();
    });
    const expectedTags = expectedOf(packages);
    const promoting = promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    await expect(promoting).rejects.toMatchObject({
      code: "REGISTRY_RESTORE_FAILED",
      exitCode: 11,
      details: { movedByOthers: [`${rival.name}:latest`] },
    });
    expect(await latestOf(packages)).toEqual(["1.0.0", "3.0.0", undefined]);
  });

  test("says which `latest` of a new name stays, because the registry lets nobody remove it", async () => {
    const packages = await stageChain();
    const [, second, last] = packages;
    // As npm does at the first publish of a name.
    await fixture.direct.setTag(last!.name, channel, "2.0.0");
    fixture.front.use(({ asked, request, response, pass }) => {
      if (request.method === "DELETE") return answerJson(response, 400, { error: "latest cannot be removed" });
      const isSecond = asked === `PUT /-/package/${second!.name}/dist-tags/latest`;
      return isSecond ? answerJson(response, 403, { error: "forbidden" }) : pass();
    });
    const expectedTags = expectedOf(packages);
    const promoting = promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    await expect(promoting).rejects.toMatchObject({
      code: "REGISTRY_PROMOTION_REVERTED",
      exitCode: 10,
      details: { kept: [`${last!.name}:latest`] },
      message: expect.stringContaining(`${last!.name}:latest`),
    });
    expect(await latestOf(packages)).toEqual(["1.0.0", "1.0.0", "2.0.0"]);
  });

  test("is done although a staging tag could not be removed", async () => {
    const packages = await stageChain();
    fixture.front.use(({ request, response, pass }) =>
      request.method === "DELETE" ? answerJson(response, 500, { error: "down" }) : pass(),
    );
    const expectedTags = expectedOf(packages);
    const promoted = await promotePackages({ client: fixture.client, packages, channel, expectedTags, stagingTag });
    expect(promoted.leftStagingTags).toEqual(packages.map(({ name }) => name));
    expect(await latestOf(packages)).toEqual(after);
  });
});

describe("restoreTags", () => {
  test("keeps a `latest` that the registry lets nobody remove", async () => {
    const packages = await stageChain();
    const { name } = packages[2]!;
    await fixture.direct.setTag(name, channel, "2.0.0");
    fixture.front.use(({ request, response, pass }) =>
      request.method === "DELETE" ? answerJson(response, 400, { error: "latest cannot be removed" }) : pass(),
    );
    const tags = { [name]: { latest: undefined, next: undefined } };
    expect(await restoreTags({ client: fixture.client, tags })).toEqual({
      restored: [],
      kept: [`${name}:latest`],
      movedByOthers: [],
    });
    await fixture.direct.setTag(name, "next", "2.0.0");
    await expect(restoreTags({ client: fixture.client, tags })).rejects.toMatchObject({
      code: "REGISTRY_RESTORE_FAILED",
    });
  });
});
