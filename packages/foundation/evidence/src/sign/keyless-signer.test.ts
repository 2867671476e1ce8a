import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createKeylessSigner, type KeylessSignerOptions } from "@hxp/evidence";
import { createIdentityToken } from "../testing/start-local-sigstore.ts";
import { refusal } from "../testing/test-world.ts";

const token = createIdentityToken({ iss: "https://ci.example.test", sub: "release" });
let requests: string[] = [];
let status = 500;
const server = createServer((request, response) => {
  requests.push(request.url ?? "");
  request.resume();
  if (status > 0) response.writeHead(status, { "content-type": "application/json" }).end('{"message":"not today"}');
});

beforeEach(async () => {
  requests = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const sign = (options: KeylessSignerOptions = {}) =>
  createKeylessSigner({
    fulcioUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    identityProvider: { getToken: async () => token },
    retries: 0,
    ...options,
  }).sign(Buffer.from("data"));

describe("a keyless signer", () => {
  test("says which authority gave no certificate, and why", async () => {
    status = 400;
    await expect(sign()).rejects.toMatchObject({
      code: "SIGNING_FAILED",
      message: expect.stringMatching(/127\.0\.0\.1.*not today/),
    });
    expect(requests).toEqual(["/api/v2/signingCert"]);
  });

  test("asks again, as often as it was told, when the authority is out of order", async () => {
    status = 503;
    await expect(sign({ retries: 1 })).rejects.toEqual(refusal("SIGNING_FAILED"));
    expect(requests).toHaveLength(2);
  });

  test("ends after its time when the authority does not answer", async () => {
    status = 0;
    await expect(sign({ timeoutMs: 50 })).rejects.toEqual(refusal("SIGNING_FAILED"));
  });

  test("ends when its caller gives up, even before it began", async () => {
    status = 0;
    const controller = new AbortController();
    const signing = sign({ signal: controller.signal });
    controller.abort(new Error("the user pressed Ctrl-C"));
    await expect(signing).rejects.toThrow("Ctrl-C");
    await expect(sign({ signal: controller.signal })).rejects.toThrow("Ctrl-C");
  });

  test("never prints a token that it cannot read, nor keeps it as a cause", async () => {
    const secret = "secret-token-that-is-no-jwt";
    const error: unknown = await sign({ identityProvider: { getToken: async () => secret } }).catch((thrown) => thrown);
    expect(error).toEqual(refusal("IDENTITY_TOKEN_MISSING"));
    expect((error as Error).cause).toBeUndefined();
    expect((error as Error).message).not.toContain(secret);
  });

  test("refuses a token whose e-mail address nobody verified", async () => {
    const unverified = createIdentityToken({ sub: "x", email: "a@example.test", email_verified: false });
    const signing = sign({ identityProvider: { getToken: async () => unverified } });
    await expect(signing).rejects.toEqual(refusal("IDENTITY_TOKEN_MISSING"));
    expect(requests).toEqual([]);
  });

  test("says that there is no token outside of CI", async () => {
    for (const name of ["SIGSTORE_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "BUILDKITE"]) vi.stubEnv(name, undefined);
    const signer = createKeylessSigner({ fulcioUrl: "http://127.0.0.1:9" });
    await expect(signer.sign(Buffer.from("x"))).rejects.toEqual(refusal("IDENTITY_TOKEN_MISSING"));
  });

  test("takes the token of the CI job by default", async () => {
    status = 400;
    vi.stubEnv("SIGSTORE_ID_TOKEN", token);
    const { port } = server.address() as AddressInfo;
    const signer = createKeylessSigner({ fulcioUrl: `http://127.0.0.1:${port}`, retries: 0 });
    await expect(signer.sign(Buffer.from("x"))).rejects.toEqual(refusal("SIGNING_FAILED"));
    expect(requests).toHaveLength(1);
  });
});
