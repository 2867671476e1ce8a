import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** How a command ended. */
export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for messages of failed assertions. */
  readonly text: string;
}

/** A command that runs; leaving its scope kills it. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
  /** Resolves when standard output matches; rejects when the command ends without. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Environment variables over those of this process; undefined takes one away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A git repository with a pnpm workspace in it, and the release command for it. */
export interface TestWorkspace {
  /** The workspace's folder. */
  readonly folder: string;
  /** The repository's folder. */
  readonly repository: string;
  /** Runs `release` with these arguments and `--cwd`, and waits for its end. */
  release(args?: readonly string[], env?: Environment): Promise<Run>;
  /** Starts `release`. */
  start(args: readonly string[], env?: Environment): Running;
  /** Runs a program in the repository and returns what it wrote. */
  git(...args: string[]): string;
  read(path: string): string;
  readJson(path: string): unknown;
  write(path: string, content: string | object): void;
  /** Changes a file's text; a text that stays the same is an error of the test. */
  edit(path: string, change: (text: string) => string): void;
  remove(path: string): void;
  commit(message?: string): void;
  /** Writes a changeset, not committed. */
  change(bumps: Readonly<Record<string, "patch" | "minor" | "major">>, summary?: string): void;
  /** The same state at another place: files, history, journal, keys, registry. */
  copy(): TestWorkspace;
  /** A clone with the last commit and no history. */
  clone(): TestWorkspace;
}

/** Where workspaces of one test file live; goes with its scope. */
export interface TestRoot extends Disposable {
  readonly path: string;
  /** Variables that keep the command's caches in here; Node and npm versions are shared with other runs. */
  readonly env: Environment;
  /** Makes a workspace from the fixture, committed. */
  workspace(options?: WorkspaceOptions): TestWorkspace;
}

/** What {@link TestRoot.workspace} takes. */
interface WorkspaceOptions {
  /** Folder in `fixtures`; default: `foreign`. */
  fixture?: "foreign" | "chain";
  /** Over {@link quickConfig}. */
  config?: object;
  /** Path of the workspace in the repository; default: its top. */
  prefix?: string;
  /** Files written over the fixture's before the first commit. */
  files?: Readonly<Record<string, string | object>>;
}

/** One Node, one package manager, one gate: what most tests need, in a few seconds. */
const quickConfig = {
  build: ["pnpm", "run", "build"],
  nodes: ["24.21.0"],
  managers: ["pnpm"],
  gates: ["contents"],
};

/** The packages of the fixture that are published. */
export const fixtureNames = ["@acme/cli", "@acme/core", "@acme/left", "@acme/plugin", "@acme/right"];

/** For releases of tests about what comes after the gates: one to a registry elsewhere may leave gates out. */
export const leavingGatesOut: Environment = {
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, "allow-left-out-gates.ts")).href}`,
};

const fixtures = join(import.meta.dirname, "../fixtures");
const bin = join(import.meta.dirname, "../../src/bin.ts");
/** No identity, no configuration of the machine's, no credential: what a test needs it says. */
const bareEnvironment: Environment = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  NPM_TOKEN: undefined,
  NODE_AUTH_TOKEN: undefined,
  HXP_KEY_PASSPHRASE: undefined,
  NPM_CONFIG_USERCONFIG: undefined,
  npm_config_userconfig: undefined,
  GITHUB_WORKFLOW_REF: undefined,
  NODE_ENV: undefined,
  NODE_OPTIONS: undefined,
  VITEST: undefined,
};
const identity = ["-c", "user.name=Test", "-c", "user.email=test@acme.example"];

/** Makes a folder for the workspaces of a test file. */
export function makeTestRoot(): TestRoot {
  const path = mkdtempSync(join(tmpdir(), "hxp-release-test-"));
  const env = { ...bareEnvironment, XDG_CACHE_HOME: join(path, "cache") };
  shareToolchain(env.XDG_CACHE_HOME);
  let count = 0;
  const nextFolder = (): string => join(path, `w${(count += 1)}`);
  return {
    path,
    env,
    workspace: (options = {}) => {
      const repository = nextFolder();
      const workspace = openWorkspace({ repository, prefix: options.prefix ?? "", env, nextFolder });
      fill(workspace, options);
      return workspace;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** Starts a program and collects what it writes. */
export function startProgram(command: readonly string[], options: { cwd: string; env: Environment }): Running {
  const [file = "", ...args] = command;
  const env = { ...process.env, ...options.env };
  const child = spawn(file, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr, text] = ["", "", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    text += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    text += chunk;
  });
  const ended = once(child, "close").then(([exitCode]): Run => ({
    exitCode: exitCode as number,
    stdout,
    stderr,
    text,
  }));
  return {
    child,
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    saw: async (pattern) => {
      for (;;) {
        const found = pattern.exec(stdout);
        if (found !== null) return found;
        const next = once(child.stdout, "data").then(() => undefined);
        const run = await Promise.race([next, ended]);
        if (run !== undefined && !pattern.test(run.stdout)) throw new Error(`ended without ${pattern}:\n${run.text}`);
      }
    },
  };
}

/** Otherwise each test file would install its own Node, npm and TypeScript. */
function shareToolchain(cache: string): void {
  const shared = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "hxp-release/toolchain");
  mkdirSync(shared, { recursive: true });
  mkdirSync(join(cache, "hxp-release"), { recursive: true });
  symlinkSync(shared, join(cache, "hxp-release/toolchain"));
}

function fill(workspace: TestWorkspace, { fixture = "foreign", config = {}, files = {} }: WorkspaceOptions): void {
  cpSync(join(fixtures, fixture), workspace.folder, { recursive: true });
  workspace.write("release.config.mjs", renderConfig({ ...quickConfig, ...config }));
  for (const [path, content] of Object.entries(files)) workspace.write(path, content);
  workspace.git("init", "--quiet", "--initial-branch=main");
  workspace.commit("first");
}

function renderConfig(config: object): string {
  return `export default ${JSON.stringify(config, null, 2)};\n`;
}

interface WorkspaceParts {
  repository: string;
  prefix: string;
  env: Environment;
  nextFolder: () => string;
}

function openWorkspace(parts: WorkspaceParts): TestWorkspace {
  const { repository, prefix, env, nextFolder } = parts;
  const folder = join(repository, prefix);
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`);
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, encoding: "utf8", env: { ...process.env, ...env } }).trim();
  const start = (args: readonly string[], extra: Environment = {}): Running =>
    startProgram([process.execPath, "--conditions=@hxp/source", bin, ...args, "--cwd", folder], {
      cwd: tmpdir(),
      env: { ...env, ...extra },
    });
  return {
    folder,
    repository,
    start,
    release: (args = [], extra = {}) => start(args, extra).ended,
    git,
    read,
    readJson: (path) => JSON.parse(read(path)) as unknown,
    write,
    edit: (path, change) => {
      const [before, after] = [read(path), change(read(path))];
      if (before === after) throw new Error(`${path} stays as it is:\n${before}`);
      write(path, after);
    },
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
    commit: (message = "change") => {
      git("add", "--all", ".");
      git(...identity, "commit", "--quiet", "--message", message);
    },
    change: (bumps, summary = "Changes.") => {
      const lines = Object.entries(bumps).map(([name, bump]) => `"${name}": ${bump}`);
      const file = `change-${Object.keys(bumps)
        .join("-")
        .replaceAll(/[^a-z]+/g, "-")}.md`;
      write(`.changeset/${file}`, ["---", ...lines, "---", "", summary, ""].join("\n"));
    },
    copy: () => {
      const target = nextFolder();
      cpSync(repository, target, { recursive: true, verbatimSymlinks: true });
      return openWorkspace({ ...parts, repository: target });
    },
    clone: () => {
      const target = nextFolder();
      git("clone", "--quiet", "--depth", "1", `file://${repository}`, target);
      return openWorkspace({ ...parts, repository: target });
    },
  };
}
