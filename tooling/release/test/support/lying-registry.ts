import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  createCredential,
  createRegistryClient,
  type EmbeddedRegistry,
  type RegistryClient,
  startEmbeddedRegistry,
} from "@hxp/release-registry";
import { fixtureNames } from "./workspace.ts";

/** One request on its way to the registry. */
interface Call {
  /** `PUT /@acme/core`, decoded. */
  readonly asked: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** Sends the request on and answers what comes back, the body of a 200 changed by `rewrite`. */
  pass(rewrite?: (body: Buffer) => Buffer): Promise<void>;
  /** Answers an error of a registry. */
  refuse(status: number, error?: string): void;
}

/** What goes wrong between the release command and the registry. */
type Fault = (call: Call) => Promise<void> | void;

/**
 * A registry that a workspace names in its configuration, with a front on loopback that can be made to lie. Its address
 * stays the same when its data are put back to an earlier state.
 */
export interface LyingRegistry extends AsyncDisposable {
  /** Of the front; ends with a slash. */
  readonly url: string;
  readonly token: string;
  /** Requests that change something, since the last {@link restore}: `PUT /@acme/core`. */
  readonly writes: string[];
  /** What the registry itself logged since it was first started. */
  readonly log: readonly string[];
  /** Past the front. */
  client(): RegistryClient;
  use(fault: Fault): void;
  /** Keeps the data as they are now; gives what {@link restore} takes. */
  snapshot(): Promise<string>;
  /** Puts the data back and takes every fault away. */
  restore(snapshot: string): Promise<void>;
  /** Where a tag of each package of the fixture points to; packages without it are left out. */
  channel(tag: string): Promise<Record<string, string>>;
}

/** Starts a registry for the names of scope `@acme`, empty, with its data in a folder. */
export async function startLyingRegistry(folder: string): Promise<LyingRegistry> {
  const [data, log, writes] = [join(folder, "data"), [] as string[], [] as string[]];
  const open = (): Promise<EmbeddedRegistry> =>
    startEmbeddedRegistry({
      folder: data,
      localNames: (name) => name.startsWith("@acme/") || name === "unscoped-acme",
      keys: () => [],
      log: (line) => log.push(line),
    });
  let registry = await open();
  let fault: Fault = ({ pass }) => pass();
  let snapshots = 0;
  const front = createServer((request, response) => {
    const asked = `${request.method} ${decodeURIComponent(request.url ?? "")}`;
    if (request.method !== "GET") writes.push(asked);
    void readAll(request)
      .then((body) => fault(makeCall(registry.url, { asked, request, response, body })))
      .catch((error: unknown) => response.writeHead(500).end(JSON.stringify({ error: String(error) })));
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const client = (): RegistryClient =>
    createRegistryClient({
      url: registry.url,
      credential: createCredential({ secret: registry.token, source: "test" }),
      retries: 0,
    });
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}/`,
    token: registry.token,
    writes,
    log,
    client,
    use: (next) => {
      fault = next;
    },
    snapshot: async () => {
      await registry.close();
      const kept = join(folder, `snapshot-${(snapshots += 1)}`);
      cpSync(data, kept, { recursive: true });
      registry = await open();
      return kept;
    },
    restore: async (snapshot) => {
      await registry.close();
      rmSync(data, { recursive: true });
      cpSync(snapshot, data, { recursive: true });
      registry = await open();
      fault = ({ pass }) => pass();
      writes.length = 0;
    },
    channel: async (tag) => {
      const tags = await Promise.all(
        fixtureNames.map(async (name) => [name, (await client().readTags(name))?.[tag]] as const),
      );
      return Object.fromEntries(tags.flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])));
    },
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections();
      front.close();
      await registry.close();
    },
  };
}

/** A rewrite of a JSON body. */
export function editJson(edit: (value: never) => void): (body: Buffer) => Buffer {
  return (body) => {
    const value = JSON.parse(body.toString("utf8")) as never;
    edit(value);
    return Buffer.from(JSON.stringify(value));
  };
}

function makeCall(target: string, parts: Pick<Call, "asked" | "request" | "response" | "body">): Call {
  const { request, response, body } = parts;
  return {
    ...parts,
    pass: async (rewrite = (answer) => answer) => {
      const {
        "accept-encoding": _plain,
        "if-none-match": _fresh,
        "transfer-encoding": _chunked,
        ...headers
      } = request.headers;
      const { method = "GET", url = "/" } = request;
      const onward = httpRequest(new URL(url.slice(1), target), {
        method,
        headers: { ...headers, "content-length": body.length },
        agent: false,
      });
      onward.end(body);
      const [answer] = (await once(onward, "response")) as [IncomingMessage];
      const received = await readAll(answer);
      const sent = answer.statusCode === 200 ? rewrite(received) : received;
      const { etag: _old, connection: _hop, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, { ...kept, "content-length": sent.length }).end(sent);
    },
    refuse: (status, error = "refused by the test") => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // Whoever sent it gave up; what came is enough.
  }
  return Buffer.concat(chunks);
}
