import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFixture, openWorld, type WorldOptions } from "../../test/compatibility-world.ts";

const tools = ["1.0.0", "1.1.0"].map((version) =>
  makeFixture(`tool@${version}`, `export const version = "${version}";\n`),
);
const source = "export { version } from 'tool';\n";
const app = (text: string = source): WorldOptions["released"] => [
  makeFixture("@acme/app@1.0.0", text, { dependencies: { tool: "^1.0.0" } }),
];
const contract = { "packages/app/contract/works.ts": 'import "@acme/app";\n' };
const sound: WorldOptions = {
  released: app(),
  foreign: tools,
  locked: { "@acme/app": { tool: "1.0.0" } },
  files: contract,
};

test("a cell that passed is not run again while nothing of it changes", async () => {
  const world = await openWorld();
  const first = await world.judge({ ...sound, managers: ["npm", "pnpm"] });
  const second = await world.judge({ ...sound, managers: ["npm", "pnpm"] });
  expect(first.details.cells).toHaveLength(6);
  expect(second.details.cells.every(({ reused }) => reused)).toBe(true);
  const whatWasSeen = ({ details }: typeof first): unknown =>
    details.cells.map(({ key, startedAt, durationMs, checks, dependencies }) => [
      key,
      startedAt,
      durationMs,
      checks,
      dependencies,
    ]);
  expect(whatWasSeen(second)).toEqual(whatWasSeen(first));
});

test("a byte of the tarball, a byte of a contract test, or a new version in range makes it run again", async () => {
  const world = await openWorld();
  await world.judge(sound);
  const changed = await world.judge({ ...sound, released: app(`${source}\n`) });
  expect(changed.details.cells.filter(({ reused }) => !reused)).toHaveLength(2);
  const tested = await world.judge({
    ...sound,
    files: { "packages/app/contract/works.ts": 'import "@acme/app";\n\n' },
  });
  expect(tested.details.cells.filter(({ reused }) => !reused)).toHaveLength(2);
  const newer = [...tools, makeFixture("tool@1.2.0", "export const version = '1.2.0';\n")];
  const { details } = await world.judge({ ...sound, foreign: newer });
  const ran = details.cells.filter(({ reused }) => !reused);
  expect(ran.map(({ resolution, dependencies }) => [resolution, dependencies[0]?.version])).toEqual([
    ["newest", "1.2.0"],
  ]);
});

test("a new version out of range changes nothing", async () => {
  const world = await openWorld();
  await world.judge(sound);
  const { details } = await world.judge({ ...sound, foreign: [...tools, makeFixture("tool@2.0.0", "export {};\n")] });
  expect(details.cells.every(({ reused }) => reused)).toBe(true);
});

/** A lockfile in which packages of one set have each other in one way or another. */
const lockfile = (tool: string, uses: Record<string, string>): string => {
  const dependencies = { left: "1.0.0", right: "1.0.0", tool };
  const entries = Object.entries(dependencies).map(([name, version]) => [name, { specifier: "*", version }]);
  const ids = ["left@1.0.0", "right@1.0.0", "tool@1.0.0", "tool@1.1.0"];
  return JSON.stringify({
    lockfileVersion: "9.0",
    importers: { ".": {}, "packages/app": { dependencies: Object.fromEntries(entries) } },
    packages: Object.fromEntries(ids.map((id) => [id, { resolution: {} }])),
    snapshots: Object.fromEntries(ids.map((id) => [id, id in uses ? { dependencies: { tool: uses[id] } } : {}])),
  });
};

test.each(["npm", "pnpm"] as const)("the same packages in another arrangement run again with %s", async (manager) => {
  const world = await openWorld();
  const user = (name: string): (typeof tools)[number] =>
    makeFixture(`${name}@1.0.0`, "export { version } from 'tool';\n", { dependencies: { tool: "1.0.0 || 1.1.0" } });
  const judge = async (tool: string, left: string, right: string) => {
    const { details, verdict } = await world.judge({
      released: [
        makeFixture(
          "@acme/app@1.0.0",
          'import { version } from "tool";\nimport * as left from "left";\nimport * as right from "right";\nexport const all = [version, left.version, right.version].join();\n',
          { dependencies: { left: "1.0.0", right: "1.0.0", tool: "1.0.0 || 1.1.0" } },
        ),
      ],
      foreign: [...tools, user("left"), user("right")],
      files: {
        "pnpm-lock.yaml": lockfile(tool, { "left@1.0.0": left, "right@1.0.0": right }),
        "packages/app/contract/says.mjs": 'import { all } from "@acme/app";\nconsole.log(all);\n',
      },
      managers: [manager],
    });
    expect(verdict).toBe("passed");
    return details.cells.find(({ resolution }) => resolution === "locked");
  };
  const arrangements = [
    ["1.0.0", "1.0.0", "1.1.0"],
    ["1.0.0", "1.1.0", "1.0.0"],
    ["1.1.0", "1.0.0", "1.0.0"],
  ] as const;
  const keys = new Set<string | undefined>();
  for (const [tool, left, right] of arrangements) {
    // oxlint-disable-next-line no-await-in-loop -- each could use what the one before left
    const cell = await judge(tool, left, right);
    expect(cell).toMatchObject({ log: [tool, left, right].join(), reused: false });
    keys.add(cell?.key);
  }
  expect(keys.size).toBe(arrangements.length);
});

test("what failed is tried again", async () => {
  const world = await openWorld();
  const broken = { ...sound, released: app("export { missing } from 'tool';\n") };
  await world.judge(broken);
  const { details, verdict } = await world.judge(broken);
  expect(verdict).toBe("failed");
  expect(details.cells.filter(({ reused }) => !reused)).toHaveLength(2);
});

test.each([
  ["torn", (text: string) => text.slice(0, text.length / 2)],
  ["changed", (text: string) => text.replace('"durationMs":', '"durationMs":1')],
  ["another cell's", (text: string) => text.replace(/"key":"sha256:../, '"key":"sha256:00')],
])("a kept result that is %s is not believed", async (_title, damage) => {
  const world = await openWorld();
  await world.judge(sound);
  const folder = join(world.folder, "cache/compatibility/cells");
  const files = await readdir(folder);
  expect(files).toHaveLength(2);
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await writeFile(join(folder, file), damage(await readFile(join(folder, file), "utf8")));
  }
  const { details, verdict } = await world.judge(sound);
  expect(verdict).toBe("passed");
  expect(details.cells.filter(({ reused }) => !reused)).toHaveLength(2);
});

test("stopped on the way, it leaves no process and no folder, and the next run ends what it began", async () => {
  const world = await openWorld();
  const controller = new AbortController();
  const pidFile = join(world.folder, "pid");
  const waiting = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(pidFile)}, String(process.pid));\nsetInterval(() => {}, 1000);\n`;
  const base = makeFixture("@acme/base@1.0.0", "export {};\n");
  const released = [...app(), base];
  const stopped = world.judge({
    ...sound,
    released,
    files: { ...contract, "packages/base/contract/waits.mjs": waiting },
    signal: controller.signal,
  });
  await expect.poll(() => readFile(pidFile, "utf8").catch(() => "")).not.toBe("");
  await expect.poll(() => readdir(join(world.folder, "cache/compatibility/cells")).catch(() => [])).toHaveLength(2);
  controller.abort(new Error("stopped by a person"));
  await expect(stopped).rejects.toThrow("stopped by a person");
  const pid = Number(await readFile(pidFile, "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  expect(await readdir(join(world.folder, "scratch"))).toEqual([]);
  const files = { ...contract, "packages/base/contract/waits.mjs": 'import "@acme/base";\n' };
  const { details, verdict } = await world.judge({ ...sound, released, files });
  expect(verdict).toBe("passed");
  const again = details.cells.filter(({ package: name }) => name === "@acme/app");
  expect(again.every(({ reused }) => reused)).toBe(true);
  expect(details.cells.filter(({ reused }) => !reused).map(({ package: name }) => name)).toEqual(["@acme/base"]);
});
