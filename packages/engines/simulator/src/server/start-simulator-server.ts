import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { EngineMetrics } from "@hxp/engine";
import { systemClock } from "../engine/clock.ts";
import { createSimulatorEngine } from "../engine/create-simulator-engine.ts";
import type { SimulatorOptions } from "../engine/simulator-options.ts";
import { handleRequest } from "./handle-request.ts";
import type { FaultSchedule, RequestFault } from "./request-fault.ts";
import { RequestLog, type SimulatedRequest } from "./request-log.ts";
import { Simulator } from "./simulator.ts";

/** What a simulator's server is started with, beside the options of the engine. */
export interface SimulatorServerOptions extends SimulatorOptions {
  /** Name of the model; default `simulator`. */
  readonly model?: string | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** Listens on a unix socket instead. */
  readonly socket?: string | undefined;
  /** Tokens of one sequence; default 8,192. */
  readonly contextLength?: number | undefined;
  /** Requests that are generated at the same time; default 256. */
  readonly sequences?: number | undefined;
  /** Requests that may wait; more are answered with 503. Default: any number. */
  readonly maxWaiting?: number | undefined;
  /** Token that requests need; default none. */
  readonly apiKey?: string | undefined;
  /** What goes wrong with requests, all of them or by a schedule; default nothing. A request may ask for its own in `x-simulator-fault`. */
  readonly requestFault?: RequestFault | FaultSchedule | undefined;
  /** How many requests are remembered; default 10,000. */
  readonly rememberedRequests?: number | undefined;
}

/** A running server; leaving its scope (`await using`) closes it. */
export interface SimulatorServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end; of a unix socket `unix:<path>`. */
  readonly url: string;
  readonly port: number | undefined;
  readonly socket: string | undefined;
  /** The latest requests, the oldest first; those that run change while one looks. */
  readonly requests: readonly SimulatedRequest[];
  /** The latest request with an id. */
  find(id: string): SimulatedRequest | undefined;
  /** What the engine has counted. */
  metrics(): EngineMetrics;
  /** Changes what goes wrong from now on; undefined: nothing. */
  setFault(fault: RequestFault | FaultSchedule | undefined): void;
  /** Ends everything at once, as a crash would. */
  close(): Promise<void>;
}

/**
 * Starts a server that speaks OpenAI's API as vLLM does, without a model and a GPU: chat, completions, embeddings, models,
 * `/health` and `/metrics`. It knows what it generated for each request, and which one's client left when.
 */
export async function startSimulatorServer(options: SimulatorServerOptions = {}): Promise<SimulatorServer> {
  const simulator = await createSimulator(options);
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    handleRequest(simulator, request, response).catch(() => response.destroy());
  });
  const { host = "127.0.0.1", port = 0, socket } = options;
  server.listen(socket === undefined ? { host, port } : { path: socket });
  await once(server, "listening");
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await simulator.model.unload();
    await closed;
  };
  return {
    ...addressOf(server, host),
    get requests() {
      return simulator.log.all;
    },
    find: (id) => simulator.log.find(id),
    metrics: () => simulator.model.metrics(),
    setFault: (fault) => {
      simulator.schedule = toSchedule(fault);
      simulator.index = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function createSimulator(options: SimulatorServerOptions): Promise<Simulator> {
  const { model = "simulator", contextLength = 8192, sequences = 256, rememberedRequests = 10_000 } = options;
  const load = { file: "/dev/null", contextLength, sequences, threads: 1, gpuLayers: 0, variant: "cpu" };
  return new Simulator({
    model: await createSimulatorEngine(options).load(load),
    modelName: model,
    clock: options.clock ?? systemClock,
    log: new RequestLog(rememberedRequests),
    apiKey: options.apiKey,
    maxWaiting: options.maxWaiting ?? Number.POSITIVE_INFINITY,
    schedule: toSchedule(options.requestFault),
  });
}

function addressOf(server: Server, host: string): Pick<SimulatorServer, "url" | "port" | "socket"> {
  const address = server.address() as AddressInfo | string;
  if (typeof address === "string") return { url: `unix:${address}`, port: undefined, socket: address };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    socket: undefined,
  };
}

function toSchedule(fault: RequestFault | FaultSchedule | undefined): FaultSchedule {
  return typeof fault === "function" ? fault : () => fault;
}
