import { verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { createModuleSigner } from "./module-signer.ts";

/** A signer whose module has this source. */
function signerOf(source: string, { env = {}, ...options }: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {}) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "signer.mjs"), source);
  const signer = createModuleSigner("signer.mjs", { cwd, env: { PATH: process.env["PATH"], ...env }, ...options });
  onTestFinished(() => signer.close());
  return signer;
}

function refused(message: RegExp): unknown {
  return expect.objectContaining({ code: "SIGNING_FAILED", message: expect.stringMatching(message) });
}

const working = `import { generateKeyPairSync, sign } from "node:crypto";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
console.log("opened the vault");
export async function createSigner() {
  const key = { $case: "publicKey", publicKey: publicKey.export({ type: "spki", format: "pem" }), hint: process.env.HINT };
  return { sign: async (data) => ({ signature: sign("sha256", data, privateKey), key }) };
}`;

const data = Buffer.from("a statement");

describe("a signer module", () => {
  test("signs, many at once, with its own environment", async () => {
    const signer = signerOf(working, { env: { HINT: "vault-1" } });
    const signed = await Promise.all([data, Buffer.from("another")].map((bytes) => signer.sign(bytes)));
    for (const [index, { signature, key }] of signed.entries()) {
      if (key.$case !== "publicKey") throw new Error("expected a public key");
      expect(key.hint).toBe("vault-1");
      expect(verify("sha256", index === 0 ? data : Buffer.from("another"), key.publicKey, signature)).toBe(true);
    }
  });

  test("sees the environment that it is given and nothing of this process's", async () => {
    const source = `export const createSigner = async () => ({
  sign: async () => { throw new Error(Object.keys(process.env).sort().join()); } });`;
    const signer = signerOf(source, { env: { VAULT_TOKEN: "needed" } });
    await expect(signer.sign(data)).rejects.toThrow(refused(/: (NODE_CHANNEL_[A-Z_]+,)*PATH,VAULT_TOKEN$/));
  });

  test("that refuses is quoted, and may sign the next time", async () => {
    const refusing = working.replace(
      "async (data) => ({",
      `async (data) => { if (data.length < 5) throw new Error("too short"); return {`,
    );
    const signer = signerOf(refusing.replace("key }) };", "key }; } };"), { env: { HINT: "1" } });
    await expect(signer.sign(Buffer.from("x"))).rejects.toThrow(refused(/signer\.mjs did not sign: too short/));
    expect((await signer.sign(data)).signature.length).toBeGreaterThan(0);
  });
});

describe("a signer module that does not work fails the signature, not the process", () => {
  test.each([
    ["is no program", "export const (", /ended with 1/],
    ["exports nothing", "", /ended with 1/],
    ["throws while it opens", "export const createSigner = () => { throw new Error('locked'); };", /ended with 1/],
    [
      "ends while it signs",
      "export const createSigner = async () => ({ sign: () => process.exit(7) });",
      /ended with 7/,
    ],
    [
      "is killed",
      "export const createSigner = async () => ({ sign: () => process.kill(process.pid, 'SIGKILL') });",
      /SIGKILL/,
    ],
    [
      "signs with a certificate",
      "export const createSigner = async () => ({ sign: async () => ({ signature: 'x', key: { $case: 'x509Certificate' } }) });",
      /certificate, expected a public key/,
    ],
    [
      "gives a key that is none",
      "export const createSigner = async () => ({ sign: async () => ({ signature: 'x', key: { $case: 'publicKey' } }) });",
      /not a signature/,
    ],
  ])("when it %s", async (_what, source, message) => {
    const signer = signerOf(source);
    await expect(signer.sign(data)).rejects.toThrow(refused(message));
    await expect(signer.sign(data)).rejects.toThrow(expect.objectContaining({ code: "SIGNING_FAILED" }));
  });

  test("when it takes too long", async () => {
    const source =
      "export const createSigner = async () => ({ sign: () => new Promise(() => setInterval(() => {}, 1000)) });";
    await expect(signerOf(source, { timeoutMs: 200 }).sign(data)).rejects.toThrow(refused(/no signature in 200 ms/));
  });
});
