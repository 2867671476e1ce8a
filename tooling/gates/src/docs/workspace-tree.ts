import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { type ParsedDocument, parseDocument } from "./parse-document.ts";

/** Reads the workspace for checks of documents; everything once. Paths are relative to it, with `/`. */
export interface WorkspaceTree {
  /** What is at a path, to the letter; a file system that does not tell cases apart does not help. */
  kindOf(path: string): Promise<"file" | "folder" | undefined>;
  document(path: string): Promise<ParsedDocument>;
  text(path: string): Promise<string>;
}

type Entries = ReadonlyMap<string, "file" | "folder">;

/** Opens a workspace's files for reading. */
export function openWorkspaceTree(workspace: string): WorkspaceTree {
  const list = remember((folder: string) => listFolder(join(workspace, folder)));
  const text = remember((path: string) => readFile(join(workspace, path), "utf8"));
  const kindOf = async (path: string): Promise<"file" | "folder" | undefined> => {
    const normal = posix.normalize(path).replace(/\/$/, "");
    if (normal === ".") return "folder";
    const parent = posix.dirname(normal);
    if ((await kindOf(parent)) !== "folder") return undefined;
    return (await list(parent)).get(posix.basename(normal));
  };
  return { kindOf, text, document: remember(async (path: string) => parseDocument(await text(path))) };
}

async function listFolder(folder: string): Promise<Entries> {
  const entries = await readdir(folder, { withFileTypes: true });
  const kinds = entries.map(async (entry): Promise<[string, "file" | "folder"]> => {
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(join(folder, entry.name))));
    return [entry.name, isFolder ? "folder" : "file"];
  });
  return new Map(await Promise.all(kinds));
}

async function leadsToFolder(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}

function remember<Result>(read: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  const known = new Map<string, Promise<Result>>();
  return (key) => {
    const result = known.get(key) ?? read(key);
    known.set(key, result);
    return result;
  };
}
