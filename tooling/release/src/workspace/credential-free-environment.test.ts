import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { credentialFreeEnvironment, pickVariables } from "./credential-free-environment.ts";

function clean(
  env: NodeJS.ProcessEnv,
  npmrc?: string,
  projectNpmrc?: string,
): { env: NodeJS.ProcessEnv; npmrc: string } {
  const [home, scratch] = [temporaryFolder(), join(temporaryFolder(), "scratch")];
  if (npmrc !== undefined) writeFileSync(join(home, ".npmrc"), npmrc);
  const workspace = temporaryFolder();
  if (projectNpmrc !== undefined) writeFileSync(join(workspace, ".npmrc"), projectNpmrc);
  const cleaned = credentialFreeEnvironment({ HOME: home, ...env }, { scratch, workspace });
  return { env: cleaned, npmrc: readFileSync(cleaned["npm_config_userconfig"] ?? "", "utf8") };
}

describe("the environment of project code", () => {
  test.each([
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "GITHUB_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "npm_config__auth",
    "npm_config_//registry.example/:_authToken",
    "NPM_CONFIG_OTP",
    "HXP_KEY_PASSPHRASE",
    "NPM_ID_TOKEN",
    "PGPASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "SSH_AUTH_SOCK",
    "HTTP_AUTHORIZATION",
    "OPENAI_API_KEY",
    "STRIPE_APIKEY",
    "SIGNING_PRIVATE",
    "GITHUB_PAT",
    "AZURE_DEVOPS_EXT_PAT",
  ])("has no %s", (name) => {
    expect(clean({ [name]: "secret" }).env).not.toHaveProperty([name]);
  });

  test.each(["PATH", "LANG", "HOME", "HTTPS_PROXY", "GIT_AUTHOR_NAME", "AUTHORS", "npm_config_registry", "KEYBOARD"])(
    "keeps %s",
    (name) => {
      expect(clean({ [name]: "/value" }).env[name]).toBe("/value");
    },
  );

  test("lets git ask nobody, and changes nothing of the environment that it is made from", () => {
    const env = { NPM_TOKEN: "secret", PATH: "/bin" };
    expect(clean(env).env["GIT_TERMINAL_PROMPT"]).toBe("0");
    expect(env).toEqual({ NPM_TOKEN: "secret", PATH: "/bin" });
  });
});

describe("a variable that an npmrc names", () => {
  const env = { COMPANY: "secret", CERTIFICATE: "secret", MIRROR: "https://mirror.example/" };
  const npmrc = ["//acme.example/:_authToken=${COMPANY}", "//acme.example/:key=${CERTIFICATE?}", "registry=${MIRROR}"];

  test.each([
    ["the user's", npmrc.join("\n"), undefined],
    ["the workspace's", undefined, npmrc.join("\n")],
  ])("as a secret does not get through, another does: %s", (_whose, user, project) => {
    const cleaned = clean(env, user, project).env;
    expect(cleaned).not.toHaveProperty("COMPANY");
    expect(cleaned).not.toHaveProperty("CERTIFICATE");
    expect(cleaned["MIRROR"]).toBe("https://mirror.example/");
  });
});

test("what a process was configured to need is picked, but no publish token", () => {
  const env = { VAULT_TOKEN: "needed", NPM_TOKEN: "x", NODE_AUTH_TOKEN: "x", NPM_ID_TOKEN: "x", OTHER: "x" };
  const auth = "npm_config_//registry.example/:_authToken";
  const picked = pickVariables(
    { ...env, [auth]: "x" },
    [...Object.keys(env), auth].filter((name) => name !== "OTHER"),
  );
  expect(picked).toEqual({ VAULT_TOKEN: "needed" });
});

describe("the npmrc of project code", () => {
  test("has the user's settings without tokens, passwords, keys, and helpers that would give one", () => {
    const { npmrc } = clean(
      {},
      [
        "registry=https://registry.example/",
        "@acme:registry=https://acme.example/",
        "//acme.example/:_authToken=secret",
        "//acme.example/:_password = secret",
        "//acme.example/:username=secret",
        "//acme.example/:certfile=/secret",
        "//acme.example/:tokenHelper=/secret",
        "_auth=secret",
        "  _authToken = secret",
        "email=secret@acme.example",
        'key="secret"',
        "otp=123456",
        "strict-ssl=true",
      ].join("\n"),
    );
    expect(npmrc.split("\n")).toEqual([
      "registry=https://registry.example/",
      "@acme:registry=https://acme.example/",
      "strict-ssl=true",
    ]);
  });

  test.each(["NPM_CONFIG_USERCONFIG", "npm_config_userconfig"])("comes from the file that %s names", (name) => {
    const file = join(temporaryFolder(), "npmrc");
    writeFileSync(file, "strict-ssl=false\n_auth=secret\n");
    const { env, npmrc } = clean({ [name]: file }, "strict-ssl=true\n");
    expect(npmrc.trim()).toBe("strict-ssl=false");
    expect(Object.keys(env).filter((key) => /userconfig/i.test(key))).toEqual(["npm_config_userconfig"]);
  });

  test("is empty where the user has none", () => {
    const { env, npmrc } = clean({});
    expect(npmrc).toBe("");
    expect(existsSync(env["npm_config_userconfig"] ?? "")).toBe(true);
  });
});
