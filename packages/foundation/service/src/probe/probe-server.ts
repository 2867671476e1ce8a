import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { StateReport } from "../lifecycle/service-state.ts";
import { listen, type ListenAddress, type Listening } from "../listen/listen.ts";
import type { Metrics } from "../metrics/create-metrics.ts";

/** Where a probe server listens. */
export type ProbeAddress = ListenAddress;

/** What the probe server asks. */
export interface ProbeSource {
  report: () => StateReport;
  whyUnready: () => string | undefined;
  isStuck: () => boolean;
  metrics: Metrics;
}

/** A running probe server. */
export interface ProbeServer extends Listening {
  close(): Promise<void>;
}

/**
 * Serves /livez, /readyz, /startupz and /metrics, apart from the service's own port: who can reach the one need not reach the
 * other, and a full queue there does not fail a probe here. Throws LISTEN_… errors.
 */
export async function startProbeServer(address: ProbeAddress, source: ProbeSource): Promise<ProbeServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.on("request", (request, response) => void answer(request, response, source));
  const listening = await listen(server, address);
  // Probes must not keep a process alive that has nothing else to do.
  server.unref();
  return {
    ...listening,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Answer {
  status: number;
  text: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, source: ProbeSource): Promise<void> {
  const url = URL.parse(request.url ?? "/", "http://probe");
  if (url === null) return send(response, 400, "bad request\n");
  const { pathname, searchParams } = url;
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "method not allowed\n");
  if (pathname === "/metrics") return sendMetrics(response, source.metrics);
  const found = probe(pathname, source);
  if (found === undefined) return send(response, 404, "/livez, /readyz, /startupz and /metrics are served here\n");
  const { status, text } = found;
  const wantsJson = searchParams.has("verbose") || (request.headers.accept ?? "").includes("application/json");
  if (!wantsJson) return send(response, status, `${text}\n`);
  response.setHeader("content-type", "application/json");
  send(response, status, `${JSON.stringify({ ok: status === 200, reason: text, ...source.report() })}\n`);
}

function probe(pathname: string, { report, whyUnready, isStuck }: ProbeSource): Answer | undefined {
  if (pathname === "/livez") {
    return isStuck() ? { status: 503, text: "stuck: work is pending and none is done" } : { status: 200, text: "live" };
  }
  if (pathname === "/readyz") {
    const reason = whyUnready();
    return reason === undefined ? { status: 200, text: "ready" } : { status: 503, text: reason };
  }
  if (pathname !== "/startupz") return undefined;
  const { stage, phase, elapsedMs, etaMs } = report();
  if (stage !== "starting") return { status: 200, text: "started" };
  const eta = etaMs === null ? "" : `, about ${Math.ceil(etaMs / 1_000)} s to go`;
  return { status: 503, text: `starting: ${phase} (${Math.round(elapsedMs / 1_000)} s${eta})` };
}

async function sendMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  const text = await metrics.render().catch(() => undefined);
  if (text === undefined) return send(response, 500, "the metrics could not be read\n");
  response.setHeader("content-type", metrics.contentType);
  send(response, 200, text);
}

function send(response: ServerResponse, status: number, body: string): void {
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  response.statusCode = status;
  response.end(body);
}
