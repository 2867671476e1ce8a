import { lstat, readdir, readFile, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compareText } from "../text/compare-text.ts";
import type { LicenceText } from "./licence-fact.ts";

/** A package as it lies on disk. */
export interface InstalledPackage {
  /** Real path: what it depends on lies beside it, in every layout of node_modules. */
  folder: string;
  manifest: Record<string, unknown>;
  texts: LicenceText[];
  /** Whether it has no code: nothing of it runs. */
  isData: boolean;
}

const maximumTextBytes = 1024 ** 2;

/** Finds a dependency as Node does, upwards from the depending package; undefined unless name and version are right. */
export async function findInstalled(
  from: string,
  alias: string,
  expected: { name: string; version: string },
): Promise<InstalledPackage | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    if (basename(folder) !== "node_modules") {
      // oxlint-disable-next-line no-await-in-loop -- the nearest one counts
      const found = await readInstalled(join(folder, "node_modules", alias));
      if (found !== undefined) return isSame(found.manifest, expected) ? found : undefined;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Reads the package in a folder; undefined when there is none. */
export async function readInstalled(folder: string): Promise<InstalledPackage | undefined> {
  try {
    const real = await realpath(folder);
    const manifest = JSON.parse(await readFile(join(real, "package.json"), "utf8")) as unknown;
    if (typeof manifest !== "object" || manifest === null) return undefined;
    return { folder: real, manifest: { ...manifest }, texts: await readTexts(real), isData: !(await hasCode(real)) };
  } catch {
    return undefined;
  }
}

function isSame(manifest: Record<string, unknown>, { name, version }: { name: string; version: string }): boolean {
  return manifest["name"] === name && manifest["version"] === version;
}

/** Whether a package has a file that runs; looks no further than the first, and into no package inside it. */
async function hasCode(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  const isCode = /\.(?:[cm]?[jt]sx?|node|wasm|exe|dll|so|dylib|sh|py|html?)$|^[^.]+$/i;
  const isText = /^(?:licen[cs]e|copying|notice|readme|authors|changelog)/i;
  if (entries.some((entry) => entry.isFile() && isCode.test(entry.name) && !isText.test(entry.name))) return true;
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name === "node_modules") continue;
    // oxlint-disable-next-line no-await-in-loop -- the first one ends the search
    if (await hasCode(join(folder, entry.name))) return true;
  }
  return false;
}

async function readTexts(folder: string): Promise<LicenceText[]> {
  const names = (await readdir(folder)).filter((name) =>
    /^(?:(?:un)?licen[cs]e|copying|copyright|notice)|^[\w.]+-licen[cs]e(?:\.|$)/i.test(name),
  );
  const texts = names.toSorted(compareText).map(async (file): Promise<LicenceText[]> => {
    const status = await lstat(join(folder, file));
    // A link in a hostile package could name any file of this machine, and its text would be published.
    if (!status.isFile() || status.size > maximumTextBytes) return [];
    return [{ file, text: await readFile(join(folder, file), "utf8") }];
  });
  return (await Promise.all(texts)).flat();
}
