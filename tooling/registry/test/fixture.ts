import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createCredential,
  createRegistryClient,
  type EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  type RegistryClient,
  type RegistryClientOptions,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { makeKey, makePackage, type PackageParts, type TestKey } from "./make-package.ts";
import { type FaultyFront, startFaultyFront } from "./faulty-front.ts";

/** A folder that goes with its scope. */
export function makeFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "release-registry-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** An embedded registry with a front that can be made to fail, and clients for both. */
export interface Fixture extends AsyncDisposable {
  readonly registry: EmbeddedRegistry;
  readonly front: FaultyFront;
  readonly key: TestKey;
  readonly folder: string;
  /** Straight to the registry. */
  readonly direct: RegistryClient;
  /** Through the front, without retries. */
  readonly client: RegistryClient;
  readonly clientWith: (options: Partial<RegistryClientOptions>) => RegistryClient;
  /** Packs a package, signed with {@link Fixture.key}. */
  readonly pack: (parts: PackageParts) => ReturnType<typeof makePackage>;
}

/** Starts both servers; all packages of scope `@local` are local. */
export async function startFixture(options: Partial<EmbeddedRegistryOptions> = {}): Promise<Fixture> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(makeFolder()).path;
  const key = makeKey();
  const registry = cleanup.use(
    await startEmbeddedRegistry({
      folder: join(folder, "registry"),
      localNames: (name) => name.startsWith("@local/"),
      keys: () => [key.entry],
      ...options,
    }),
  );
  const front = cleanup.use(await startFaultyFront(registry.url));
  const credential = createCredential({ secret: registry.token, source: "test" });
  const clientWith = (extra: Partial<RegistryClientOptions>): RegistryClient =>
    createRegistryClient({ url: front.url, credential, retries: 0, retryDelayMs: 1, timeoutMs: 5_000, ...extra });
  const kept = cleanup.move();
  return {
    registry,
    front,
    key,
    folder,
    direct: clientWith({ url: registry.url }),
    client: clientWith({}),
    clientWith,
    pack: (parts) => makePackage(join(folder, "packed"), { key, ...parts }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
