import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importAdvisories } from "@hxp/release-gates";
import { createCredential, createRegistryClient, startEmbeddedRegistry } from "@hxp/release-registry";
import { runCommand } from "../../src/workspace/run-command.ts";
import { createRegistryKey, packThirdParty } from "../../test/support/third-parties.ts";
import { makeEnvironment } from "../make-environment.ts";
import { applicationName, makeSyntheticAdvisory, makeSyntheticPackages } from "./synthetic-packages.ts";

/** A workspace with one package whose closure has so many others, installed from an embedded registry that is served. */
export interface BenchClosure {
  readonly packages: number;
  readonly workspace: string;
  /** The application's tarball. */
  readonly tarball: string;
  /** Folder with an imported advisory database. */
  readonly databases: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What {@link withBenchClosure} takes. */
export interface ClosureOptions {
  packages: number;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/** Entries of the advisory database for each package of the closure: about as many as OSV has for much-used ones. */
const advisoriesPerPackage = 4;

/** Makes the closure and gives it to `work`; removes everything at the end, whatever the end is. */
export async function withBenchClosure<T>(
  options: ClosureOptions,
  work: (closure: BenchClosure) => Promise<T>,
): Promise<T> {
  const { packages, signal, onProgress } = options;
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "hxp-bench-"));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const key = createRegistryKey();
  const registry = cleanup.use(
    await startEmbeddedRegistry({
      folder: join(folder, "registry"),
      localNames: () => true,
      keys: () => [key.entry],
    }),
  );
  const env = { ...makeEnvironment(folder), npm_config_registry: registry.url, pnpm_config_registry: registry.url };
  const credential = createCredential({ secret: registry.token, source: "bench" });
  const client = createRegistryClient({ url: registry.url, credential, signal });
  const packed = join(folder, "packed");
  mkdirSync(packed);
  for (const [index, { name, version, ...rest }] of makeSyntheticPackages(packages).entries()) {
    const entry = packThirdParty(packed, { name, version, ...rest }, { LICENSE: licenceText });
    await client.publish({ ...entry, signatures: [key.sign(entry)] }, "latest");
    if ((index + 1) % 500 === 0) onProgress(`published ${index + 1} of ${packages}`);
  }
  rmSync(packed, { recursive: true });
  const workspace = await makeWorkspace(folder, env, signal);
  onProgress("installing");
  await runCommand(["pnpm", "install", "--no-frozen-lockfile"], { cwd: workspace, env, signal });
  const tarball = join(folder, "application.tgz");
  await runCommand(["pnpm", "pack", "--out", tarball], { cwd: join(workspace, "application"), env, signal });
  onProgress("importing advisories");
  const databases = await importDatabase(folder, { packages, signal });
  return await work({ packages, workspace, tarball, databases, folder, env, signal });
}

const licenceText = `MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software.
`;

async function makeWorkspace(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const workspace = join(folder, "workspace");
  const application = join(workspace, "application");
  mkdirSync(application, { recursive: true });
  const write = (path: string, content: string): void => writeFileSync(join(workspace, path), content);
  const [first] = makeSyntheticPackages(1);
  const manifest = {
    name: applicationName,
    version: "1.0.0",
    license: "MIT",
    exports: "./index.js",
    dependencies: { [first?.name ?? ""]: "^1.0.0" },
    engines: { node: ">=22" },
  };
  write("package.json", JSON.stringify({ name: "bench", private: true, license: "MIT" }));
  write("pnpm-workspace.yaml", "packages: [application]\npmOnFail: ignore\nminimumReleaseAge: 0\n");
  write("application/package.json", JSON.stringify(manifest));
  write("application/index.js", "module.exports = 1;\n");
  write("application/README.md", "# Application\n");
  await runCommand(["git", "init", "--quiet"], { cwd: workspace, env, signal });
  return workspace;
}

async function importDatabase(
  folder: string,
  { packages, signal }: { packages: number; signal: AbortSignal },
): Promise<string> {
  const source = join(folder, "advisories");
  mkdirSync(source);
  for (let index = 0; index < packages * advisoriesPerPackage; index += 1) {
    writeFileSync(join(source, `${index}.json`), JSON.stringify(makeSyntheticAdvisory(index, packages)));
  }
  const databases = join(folder, "databases");
  await importAdvisories({ source, databases, now: new Date(), signal });
  return databases;
}
