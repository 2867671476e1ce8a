import { expect, test } from "vitest";
import { after, before, expectSuccess, useTamperTemplate, toCompany } from "./support/tamper-template.ts";
import type { TestWorkspace } from "./support/workspace.ts";

const template = useTamperTemplate();

const isSubmission = (asked: string): boolean => asked.startsWith("POST /-/stage/package/");

/** A workspace whose registry takes uploads as npm's staging area does: nobody sees them until somebody approves. */
async function stagedWorkspace() {
  const workspace = await template.changed();
  workspace.edit("release.config.mjs", (text) => text.replace('"url":', '"mode": "staged",\n"url":'));
  workspace.commit();
  const waiting = new Map<string, { path: string; body: Buffer }>();
  const taken = new Set<string>();
  template.registry.use(async ({ asked, body, response, pass }) => {
    if (!isSubmission(asked)) return pass();
    const path = asked.slice("POST /-/stage/package".length);
    if (taken.has(path)) {
      response.writeHead(409, { "content-type": "application/json" }).end('{"error":"this version is staged already"}');
      return;
    }
    taken.add(path);
    const stageId = `stage-${waiting.size + 1}`;
    waiting.set(stageId, { path, body });
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify({ stageId }));
  });
  const approve = async (stageId: string): Promise<void> => {
    const { path, body } = waiting.get(stageId)!;
    const answer = await fetch(new URL(path.slice(1).replace("/", "%2f"), template.registry.url), {
      method: "PUT",
      headers: { authorization: `Bearer ${template.registry.token}`, "content-type": "application/json" },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(201);
  };
  const reject = (stageId: string): void => void taken.delete(waiting.get(stageId)!.path);
  return { workspace, approve, reject };
}

const countSubmissions = (): number => template.registry.writes.filter(isSubmission).length;

/** Releases until the command that approves is printed, and stops it there; gives the ids. */
async function stopWhileWaiting(workspace: TestWorkspace): Promise<string[]> {
  await using running = workspace.start(toCompany, template.env);
  const [, ids = ""] = await running.saw(/pnpm stage approve (.+)/);
  running.child.kill("SIGINT");
  expect((await running.ended).exitCode).toBe(130);
  return ids.trim().split(" ");
}

test("what waits for approval is not submitted twice, and is promoted once somebody has approved it", async () => {
  const { workspace, approve } = await stagedWorkspace();
  const ids = await stopWhileWaiting(workspace);
  expect(ids).toHaveLength(2);
  expect(countSubmissions()).toBe(2);
  expect(await stopWhileWaiting(workspace)).toEqual(ids);
  expect(countSubmissions()).toBe(2);
  expect(await template.registry.channel("latest")).toEqual(before);
  for (const id of ids) await approve(id);
  expectSuccess(await workspace.release(toCompany, template.env));
  expect(countSubmissions()).toBe(2);
  expect(await template.registry.channel("latest")).toEqual(after);
});

test("a submission whose answer was lost is found again, and one that is given up is to be rejected", async () => {
  const { workspace } = await stagedWorkspace();
  await stopWhileWaiting(workspace);
  const lines = workspace.read(".hxp/journal.jsonl").trimEnd().split("\n");
  const first = lines.findIndex((line) => line.includes('"submission"'));
  // As if it had been killed between the registry's answer and the record of it.
  workspace.write(".hxp/journal.jsonl", `${lines.slice(0, first).join("\n")}\n`);
  await using running = workspace.start(toCompany, template.env);
  await running.saw(/pnpm stage list @acme\/\w+ .*\n.*pnpm stage list @acme\/\w+/);
  running.child.kill("SIGINT");
  await running.ended;
  expect(countSubmissions()).toBe(4);
  const run = await workspace.release(["rollback", ...toCompany, "--reason", "not now"], template.env);
  expectSuccess(run);
  expect(run.text).toContain("pnpm stage list @acme/core");
  expect(await template.registry.channel("latest")).toEqual(before);
});

test("a release that is given up names what nobody may approve any more, and can be made anew", async () => {
  const { workspace, reject } = await stagedWorkspace();
  const ids = await stopWhileWaiting(workspace);
  const run = await workspace.release(["rollback", ...toCompany, "--reason", "not now"], template.env);
  expectSuccess(run);
  for (const id of ids) {
    expect(run.text).toContain(`pnpm stage reject ${id}`);
    reject(id);
  }
  expect(await stopWhileWaiting(workspace)).toEqual(["stage-3", "stage-4"]);
});
