import { describe, expect, test } from "vitest";
import {
  after,
  before,
  expectFailure,
  expectSuccess,
  isChannelWrite,
  useTamperTemplate,
  toCompany,
} from "./support/tamper-template.ts";
import type { Run, TestWorkspace } from "./support/workspace.ts";

const template = useTamperTemplate();

const rollBack = (workspace: TestWorkspace, ...id: string[]): Promise<Run> =>
  workspace.release(["rollback", ...id, ...toCompany, "--reason", "it loses streams"], template.env);

/** Commits something else to be released, so that the plan before is of another source. */
function changeAgain(workspace: TestWorkspace): void {
  workspace.change({ "@acme/left": "patch" });
  workspace.commit();
}

/** Ids of releases in the journal, oldest first. */
function releasesOf(workspace: TestWorkspace): string[] {
  const records = workspace.read(".hxp/journal.jsonl").trim().split("\n");
  const parsed = records.map((line) => JSON.parse(line) as { kind: string; release: string });
  return parsed.filter(({ kind }) => kind === "seal").map(({ release }) => release);
}

describe("a plan that waits", () => {
  test("when it is given up, leaves the channel where somebody else has moved it, to the very same version", async () => {
    const workspace = await template.planned();
    expectSuccess(await workspace.copy().release(["publish", ...toCompany], template.env));
    expect(await template.registry.channel("latest")).toEqual(after);
    template.registry.writes.splice(0);
    expectSuccess(await rollBack(workspace, releasesOf(workspace)[1]!));
    expect(template.registry.writes).toEqual([]);
    expect(await template.registry.channel("latest")).toEqual(after);
  });

  test("is not what a rollback without an id means: that is the last release", async () => {
    const workspace = await template.planned();
    expectSuccess(await workspace.release(["publish", ...toCompany], template.env));
    changeAgain(workspace);
    expectSuccess(await workspace.release(["plan", ...toCompany], template.env));
    expectSuccess(await rollBack(workspace));
    expect(await template.registry.channel("latest")).toEqual(before);
    template.registry.writes.splice(0);
    expectSuccess(await rollBack(workspace));
    expect(template.registry.writes).toEqual([]);
    const [, , waiting] = releasesOf(workspace);
    const status = await workspace.release(["status", ...toCompany, "--json"], template.env);
    expect(JSON.parse(status.stdout)).toMatchObject({
      releases: expect.arrayContaining([expect.objectContaining({ id: waiting, state: "open" })]),
    });
  });
});

test("to plan changes no registry: a release that was cut off on it is named, and ended by the next release", async () => {
  const workspace = await template.planned();
  template.registry.use(({ asked, pass }) =>
    pass((body) => (asked.endsWith("core-1.3.1.tgz") ? Buffer.concat([body, Buffer.from([0])]) : body)),
  );
  expectFailure(await workspace.release(["publish", ...toCompany], template.env), {
    exitCode: 15,
    code: "REGISTRY_BYTES_DIFFER",
  });
  template.registry.use(({ pass }) => pass());
  template.registry.writes.splice(0);
  changeAgain(workspace);
  const plan = await workspace.release(["plan", ...toCompany], template.env);
  expectFailure(plan, { exitCode: 1, code: "RELEASE_UNFINISHED" });
  expect(plan.stderr).toContain(releasesOf(workspace)[1]!.slice(0, 12));
  expect(template.registry.writes).toEqual([]);
  expectSuccess(await workspace.release(toCompany, template.env));
  expect(await template.registry.channel("latest")).toEqual({
    ...after,
    "@acme/left": "1.0.2",
    "@acme/right": "1.0.2",
  });
});

test("a rollback of a release whose plan was changed since is refused before it changes anything", async () => {
  const workspace = await template.planned();
  expectSuccess(await workspace.release(["publish", ...toCompany], template.env));
  template.registry.writes.splice(0);
  workspace.edit(`.hxp/releases/${releasesOf(workspace)[1]}/plan.json`, (text) =>
    text.replace('"expectedTag": "1.3.0"', '"expectedTag": "1.2.9"'),
  );
  expectFailure(await rollBack(workspace), { exitCode: 15, code: "PLAN_TAMPERED" });
  expect(template.registry.writes.filter(isChannelWrite)).toEqual([]);
  expect(await template.registry.channel("latest")).toEqual(after);
});
