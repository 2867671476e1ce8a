import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import type { RegistryFolder } from "./storage.ts";

/** An answer of verdaccio. */
interface StorageAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** verdaccio, reachable by this process alone. */
export interface Storage {
  /** Makes a request and reads the whole answer. */
  send(method: string, path: string, body?: object | string): Promise<StorageAnswer>;
  close(): Promise<void>;
}

/**
 * Starts verdaccio in this process on a unix socket in a folder that only this user can enter. It authenticates
 * nobody and is told nothing of other registries: the front decides what reaches it.
 */
export async function startVerdaccio(folder: RegistryFolder): Promise<Storage> {
  const runServer = await loadVerdaccio();
  const server = await runServer({
    storage: folder.packages,
    self_path: join(folder.root, "verdaccio.yaml"),
    uplinks: {},
    auth: { htpasswd: { file: join(folder.root, "htpasswd"), max_users: -1 } },
    packages: { "**": { access: "$all", publish: "$all", unpublish: "$all" } },
    // Its logger is one per process and would write to the host program's stdout.
    log: { type: "stdout", format: "json", level: "silent" },
    web: { enable: false },
    max_body_size: "400mb",
    server: { keepAliveTimeout: 60 },
  });
  const socketFolder = makeSocketFolder(folder);
  const socketPath = join(socketFolder, "socket");
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  server.listen(socketPath);
  await once(server, "listening");
  return {
    send: async (method, path, body) => readAnswer(await openRequest({ agent, socketPath }, { method, path, body })),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(socketFolder, { recursive: true, force: true });
    },
  };
}

/** The longest path of a socket that every system takes, in bytes. */
const longestSocketPath = 100;

/** Beside the data, so that a kill leaves nothing elsewhere, where the path is not too long for a socket. */
function makeSocketFolder({ run }: RegistryFolder): string {
  if (fits(run)) {
    rmSync(run, { recursive: true, force: true });
    mkdirSync(run, { mode: 0o700 });
    return run;
  }
  // A TMPDIR can be as deep as the data.
  const parent = [tmpdir(), "/tmp"].find((folder) => fits(join(folder, "hxp-registry-XXXXXX")));
  if (parent === undefined) {
    throw new HxpError(
      "FILE_UNREADABLE",
      `No folder has a path that is short enough for a socket, ${tmpdir()} neither`,
    );
  }
  return mkdtempSync(join(parent, "hxp-registry-"));
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, "socket")) <= longestSocketPath;
}

/** An optional peer: who only verifies or publishes needs neither its 400 dependencies nor the time to load them. */
async function loadVerdaccio() {
  try {
    const { runServer } = await import("verdaccio");
    return runServer;
  } catch (cause) {
    throw new HxpError("TOOL_MISSING", "The embedded registry needs verdaccio, which is not installed", {
      cause,
      hint: "Run `npm install --save-dev verdaccio@6.10.4`, or name a registry with --to.",
    });
  }
}

async function openRequest(
  connection: { agent: Agent; socketPath: string },
  { method, path, body }: { method: string; path: string; body: object | string | undefined },
): Promise<IncomingMessage> {
  const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const request = httpRequest({
    ...connection,
    method,
    path,
    headers: {
      host: "localhost",
      ...(sent === undefined ? {} : { "content-type": "application/json", "content-length": sent.length }),
    },
  });
  request.end(sent);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

async function readAnswer(response: IncomingMessage): Promise<StorageAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 500, body: Buffer.concat(chunks) };
}
