import { afterAll, beforeAll, expect } from "vitest";
import { startLyingRegistry, type LyingRegistry } from "./lying-registry.ts";
import {
  type Environment,
  leavingGatesOut,
  makeTestRoot,
  type Run,
  type TestRoot,
  type TestWorkspace,
} from "./workspace.ts";

/** A workspace that has released once to a registry, and has something new to release. */
export interface TamperTemplate extends AsyncDisposable {
  readonly root: TestRoot;
  readonly registry: LyingRegistry;
  /** What the command needs to write to the registry. */
  readonly env: Environment;
  /** A copy of the workspace before its second plan, with the registry in the same state. */
  changed(): Promise<TestWorkspace>;
  /** The same after `release plan`: what is missing is `release publish`. */
  planned(): Promise<TestWorkspace>;
}

/** Where `latest` points to before the second release, and thus after each one that fails. */
export const before = {
  "@acme/cli": "1.1.0",
  "@acme/core": "1.3.0",
  "@acme/left": "1.0.1",
  "@acme/plugin": "2.0.1",
  "@acme/right": "1.0.1",
};

/** Where `latest` points to after it. */
export const after = { ...before, "@acme/cli": "1.3.1", "@acme/core": "1.3.1" };

/** Target and nothing else, for `publish` as well. */
export const toCompany = ["--to", "company"];

/** A template for all tests of a file: it is there once they run. */
export function useTamperTemplate(): Omit<TamperTemplate, typeof Symbol.asyncDispose> {
  let made: TamperTemplate | undefined;
  beforeAll(async () => {
    made = await makeTamperTemplate();
  });
  afterAll(() => made?.[Symbol.asyncDispose]());
  const template = (): TamperTemplate => {
    if (made === undefined) throw new Error("the template is there when a test runs, and not before");
    return made;
  };
  return {
    get root() {
      return template().root;
    },
    get registry() {
      return template().registry;
    },
    get env() {
      return template().env;
    },
    changed: () => template().changed(),
    planned: () => template().planned(),
  };
}

/** Whether a request changes where the channel points. */
export const isChannelWrite = (asked: string): boolean => asked.endsWith("/dist-tags/latest");

/** Releases the fixture to a registry and plans a second release of two packages. */
async function makeTamperTemplate(): Promise<TamperTemplate> {
  await using cleanup = new AsyncDisposableStack();
  const root = cleanup.use(makeTestRoot());
  const registry = cleanup.use(await startLyingRegistry(root.path));
  const env = { NPM_TOKEN: registry.token, ...leavingGatesOut };
  const workspace = root.workspace({
    config: { registries: { company: { url: registry.url, acceptFirstLatest: true } } },
  });
  expectSuccess(await workspace.release(toCompany, env));
  workspace.change({ "@acme/core": "patch", "@acme/cli": "patch" });
  workspace.commit();
  const changed = { workspace: workspace.copy(), data: await registry.snapshot() };
  expectSuccess(await workspace.release(["plan", ...toCompany], env));
  const kept = cleanup.move();
  return {
    root,
    registry,
    env,
    changed: async () => {
      await registry.restore(changed.data);
      return changed.workspace.copy();
    },
    planned: async () => {
      await registry.restore(changed.data);
      return workspace.copy();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Fails with the whole output when a command did not succeed. */
export function expectSuccess(run: Run): void {
  expect(run.exitCode, run.text).toBe(0);
}

/** Checks how a command failed: its exit code, and the error's code at the beginning of a line of standard error. */
export function expectFailure(run: Run, { exitCode, code }: { exitCode: number; code: string }): void {
  expect(run.exitCode, run.text).toBe(exitCode);
  expect(run.stderr).toMatch(new RegExp(`^${code}: .+`, "m"));
  expect(run.stderr).toMatch(/^→ .+/m);
}
