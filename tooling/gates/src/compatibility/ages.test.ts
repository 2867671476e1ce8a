import { expect, test } from "vitest";
import {
  findOne,
  type FixturePackage,
  makeFixture,
  openWorld,
  type WorldOptions,
} from "../../test/compatibility-world.ts";
import { rulesOf } from "../../test/make-input.ts";

/** Tests judge on 23 November at noon. */
const young = "2026-11-23T11:00:00.000Z";

const fixture = (id: string, source: string, dependencies = {}): FixturePackage =>
  makeFixture(id, source, { dependencies });
const tool = (version: string): FixturePackage =>
  fixture(`tool@${version}`, `export { deep } from "deep";\nexport const tool = "${version}";\n`, { deep: "^1.0.0" });
const deep = (version: string): FixturePackage => fixture(`deep@${version}`, `export const deep = "${version}";\n`);

const app: WorldOptions = {
  released: [fixture("@acme/app@1.0.0", 'export * from "tool";\n', { tool: "^1.0.0" })],
  foreign: [
    tool("1.0.0"),
    deep("1.0.0"),
    { ...tool("1.1.0"), published: young },
    { ...deep("1.1.0"), published: young },
  ],
  files: {
    "packages/app/contract/says.mjs":
      'import { deep, tool } from "@acme/app";\nconsole.log(`tool ${tool}, deep ${deep}`);\n',
  },
  managers: ["npm", "pnpm"],
};

type Result = Awaited<ReturnType<Awaited<ReturnType<typeof openWorld>>["judge"]>>;

const newest = ({ details }: Result): string[] =>
  details.cells.filter(({ resolution }) => resolution === "newest").map(({ manager, log }) => `${manager}: ${log}`);

test("no cell has a version that is too young, neither of a dependency nor below it, until it is old enough", async () => {
  const world = await openWorld();
  const first = await world.judge(app);
  expect(first).toMatchObject({ verdict: "passed", findings: [] });
  expect(newest(first)).toEqual(["npm: tool 1.0.0, deep 1.0.0", "pnpm: tool 1.0.0, deep 1.0.0"]);
  expect(first.details).toMatchObject({
    minimumAgeMinutes: 1440,
    tooYoung: [
      { name: "deep", version: "1.1.0", published: young },
      { name: "tool", version: "1.1.0", published: young },
    ],
  });
  const nextDay = await world.judge({ ...app, now: new Date("2026-11-24T11:00:00.000Z") });
  expect(newest(nextDay)).toEqual(["npm: tool 1.1.0, deep 1.1.0", "pnpm: tool 1.1.0, deep 1.1.0"]);
  const ran = nextDay.details.cells.filter(({ resolution, reused }) => resolution === "newest" && !reused);
  expect(ran).toHaveLength(2);
  expect(nextDay.details.tooYoung).toEqual([]);
});

test("a version that the lockfile has, or the policy overrides, is old enough", async () => {
  const world = await openWorld();
  const overrides = [{ package: "deep", version: "1.1.0", reason: "read and found good" }];
  const result = await world.judge({ ...app, locked: { "@acme/app": { tool: "1.1.0" } }, policy: { overrides } });
  expect(result.verdict).toBe("passed");
  expect(newest(result)).toEqual(["npm: tool 1.1.0, deep 1.1.0", "pnpm: tool 1.1.0, deep 1.1.0"]);
});

test("with an age of 0 the newest is installed", async () => {
  const world = await openWorld();
  const result = await world.judge({ ...app, policy: { minimumAgeMinutes: 0 } });
  expect(newest(result)).toEqual(["npm: tool 1.1.0, deep 1.1.0", "pnpm: tool 1.1.0, deep 1.1.0"]);
  expect(result.details.tooYoung).toEqual([]);
});

test("a version of which the registry says no age is not installed, and that is an error", async () => {
  const world = await openWorld();
  const silent: WorldOptions = {
    ...app,
    foreign: [tool("1.0.0"), deep("1.0.0"), { ...tool("1.1.0"), published: null }],
  };
  const result = await world.judge(silent);
  expect(newest(result)).toEqual(["npm: tool 1.0.0, deep 1.0.0", "pnpm: tool 1.0.0, deep 1.0.0"]);
  expect(findOne(result, "age-unknown")).toMatchObject({
    severity: "error",
    message: expect.stringContaining("does not say when 1 versions of tool were published"),
  });
  const any = await world.judge({ ...silent, policy: { minimumAgeMinutes: 0 } });
  expect(rulesOf(any)).toEqual([]);
  expect(newest(any)).toEqual(["npm: tool 1.1.0, deep 1.0.0", "pnpm: tool 1.1.0, deep 1.0.0"]);
});

test("the release itself is never too young, and a floor of young versions alone is an error", async () => {
  const world = await openWorld();
  const result = await world.judge({
    released: [
      fixture("@acme/app@1.0.0", "export {};\n", { "@acme/base": "^1.0.0", tool: "^1.1.0" }),
      { ...fixture("@acme/base@1.0.0", "export {};\n"), published: young },
    ],
    foreign: app.foreign ?? [],
  });
  expect(findOne(result, "range-untested").message).toContain("no version of it that is 1440 minutes old");
  const base = result.details.cells.filter(({ package: name }) => name === "@acme/base");
  expect(base.map(({ verdict }) => verdict)).toEqual(["passed", "passed", "passed"]);
});

test.each(["@other/leaf", "@jsr/other__leaf"])(
  "no package manager asks a registry of its own for a scope: it would give what is too young (%s)",
  async (name) => {
    const world = await openWorld();
    const leaf = (version: string): FixturePackage =>
      fixture(`${name}@${version}`, `export const deep = "${version}";\n`);
    const source = `export * from "${name}";\nexport const tool = "none";\n`;
    const result = await world.judge({
      ...app,
      released: [fixture("@acme/app@1.0.0", source, { [name]: "^1.0.0" })],
      foreign: [leaf("1.0.0"), { ...leaf("1.1.0"), published: young }],
      npmrc: (registry) => `@other:registry=${registry}\n`,
    });
    expect(newest(result)).toEqual(["npm: tool none, deep 1.0.0", "pnpm: tool none, deep 1.0.0"]);
  },
);

test("what no range admits is neither listed, nor an error where its age is unknown", async () => {
  const world = await openWorld();
  const result = await world.judge({
    ...app,
    foreign: [
      ...(app.foreign ?? []),
      { ...tool("0.1.0"), published: null },
      { ...tool("1.2.0-nightly.1"), published: young },
    ],
  });
  expect(result).toMatchObject({ verdict: "passed", findings: [] });
  expect(result.details.tooYoung.map(({ name, version }) => `${name}@${version}`)).toEqual([
    "deep@1.1.0",
    "tool@1.1.0",
  ]);
});
