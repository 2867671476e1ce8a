import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createCredential } from "../credentials/credential.ts";
import { toRegistryError } from "./registry-error.ts";

const call = { action: "publish @a/b@1.0.0", url: "https://registry.example/" };

function answer(words: string): Error {
  const headers = { "x-seen": [words] };
  return Object.assign(new Error(`403 Forbidden - ${words}`), { statusCode: 403, body: { error: words }, headers });
}

test.each([
  ["a token of any form", createCredential({ secret: "plain words", source: "test" }), "plain words"],
  [
    "npmrc's _auth",
    createCredential({ secret: "dXNlcjpodW50ZXIy", source: "test", scheme: "basic" }),
    "dXNlcjpodW50ZXIy",
  ],
  ["the password in it", createCredential({ secret: "dXNlcjpodW50ZXIy", source: "test", scheme: "basic" }), "hunter2"],
])("%s that a registry sends back is in no part of the error", (_what, credential, secret) => {
  const words = `${"x".repeat(390)} ${secret} is not allowed`;
  const error = toRegistryError(answer(words), { ...call, credential });
  expect(error).toMatchObject({ code: "REGISTRY_UNAUTHORIZED", details: { status: 403 } });
  expect(inspect(error, { depth: 10 })).not.toContain(secret.slice(0, 6));
  expect(inspect(error, { depth: 10 })).toContain("***");
});
