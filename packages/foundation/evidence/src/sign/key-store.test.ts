import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createKeySigner, createSigningKey, openSigningKey } from "@hxp/evidence";
import { refusal } from "../testing/test-world.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
  path = join(folder, "release.key");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: Parameters<typeof openSigningKey>[1] = {}) => openSigningKey(path, { env: {}, ...options });

describe("a key file", () => {
  test("is made on first use, for its owner only, with the public half beside it, and is the same ever after", async () => {
    const made = await open();
    expect(readdirSync(folder)).toEqual(["release.key", "release.key.pub"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${path}.pub`, "utf8")).toBe(made.pem);
    expect((await open()).hint).toBe(made.hint);
    expect(createPrivateKey(readFileSync(path)).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });

  test("is not made where it must exist", async () => {
    await expect(open({ create: false })).rejects.toEqual(refusal("FILE_UNREADABLE"));
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is one and the same for all who want to make it at once", async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => open()));
    expect(new Set(made.map(({ hint }) => hint)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(["release.key", "release.key.pub"]);
  });

  test.each([0o640, 0o604, 0o644, 0o660, 0o620])("of mode %o is refused", async (mode) => {
    await open();
    chmodSync(path, mode);
    await expect(open()).rejects.toEqual(refusal("KEY_FILE_UNSAFE"));
  });

  test("that is a link is judged by the file it leads to", async () => {
    await open();
    const link = join(folder, "link.key");
    symlinkSync(path, link);
    await expect(openSigningKey(link, { env: {} })).resolves.toMatchObject({ hint: (await open()).hint });
    chmodSync(path, 0o644);
    await expect(openSigningKey(link, { env: {} })).rejects.toEqual(refusal("KEY_FILE_UNSAFE"));
  });

  test("gets its public half back when that is missing, and is refused when it is another's", async () => {
    const { pem } = await open();
    rmSync(`${path}.pub`);
    await open();
    expect(readFileSync(`${path}.pub`, "utf8")).toBe(pem);
    writeFileSync(`${path}.pub`, createSigningKey().pem);
    await expect(open()).rejects.toEqual(refusal("KEY_FILE_INVALID"));
  });

  test.each([
    ["nonsense", () => "nonsense"],
    ["a key on another curve", () => exportKey(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey)],
    ["a key of another kind", () => exportKey(generateKeyPairSync("ed25519").privateKey)],
    ["a public key", () => createSigningKey().pem],
  ])("is refused with %s in it", async (_, content) => {
    writeFileSync(path, content(), { mode: 0o600 });
    await expect(open()).rejects.toEqual(refusal("KEY_FILE_INVALID"));
  });
});

describe("a passphrase", () => {
  test("from the option locks the file, and opens it again", async () => {
    const { hint } = await open({ passphrase: "correct horse" });
    expect(readFileSync(path, "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect((await open({ passphrase: "correct horse" })).hint).toBe(hint);
  });

  test.each([
    ["that is wrong", { passphrase: "wrong horse" }],
    ["that is missing", {}],
    ["that is empty", { passphrase: "" }],
  ])("%s does not open the file, and is not in the message", async (_, options) => {
    await open({ passphrase: "correct horse" });
    const error: unknown = await open(options).catch((thrown) => thrown);
    expect(error).toEqual(refusal("KEY_PASSPHRASE_WRONG"));
    expect(String(error)).not.toContain("horse");
  });

  test("comes from the option before HXP_KEY_PASSPHRASE before the prompt", async () => {
    const asked: string[] = [];
    const prompt = async ({ purpose }: { purpose: string }): Promise<string> => {
      asked.push(purpose);
      return "prompted";
    };
    await open({ prompt });
    await open({ prompt });
    expect(asked).toEqual(["choose", "unlock"]);
    await expect(open({ env: { HXP_KEY_PASSPHRASE: "wrong" }, prompt })).rejects.toEqual(
      refusal("KEY_PASSPHRASE_WRONG"),
    );
    const env = { HXP_KEY_PASSPHRASE: "wrong" };
    await expect(open({ passphrase: "prompted", env, prompt })).resolves.toBeDefined();
    expect(asked).toHaveLength(2);
  });

  test("is not asked for where the file has none", async () => {
    await open();
    const prompt = async (): Promise<string> => expect.fail("asked");
    await expect(open({ prompt })).resolves.toBeDefined();
  });
});

describe("a key signer", () => {
  test("names its key by the hint that cosign would", async () => {
    const key = await open();
    const { signature, key: material } = await createKeySigner(key).sign(Buffer.from("data"));
    expect(material).toEqual({ $case: "publicKey", publicKey: key.pem, hint: key.hint });
    expect(signature[0]).toBe(0x30);
  });
});

function exportKey(key: ReturnType<typeof createPrivateKey>): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
