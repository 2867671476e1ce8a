import { once } from "node:events";
import { appendFileSync, chmodSync, createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readGuideModel } from "@hxp/model-guide";
import { renderPull } from "../src/models/pull.ts";
import { ask, readAnswer } from "./support/ask.ts";
import { run, temporaryFolder } from "./support/make-world.ts";
import { runHxp, startHxp, waitForUp } from "./support/start-hxp.ts";

const guide = readGuideModel();
const [known] = guide.knownAnswers;

/** Serves the embedded model's file on loopback, to those who send the token. */
async function serveModelFile(token?: string): Promise<string> {
  const server = createServer((request, response) => {
    const isKnown = token === undefined || request.headers.authorization === `Bearer ${token}`;
    response.writeHead(isKnown ? 200 : 401, { "content-length": isKnown ? guide.bytes : 0 });
    if (isKnown) createReadStream(guide.file).pipe(response);
    else response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/files/chat.gguf`;
}

async function json(args: readonly string[], options: Parameters<typeof run>[1]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await run(["models", ...args, "--json"], options);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

test("a model is pulled, listed, verified, served under its name, and removed", async () => {
  const cwd = temporaryFolder();
  const url = await serveModelFile();
  expect(await json(["pull", url, "--sha256", guide.sha256, "--licence", "MIT"], { cwd })).toMatchObject({
    name: "chat",
    sha256: guide.sha256,
    pinned: "given",
    licence: "MIT",
  });
  expect(await json(["list"], { cwd })).toMatchObject({ models: [{ name: "chat", size: guide.bytes }] });
  expect(await json(["verify"], { cwd })).toMatchObject({ models: [{ name: "chat", status: "intact" }] });

  const serve = ["--set", "models.serve={mine: {source: chat}}", "--port", "0", "--set", "gateway.probe.port=0"];
  const up = await waitForUp(startHxp(["up", "--json", ...serve], { cwd }));
  const response = await ask({ ...up, key: up.key, model: "mine", content: known?.question ?? "" });
  expect(await readAnswer(response)).toBe(known?.answer);
  expect(await run(["models", "remove", "chat"], { cwd })).toMatchObject({
    exitCode: expect.not.toSatisfy((code: number) => code === 0) as number,
    stderr: expect.stringContaining("MODEL_IN_USE"),
  });
});

test("a model that nobody serves is removed, and its bytes are free", async () => {
  const cwd = temporaryFolder();
  await json(["pull", await serveModelFile(), "--name", "small"], { cwd });
  expect(await json(["remove", "small"], { cwd })).toEqual({ name: "small", freed: guide.bytes });
  expect(await json(["list"], { cwd })).toMatchObject({ models: [] });
});

test("a file that is not what was expected is refused, and one that changed is found", async () => {
  const cwd = temporaryFolder();
  const url = await serveModelFile();
  const refused = await run(["models", "pull", url, "--sha256", "0".repeat(64)], { cwd });
  expect(refused).toMatchObject({ exitCode: 15, stderr: expect.stringContaining("MODEL_DIGEST_MISMATCH") });
  await json(["pull", url], { cwd });
  const blob = join(cwd, ".local/share/hxp/models/blobs/sha256", guide.sha256);
  chmodSync(blob, 0o644);
  appendFileSync(blob, "x");
  const { exitCode, stdout } = await run(["models", "verify"], { cwd });
  expect([exitCode, stdout]).toEqual([14, expect.stringContaining("chat: changed")]);
});

test("a token comes from the variable that is named, and gets into no message", async () => {
  const url = await serveModelFile("very-secret-token");
  const variables = { HUB_TOKEN: "very-secret-token" };
  const cwd = temporaryFolder();
  const without = await runHxp(["models", "pull", url], { cwd, variables });
  expect(without.exitCode).not.toBe(0);
  const { exitCode, stdout, stderr } = await runHxp(["models", "pull", url, "--token-env", "HUB_TOKEN"], {
    cwd,
    variables,
  });
  expect(exitCode, stderr).toBe(0);
  expect(stdout + stderr).not.toContain("very-secret");
});

test("the embedded model answers what it is known to answer", async () => {
  const { exitCode, stdout } = await run(["models", "test", "guide"]);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^guide answered (\d+) of \1 questions/)]);
});

test("a wrong answer is exit code 14, with what was expected and what was found", async () => {
  const set = [
    "models.serve.guide.knownAnswer.prompt=What is HXP?",
    "models.serve.guide.knownAnswer.answer=A kind of cheese.",
  ];
  const { exitCode, stdout } = await run(["models", "test", "guide", ...set.flatMap((each) => ["--set", each])]);
  expect(exitCode).toBe(14);
  expect(stdout).toMatch(/expected {2}A kind of cheese\.\n {4}found {5}\S.* … \(cut after \d+ tokens\)$/m);
});

test("the catalogue says what models need", async () => {
  const { stdout } = await run(["models", "catalogue"]);
  expect(stdout).toMatch(/^Name .*Licence .*Memory/);
  expect(stdout).toMatch(/^mixtral-8x7b .*Apache-2\.0/m);
});

test("a name that the catalogue does not have is said to be that, with where the names are", async () => {
  const { exitCode, stderr } = await run(["models", "pull", "phi3"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/MODEL_SOURCE_INVALID: The catalogue has no model "phi3"\n→ .*hxp models catalogue/);
});

test("a pull shows share, size, rate and time to go", () => {
  expect(renderPull({ bytes: 5e8, size: 1e9, bytesPerSecond: 1e8, remainingMs: 5000 })).toBe(
    "[###############               ] 50 % of 1.0 GB, 100.0 MB/s, 5.0 s to go",
  );
  expect(renderPull({ bytes: 2e6, size: undefined, bytesPerSecond: 0, remainingMs: undefined })).toBe("2.0 MB");
});
