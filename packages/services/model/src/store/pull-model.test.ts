import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listModels, type PullOptions, type PullProgress, pullModel, storePaths } from "@hxp/model";
import { breakOff, type FileServer, serveFile, startFileServer } from "../../test/file-server.ts";
import { makeGguf, makeSafetensors } from "../../test/make-gguf.ts";

const file = makeGguf({ tail: 100_000 });
const digest = sha256(file);

let store: string;
let server: FileServer;
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), "store-"));
  server = await startFileServer(file);
});
afterEach(async () => {
  await server.close();
  rmSync(store, { recursive: true });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const pull = (options: Partial<PullOptions> = {}) =>
  pullModel({ store, source: `${server.url}/models/Tiny.Q4_K_M.gguf?token=secret`, backoffMs: 1, ...options });

/** Bytes of what is being pulled. */
function arrived(): number {
  const part = readdirSync(storePaths(store).pulls).find((name) => name.endsWith(".part"));
  return part === undefined ? 0 : statSync(join(storePaths(store).pulls, part)).size;
}

/** Files that are neither blobs, manifests nor locks: nothing of a pull that has ended stays. */
const leftovers = (): string[] => readdirSync(storePaths(store).pulls).filter((name) => !name.endsWith(".lock"));

test("a pulled model is in the store, whole, read-only, named and described", async () => {
  const reports: PullProgress[] = [];
  const manifest = await pull({ licence: "MIT", onProgress: (report) => reports.push(report) });
  expect(manifest).toMatchObject({
    name: "tiny.q4_k_m",
    sha256: digest,
    size: file.length,
    format: "gguf",
    source: `${server.url}/models/Tiny.Q4_K_M.gguf`,
    licence: "MIT",
    pinned: "first-pull",
    about: { architecture: "llama", contextLength: 256, hasChatTemplate: true },
  });
  const blob = storePaths(store).blob(digest);
  expect(sha256(readFileSync(blob))).toBe(digest);
  expect(statSync(blob).mode & 0o777).toBe(0o444);
  expect(await listModels(store)).toEqual([manifest]);
  expect(leftovers()).toEqual([]);
  expect(reports.at(-1)).toMatchObject({ bytes: file.length, size: file.length });
});

test("a second pull of the same fetches nothing, and another file of that name is refused", async () => {
  const first = await pull();
  expect(await pull()).toEqual(first);
  expect(await pull({ sha256: digest })).toEqual(first);
  expect(server.seen).toHaveLength(1);
  await expect(pull({ sha256: "0".repeat(64) })).rejects.toMatchObject({ code: "MODEL_NAME_TAKEN" });
  await expect(pull({ source: `${server.url}/other/tiny.q4_k_m.gguf` })).rejects.toMatchObject({
    code: "MODEL_NAME_TAKEN",
  });
});

test("a file that the store has under another name is not fetched again", async () => {
  await pull({ sha256: digest });
  const second = await pull({ name: "again", sha256: digest });
  expect(second).toMatchObject({ name: "again", sha256: digest, pinned: "given" });
  expect(server.seen).toHaveLength(1);
});

test("safetensors are taken, too", async () => {
  server.file = makeSafetensors();
  expect(await pull({ source: `${server.url}/model.safetensors` })).toMatchObject({
    format: "safetensors",
    name: "model",
  });
});

describe("a pull that breaks off", () => {
  test("goes on by itself where it stopped", async () => {
    server.next.push(breakOff(server, { bytes: 30_000, arrived }), breakOff(server, { bytes: 30_000, arrived }));
    expect(await pull()).toMatchObject({ sha256: digest });
    const starts = server.seen.map(({ range }) => Number(/\d+/.exec(range ?? "0")?.[0]));
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(0);
    expect(starts[2]).toBeGreaterThan(starts[1] ?? 0);
    expect(server.seen.slice(1).every(({ ifRange }) => ifRange === '"one"')).toBe(true);
  });

  test("is gone on with by a later one, and its digest is that of the whole", async () => {
    server.next.push(breakOff(server, { bytes: 40_000, arrived }));
    await expect(pull({ attempts: 1 })).rejects.toMatchObject({ code: "MODEL_PULL_FAILED", retryable: true });
    expect(await listModels(store)).toEqual([]);
    expect(await pull({ sha256: digest })).toMatchObject({ sha256: digest, pinned: "given" });
    expect(server.seen[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test("begins anew when the file has changed meanwhile", async () => {
    server.next.push(breakOff(server, { bytes: 40_000, arrived }));
    await expect(pull({ attempts: 1 })).rejects.toMatchObject({ code: "MODEL_PULL_FAILED" });
    server.file = makeGguf({ tail: 90_000 });
    server.etag = '"two"';
    expect(await pull()).toMatchObject({ sha256: sha256(server.file) });
  });

  test("begins anew when a server sends a part of another version all the same", async () => {
    server.next.push(breakOff(server, { bytes: 40_000, arrived }));
    await expect(pull({ attempts: 1 })).rejects.toMatchObject({ code: "MODEL_PULL_FAILED" });
    const other = makeGguf({ tail: 90_000 });
    server.file = other;
    server.etag = '"two"';
    server.next.push((request, response) => {
      delete request.headers["if-range"];
      serveFile(server, request, response);
    });
    expect(await pull()).toMatchObject({ sha256: sha256(other) });
  });

  test("begins anew where the server gives nothing to tell versions apart by", async () => {
    server.etag = undefined;
    server.next.push((_, response) => {
      response.writeHead(200, { "content-length": file.length });
      response.write(file.subarray(0, 40_000), () => setImmediate(() => response.destroy()));
    });
    expect(await pull()).toMatchObject({ sha256: digest });
    expect(server.seen[1]?.range).toBeUndefined();
  });

  test("by kill -9 is gone on with", async () => {
    const script = `
      import { pullModel } from "@hxp/model";
      await pullModel({ store: process.argv[1], source: process.argv[2] });`;
    const options = ["--conditions=@hxp/source", "--no-warnings", "--input-type=module"];
    server.file = makeGguf({ tail: 20_000_000 });
    server.next.push((_, response) => {
      response.writeHead(200, { "content-length": server.file.length, etag: '"one"' });
      response.write(server.file.subarray(0, 18_000_000));
    });
    const child = spawn(process.execPath, [...options, "-e", script, store, `${server.url}/big.gguf`], {
      cwd: import.meta.dirname,
    });
    const { pulls } = storePaths(store);
    while (!existsSync(pulls) || !readdirSync(pulls).some((name) => name.endsWith(".part.json"))) await sleep(5);
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    const manifest = await pull({ source: `${server.url}/big.gguf` });
    expect(manifest.sha256).toBe(sha256(server.file));
    expect(server.seen[1]?.range).toMatch(/^bytes=16\d{6}-$/);
  });

  test("is given up after some failures without a new byte, and told with the server's own words", async () => {
    const busy = (_: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(503, { "retry-after": "0" }).end();
    };
    server.next.push(busy, busy, busy);
    await expect(pull({ attempts: 3 })).rejects.toMatchObject({
      code: "MODEL_PULL_FAILED",
      message: expect.stringContaining("503"),
    });
    expect(server.seen).toHaveLength(3);
  });

  test("by silence is a failure like others", async () => {
    server.next.push((_, response) => {
      response.writeHead(200, { "content-length": file.length, etag: '"one"' });
      response.write(file.subarray(0, 20_000));
    });
    expect(await pull({ idleMs: 400 })).toMatchObject({ sha256: digest });
    expect(server.seen.length).toBeGreaterThan(1);
  });

  test("by the caller leaves what is there, and rejects with the caller's reason", async () => {
    const controller = new AbortController();
    server.next.push((_, response) => {
      response.writeHead(200, { "content-length": file.length, etag: '"one"' });
      response.write(file.subarray(0, 20_000), () => setTimeout(() => controller.abort(new Error("enough")), 20));
    });
    await expect(pull({ signal: controller.signal })).rejects.toThrow("enough");
    expect(await pull()).toMatchObject({ sha256: digest });
  });
});

describe("what is not a model, or not the one", () => {
  const pickles: [string, Buffer][] = [
    ["a pickle", Buffer.concat([Buffer.from([0x80, 0x02]), Buffer.alloc(5000, 0x2e)])],
    ["a ZIP as PyTorch makes it", Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(5000)])],
    ["a web page", Buffer.from(`<!doctype html>${" ".repeat(5000)}`)],
    ["a pointer of Git LFS", Buffer.from(`version https://git-lfs.github.com/spec/v1\n${"x".repeat(100)}`)],
  ];

  test.each(pickles)("%s is refused at its first bytes, whatever it is called", async (_, bytes) => {
    server.file = bytes;
    await expect(pull()).rejects.toMatchObject({ code: "MODEL_FORMAT_REFUSED", exitCode: 15 });
    expect(leftovers()).toEqual([]);
    expect(await listModels(store)).toEqual([]);
  });

  test.each(["pytorch_model.bin", "model.pt", "model.pkl", "model.ckpt", "model.pth"])(
    "%s is not even asked for",
    async (name) => {
      await expect(pull({ source: `${server.url}/${name}` })).rejects.toMatchObject({ code: "MODEL_FORMAT_REFUSED" });
      await expect(pull({ source: `owner/repo/${name}`, hub: server.url })).rejects.toMatchObject({
        code: "MODEL_FORMAT_REFUSED",
      });
      expect(server.seen).toEqual([]);
    },
  );

  test("another digest than was asked for is refused, and nothing of it stays", async () => {
    const expected = "0".repeat(64);
    await expect(pull({ sha256: expected })).rejects.toMatchObject({
      code: "MODEL_DIGEST_MISMATCH",
      details: { expected, actual: digest },
      message: expect.stringMatching(new RegExp(`${digest}.*${expected}`)),
    });
    expect([leftovers(), readdirSync(store)]).toEqual([[], ["pulls"]]);
  });

  test("another digest than the hub itself says is refused", async () => {
    server.headers = { "x-linked-etag": `"${"1".repeat(64)}"` };
    await expect(pull()).rejects.toMatchObject({ code: "MODEL_DIGEST_MISMATCH" });
  });

  test("a header that ends too early is refused", async () => {
    server.file = file.subarray(0, 60);
    await expect(pull()).rejects.toMatchObject({ code: "MODEL_FILE_INVALID" });
    expect(leftovers()).toEqual([]);
  });

  test("more bytes than are allowed are refused, also where the server does not say how many there are", async () => {
    await expect(pull({ maxBytes: 1000 })).rejects.toMatchObject({ code: "MODEL_PULL_REFUSED" });
    server.next.push((_, response) => response.writeHead(200).end(file));
    await expect(pull({ maxBytes: 1000 })).rejects.toMatchObject({ code: "MODEL_PULL_REFUSED" });
  });

  test("a file without a place on the disk is not begun", async () => {
    await expect(pull({ freeBytes: async () => 5000 })).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(await pull({ freeBytes: async () => file.length })).toMatchObject({ sha256: digest });
  });
});

describe("the hub", () => {
  const source = "owner/repo@v1/sub/tiny.gguf";

  test("is asked by repo, revision and file, with the token, which no other host gets", async () => {
    const elsewhere = await startFileServer(file);
    server.next.push((_, response) => response.writeHead(302, { location: `${elsewhere.url}/cdn?sig=1` }).end());
    const token = { reveal: async () => "hf_secret" } as unknown as NonNullable<PullOptions["token"]>;
    const manifest = await pull({ source, hub: server.url, token });
    expect(server.seen[0]).toMatchObject({
      path: "/owner/repo/resolve/v1/sub/tiny.gguf",
      authorization: "Bearer hf_secret",
    });
    expect(elsewhere.seen[0]?.authorization).toBeUndefined();
    expect(manifest.source).toBe(`${server.url}/owner/repo/resolve/v1/sub/tiny.gguf`);
    await elsewhere.close();
  });

  test.each([
    ["http://example.com/x", "MODEL_SOURCE_INVALID"],
    ["file:///etc/passwd", "MODEL_SOURCE_INVALID"],
  ])("is not followed to %s", async (location, code) => {
    server.next.push((_, response) => response.writeHead(302, { location }).end());
    await expect(pull({ source, hub: server.url })).rejects.toMatchObject({ code });
  });

  test("is not followed in circles", async () => {
    for (let index = 0; index < 10; index += 1)
      server.next.push((_, response) => response.writeHead(302, { location: "/again" }).end());
    await expect(pull({ source, hub: server.url })).rejects.toMatchObject({ code: "MODEL_SOURCE_INVALID" });
    expect(server.seen).toHaveLength(6);
  });

  test.each([
    [401, /everybody.*401/],
    [403, /everybody.*403/],
    [404, /404/],
  ])("that answers with %i is not asked again", async (status, message) => {
    server.next.push((_, response) => response.writeHead(status).end());
    await expect(pull({ source, hub: server.url })).rejects.toMatchObject({
      code: "MODEL_PULL_REFUSED",
      message: expect.stringMatching(message),
    });
    expect(server.seen).toHaveLength(1);
  });
});

test.each([
  "http://example.com/model.gguf",
  "https://user:word@example.com/model.gguf",
  "https://example.com/",
  "just-a-name",
  "owner/repo",
  "owner/../../etc/passwd",
  "owner/repo/../x.gguf",
  "https://example.com/model-00001-of-00003.gguf",
])("%s is no source", async (source) => {
  await expect(pull({ source })).rejects.toMatchObject({
    code: "MODEL_SOURCE_INVALID",
    message: expect.not.stringContaining("word@"),
  });
});

test.each(["guide", "Upper", "../up", "a/b", ""])("a model cannot be called %j", async (name) => {
  await expect(pull({ name })).rejects.toMatchObject({ code: "MODEL_SOURCE_INVALID" });
});

test("two pulls of the same do not collide, and the second is told", async () => {
  let answer = (): void => {};
  server.next.push((request, response) => (answer = () => serveFile(server, request, response)));
  const first = pull();
  while (server.seen.length === 0) await new Promise(setImmediate);
  await expect(pull()).rejects.toMatchObject({ code: "LEASE_HELD", exitCode: 12 });
  answer();
  expect(await first).toMatchObject({ sha256: digest });
});
