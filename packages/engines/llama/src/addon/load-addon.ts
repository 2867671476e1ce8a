import { createRequire } from "node:module";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { Addon } from "./addon.ts";

/** One line of llama.cpp's log. */
export interface LogLine {
  readonly level: "error" | "warn" | "info" | "debug";
  readonly message: string;
}

/** What {@link loadAddon} takes beside the variant. */
export interface LoadAddonOptions {
  readonly onLog: (line: LogLine) => void;
  /** Imports a package by name. Default `import()`. */
  readonly importPackage?: ((name: string) => Promise<unknown>) | undefined;
}

/** The version of `@node-llama-cpp/*` that {@link Addon} describes. */
const addonVersion = "3.22.1";

const loaded = new Map<string, Promise<Addon>>();
let log: (line: LogLine) => void = () => {};
const logLevels: Readonly<Record<number, LogLine["level"]>> = { 2: "error", 3: "warn", 4: "info" };
const loggedLevel = 3;

/**
 * Loads the add-on of a variant: `cpu`, `cuda` or `vulkan`; once for a process. The log is the process's: lines go to the
 * `onLog` that came last. Throws ENGINE_UNAVAILABLE when its package is not installed or does not run here.
 */
export async function loadAddon(variant: string, options: LoadAddonOptions): Promise<Addon> {
  const name = packageOf(variant);
  const earlier = loaded.get(name);
  const addon = earlier ?? openAddon(name, options.importPackage ?? ((path) => import(path)));
  loaded.set(name, addon);
  try {
    const ready = await addon;
    log = options.onLog;
    return ready;
  } catch (error) {
    loaded.delete(name);
    throw error;
  }
}

function packageOf(variant: string): string {
  if (!/^[a-z]{1,16}$/.test(variant)) {
    throw new HxpError(
      "ENGINE_UNAVAILABLE",
      `There is no variant ${JSON.stringify(variant)}: expected cpu, cuda or vulkan`,
    );
  }
  const platform = `${process.platform}-${process.arch}`;
  return variant === "cpu" ? platform : `${platform}-${variant}`;
}

async function openAddon(name: string, importPackage: (name: string) => Promise<unknown>): Promise<Addon> {
  const folder = await findFolder(name, importPackage);
  try {
    const addon = createRequire(import.meta.url)(join(folder, "llama-addon.node")) as Addon;
    addon.setLoggerLogLevel(loggedLevel);
    // Once: where it is set anew, the add-on loses it and prints.
    addon.setLogger((level, message) => log({ level: logLevels[level] ?? "debug", message: message.trim() }));
    addon.loadBackends();
    addon.loadBackends(folder);
    requireBackend(addon, name);
    await addon.init();
    return addon;
  } catch (cause) {
    throw new HxpError(
      "ENGINE_UNAVAILABLE",
      `@node-llama-cpp/${name} does not run on this computer: ${String(cause)}`,
      {
        cause,
        hint: "It needs glibc 2.34, libstdc++ of GCC 12, and for a GPU its driver; ldd on its files shows what is missing.",
      },
    );
  }
}

/** A build for a GPU that finds none would compute on the CPU and say nothing. */
function requireBackend(addon: Addon, name: string): void {
  const found = addon.getGpuType();
  if (found === undefined) throw new Error("it has no backend for this processor");
  const isForCpu = name === `${process.platform}-${process.arch}`;
  if (!isForCpu && found === false) throw new Error("it found no GPU");
  addon.ensureGpuDeviceIsSupported();
}

interface BinaryPackage {
  readonly getBinsDir: () => { readonly binsDir: string; readonly packageVersion: string };
}

async function findFolder(name: string, importPackage: (name: string) => Promise<unknown>): Promise<string> {
  const hint = `Run: npm install @node-llama-cpp/${name}@${addonVersion}`;
  const found = await importPackage(`@node-llama-cpp/${name}`).catch((cause: unknown) => {
    const message = `The package @node-llama-cpp/${name} is not installed: the engine needs it`;
    throw new HxpError("ENGINE_UNAVAILABLE", message, { cause, hint });
  });
  const { binsDir, packageVersion } = (found as BinaryPackage).getBinsDir();
  if (packageVersion === addonVersion) return join(binsDir, name);
  const message = `@node-llama-cpp/${name} is installed in version ${packageVersion}: the engine needs ${addonVersion}`;
  throw new HxpError("ENGINE_UNAVAILABLE", message, { hint });
}
