import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { availableParallelism } from "node:os";
import type { AddressInfo } from "node:net";
import type { Engine } from "@hxp/engine";
import type { ServedModelConfig } from "@hxp/schema-model";
import { createModelHandler } from "./server/create-model-handler.ts";
import { RecentUsage } from "./server/recent-usage.ts";

/** Where a server listens: a unix socket by its path, or a host and port. */
export type ListenAddress = { readonly socket: string } | { readonly host: string; readonly port: number };

/** What {@link serveModel} takes. */
export interface ServeModelOptions {
  /** The name that clients ask for. */
  readonly name: string;
  readonly engine: Engine;
  /** One model of `models.serve` in `hxp.yaml`. */
  readonly config: ServedModelConfig;
  /** Absolute path of the model's file. */
  readonly file: string;
  readonly listen: ListenAddress;
}

/** A model that is served. */
export interface ModelServer extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly address: ListenAddress;
  /** Ends it. */
  close(): Promise<void>;
}

/** Loads a model and serves it. Resolves when it answers. */
export async function serveModel(options: ServeModelOptions): Promise<ModelServer> {
  const { name, engine, config, file, listen } = options;
  const model = await engine.load({
    file,
    contextLength: config.contextLength ?? 4096,
    sequences: config.sequences,
    threads: config.threads ?? Math.max(1, availableParallelism() - 1),
    gpuLayers: config.gpuLayers,
    variant: config.variant,
    chatTemplate: config.chatTemplate,
    settings: config.settings,
  });
  const handler = createModelHandler({
    name,
    model,
    fingerprint: `fp_${createHash("sha256").update(`${name} ${engine.name} ${file}`).digest("hex").slice(0, 10)}`,
    created: Math.floor(Date.now() / 1000),
    usage: new RecentUsage(10_000),
    maxBodyBytes: config.body.maxBytes,
  });
  const server = createServer({ keepAliveTimeout: 75_000 }, handler);
  server.listen("socket" in listen ? { path: listen.socket } : { host: listen.host, port: listen.port });
  await once(server, "listening");
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await model.unload();
    await closed;
  };
  return { address: addressOf(server, listen), close, [Symbol.asyncDispose]: close };
}

function addressOf(server: Server, listen: ListenAddress): ListenAddress {
  if ("socket" in listen) return listen;
  return { host: listen.host, port: (server.address() as AddressInfo).port };
}
