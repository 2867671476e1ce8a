import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, rmSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Secret, Variables } from "@hxp/config";
import { HxpError } from "@hxp/errors";
import { syncFolder, writeFileDurably } from "@hxp/evidence/durable";

/** Where the pepper comes from. */
export interface PepperSource {
  /** `gateway.keys.pepper`; undefined: the file. */
  readonly configured: Secret | undefined;
  /** File in the data folder. */
  readonly file: string;
  readonly variables: Variables;
}

/**
 * The secret under which keys are hashed: the configured one, else the one in the data folder, which is made on the first
 * call, for its owner only. Throws CONFIG_REFERENCE_MISSING, FILE_UNREADABLE or DATA_UNWRITABLE.
 */
export async function openPepper({ configured, file, variables }: PepperSource): Promise<string> {
  if (configured !== undefined) return configured.reveal({ variables });
  const found = await readPepper(file);
  if (found !== undefined) return found;
  await makePepper(file);
  const made = await readPepper(file);
  if (made !== undefined) return made;
  throw new HxpError("FILE_UNREADABLE", `The pepper ${file} was removed while it was made`);
}

async function readPepper(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const hint =
      "Run the command as the user that the server runs as: without the pepper no key can be checked or made.";
    throw new HxpError("FILE_UNREADABLE", `The pepper ${file} cannot be read`, { cause: error, hint });
  }
}

/** Two processes may make it at the same time: the first one's stays. */
async function makePepper(file: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.new`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    writeFileDurably(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
    linkSync(draft, file);
    syncFolder(dirname(file));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw new HxpError("DATA_UNWRITABLE", `The pepper ${file} cannot be made`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
}
