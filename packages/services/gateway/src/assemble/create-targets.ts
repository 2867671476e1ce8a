import type { Variables } from "@hxp/config";
import type { GatewayConfig } from "@hxp/schema-gateway";
import { Pool } from "undici";
import type { RoutedTarget } from "../route/router.ts";

/** What an upstream is in the config. */
type UpstreamConfig = GatewayConfig["models"][string]["upstreams"][number];

/** What {@link createTargets} takes. */
export interface TargetOptions {
  /** Name of the model. */
  readonly model: string;
  readonly upstreams: readonly UpstreamConfig[];
  /** Milliseconds until a connection stands. */
  readonly connectTimeout: number;
  /** Where the tokens' variables are looked up. */
  readonly variables: Variables;
}

const usualBasePath = "/v1";

/** Makes the targets of a model. Their addresses come from the config and nowhere else. Throws CONFIG_REFERENCE_MISSING for a token that is not there. */
export async function createTargets(options: TargetOptions): Promise<readonly RoutedTarget[]> {
  const { model, upstreams, variables } = options;
  return Promise.all(
    upstreams.map(async (upstream, index) => {
      const { maxConcurrency, weight, continuousUsage, usageById, token } = upstream;
      const url = new URL(upstream.url ?? "http://localhost");
      const basePath = url.pathname.replace(/\/+$/, "");
      const secret = await token?.reveal({ variables });
      return {
        id: `${model}/${index}`,
        model,
        upstreamModel: upstream.model ?? model,
        origin: url.origin,
        basePath: basePath === "" ? usualBasePath : basePath,
        dispatcher: createPool(url.origin, { socket: upstream.socket, connectTimeout: options.connectTimeout }),
        authorization: secret === undefined ? undefined : `Bearer ${secret}`,
        continuousUsage,
        usageById,
        maxConcurrency,
        weight,
      };
    }),
  );
}

function createPool(
  origin: string,
  { socket, connectTimeout }: { socket: string | undefined; connectTimeout: number },
): Pool {
  return new Pool(origin, {
    // The router bounds what a target gets, and probes come on top.
    connections: null,
    pipelining: 1,
    // Forwarding keeps its own times, which depend on the request.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
    connect: { timeout: connectTimeout, ...(socket === undefined ? {} : { socketPath: socket }) },
  });
}
