import type { FileBytes } from "../../src/verify/verify-files.ts";

/** The files of a folder that was chosen, by their paths in it. */
export function readChosenFiles(list: FileList | null): FileBytes[] {
  return [...(list ?? [])].map((file) => toFileBytes(file.webkitRelativePath.split("/").slice(1).join("/"), file));
}

/** The files of folders that were dropped. */
export async function readDroppedFiles(transfer: DataTransfer): Promise<FileBytes[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const lists = await Promise.all(entries.map((entry) => listEntries(entry, "")));
  return lists.flat();
}

function toFileBytes(file: string, blob: Blob): FileBytes {
  return { file, read: async () => new Uint8Array(await blob.arrayBuffer()) };
}

/** The dropped folder itself is the root: its name is no part of the paths. */
async function listEntries(entry: FileSystemEntry, parent: string, isRoot = true): Promise<FileBytes[]> {
  const path = isRoot && entry.isDirectory ? "" : `${parent}${entry.name}`;
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [toFileBytes(path, blob)];
  }
  const children = await readAll((entry as FileSystemDirectoryEntry).createReader());
  const prefix = path === "" ? "" : `${path}/`;
  const lists = await Promise.all(children.map((child) => listEntries(child, prefix, false)));
  return lists.flat();
}

/** A reader gives a hundred entries at a time, and none at the end. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  return batch.length === 0 ? [] : [...batch, ...(await readAll(reader))];
}
