import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { writeFiles } from "../../test/install-workspace.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";
import { consumerEnvironment } from "./consumer-environment.ts";

const registry = "http://127.0.0.1:9/aged/";

test("pnpm asks no other registry, wherever the user has set one up, nor one that it has built in", async () => {
  const home = await temporaryFolder();
  const other = (name: string): string => `http://127.0.0.1:9/${name}/`;
  await mkdir(join(home, "project"));
  await writeFiles(home, {
    ".npmrc": `registry=${other("default")}\n@user:registry=${other("user")}\n"@quoted:registry"=${other("quoted")}\n`,
    ".config/pnpm/auth.ini": `@auth:registry=${other("auth")}\n`,
    ".config/pnpm/config.yaml": { registries: { "@config": other("config") } },
    "project/pnpm-workspace.yaml": {},
  });
  const list = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
    const { stdout } = await execa("pnpm", ["config", "list", "--json"], {
      cwd: join(home, "project"),
      env,
      extendEnv: false,
    });
    const { registries } = JSON.parse(stdout) as { registries: Record<string, unknown> };
    return Object.keys(registries).toSorted();
  };
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    npm_config_userconfig: join(home, ".npmrc"),
    pnpm_config_registry: other("variable"),
  };
  expect(await list(env)).toEqual(expect.arrayContaining([other("auth"), other("config"), other("user")]));
  const consumer = await consumerEnvironment(env, { folder: join(home, "consumer"), registry });
  expect(await list(consumer)).toEqual([registry, `${registry}-/prefix/`]);
});

test("what is no registry stays, and variables that name one go", async () => {
  const folder = await temporaryFolder();
  const npmrc = join(folder, "user-npmrc");
  await writeFile(npmrc, "proxy=http://proxy.example/\nregistry = https://other.example/\n");
  const env = {
    LANG: "C",
    NPM_CONFIG_USERCONFIG: npmrc,
    "npm_config_@acme:registry": "https://acme.example/",
    npm_config_registry: "https://other.example/",
  };
  const consumer = await consumerEnvironment(env, { folder, registry });
  expect(consumer).toEqual({
    LANG: "C",
    XDG_CONFIG_HOME: folder,
    npm_config_userconfig: join(folder, "npmrc"),
    npm_config_globalconfig: join(folder, "global-npmrc"),
  });
  expect(await readFile(join(folder, "npmrc"), "utf8")).toBe(
    `proxy=http://proxy.example/\n\nregistry=${registry}\n@jsr:registry=${registry}\n`,
  );
});
