import { describe, expect, test } from "vitest";
import { findSecrets } from "./find-secrets.ts";

/** Put together here, so that this file itself holds no secret. */
const token = ["npm", "aB3xY9kQ2mN7pL5vR8tW1zC4dF6gH0jK3sMw"].join("_");
const key = (kind: string, body: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${body}\n-----END ${kind}PRIVATE KEY-----`;
const body = "MC4CAQAwBQYDK2VwBCIEIJ1TvYw4h0YwGm6hYv3Vtq3m8yqkQm6d6S1X";

async function scan(content: string | Buffer, path = "dist/index.js"): Promise<string[]> {
  const found = await findSecrets([{ path, bytes: Buffer.from(content), mode: 0o644 }]);
  return found.map(({ where }) => where);
}

describe("findSecrets", () => {
  test.each([
    ["an RSA key", key("RSA ", body.repeat(4))],
    ["a short Ed25519 key", key("", body)],
    ["a key in a string of code", `const k = ${JSON.stringify(key("EC ", body))};`],
    ["an npm token", `const t = "${token}";`],
    ["a GitHub token", `x = "${["ghp", "aB3d".repeat(9)].join("_")}"`],
    ["a registry token of no known form, in code", `"//registry.example/:_authToken=Zk3kd92kd0sLqPw83hfgA11x"`],
    ["a registry token as JSON", `{"_authToken": "Zk3kd92kd0sLqPw83hfgA11x"}`],
    ["a registry password", `_password = "Zk3kd92kd0sLqPw83hfgA11x=="`],
    ["credentials in a URL", `fetch("https://${["admin", "Sup3rSecretPw"].join(":")}@example.com/x")`],
    ["a JSON web token", ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N"].join(".")],
  ])("finds %s and its line", async (_title, secret) => {
    expect(await scan(`// one\n// two\n${secret}\n`)).toEqual(["dist/index.js:3"]);
  });

  test("finds a secret behind a comment that switches the scanner off", async () => {
    expect(await scan(`// secretlint-disable\nconst t = "${token}";\n`)).toEqual(["dist/index.js:2"]);
  });

  test("finds a secret inside a binary, in any file", async () => {
    const binary = Buffer.concat([Buffer.from([0, 255, 254, 0]), Buffer.from(token), Buffer.from([0, 255])]);
    expect(await scan(binary, "prebuilt/addon.node")).toEqual(["prebuilt/addon.node:1"]);
  });

  test("never repeats the secret", async () => {
    const found = await findSecrets([{ path: "a", bytes: Buffer.from(`${token}\n${key("", body)}`), mode: 0o644 }]);
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain(token.slice(4));
    expect(JSON.stringify(found)).not.toContain(body);
  });

  test.each([
    ["a token read from the environment", "//registry.example/:_authToken=${NPM_TOKEN}"],
    ["a pattern that looks for keys", "/-----BEGIN [A-Z ]*PRIVATE KEY-----/"],
    ["a placeholder", "_authToken=xxxxxxxxxxxxxxxxxxxxxxxx"],
    ["a public key", `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----`],
    ["an integrity hash", `sha512-${"aB3+".repeat(21)}==`],
  ])("leaves %s alone", async (_title, content) => {
    expect(await scan(content)).toEqual([]);
  });
});
