import { readdir, readFile } from "node:fs/promises";
import { join, matchesGlob } from "node:path";
import { compareText } from "../../text/compare-text.ts";
import { digestOf } from "../database/database-format.ts";
import type { InputDigest } from "../../gate.ts";
import { parseCycloneDx } from "./parse-cyclonedx.ts";
import { parseOpenVex } from "./parse-openvex.ts";
import type { StatementFile } from "./statement.ts";

/** All statements of a workspace, with the digests of their files. */
export interface WorkspaceStatements extends StatementFile {
  inputs: InputDigest[];
}

const maximumBytes = 2 ** 24;

/** Reads the VEX documents of a workspace that globs match, OpenVEX and CycloneDX; links are not followed. */
export async function readStatements(workspace: string, globs: readonly string[]): Promise<WorkspaceStatements> {
  const paths = (await listFiles(workspace, "")).filter((path) => globs.some((glob) => matchesGlob(path, glob)));
  const read = await Promise.all(
    paths.toSorted(compareText).map(async (path) => {
      const bytes = await readFile(join(workspace, path));
      return { ...parseDocument(bytes, path), inputs: [{ name: path, digest: digestOf(bytes) }] };
    }),
  );
  return {
    statements: read.flatMap(({ statements }) => statements),
    problems: read.flatMap(({ problems }) => problems),
    inputs: read.flatMap(({ inputs }) => inputs),
  };
}

async function listFiles(workspace: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(workspace, folder), { withFileTypes: true });
  const found = entries.map(async (entry): Promise<string[]> => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) return [path];
    const isSkipped = !entry.isDirectory() || entry.name === "node_modules" || entry.name === ".git";
    return isSkipped ? [] : listFiles(workspace, path);
  });
  return (await Promise.all(found)).flat();
}

function parseDocument(bytes: Buffer, file: string): StatementFile {
  const refuse = (message: string): StatementFile => ({ statements: [], problems: [{ where: file, message }] });
  if (bytes.length > maximumBytes) return refuse(`It has ${bytes.length} bytes; at most ${maximumBytes} are read.`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    return refuse(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (typeof value === "object" && value !== null) {
    if ("@context" in value) return parseOpenVex(value, file);
    if ("bomFormat" in value) return parseCycloneDx(value, file);
  }
  return refuse("It is neither OpenVEX, which has `@context`, nor CycloneDX, which has `bomFormat`.");
}
