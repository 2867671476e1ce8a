import type { Variables } from "@hxp/config";
import { createGateway } from "@hxp/gateway";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Stores } from "@hxp/schema-storage";
import type { ListenAddress, Service, StartContext } from "@hxp/service";
import { openAuditLog } from "@hxp/service/audit";

/** What {@link startGateway} takes. */
export interface GatewayToStart {
  /** With the file of the audit log. */
  readonly config: GatewayConfig;
  readonly stores: Stores;
  readonly pepper: string;
  /** Folder for what outlives a restart. */
  readonly data: string;
  readonly listen: ListenAddress;
  readonly variables: Variables;
}

/** A gateway that takes requests. */
export interface RunningGateway {
  readonly service: Service;
  /** Where it answers, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Requests whose answer has not ended. */
  inFlight(): number;
  /** Sends requests to a model again that was left alone: its process is back. */
  retryNow(model: string): void;
}

/** Opens the gateway and its audit log, of which this process is the one writer. */
export async function startGateway(
  { config, stores, pepper, data, listen, variables }: GatewayToStart,
  { log, metrics }: Pick<StartContext, "log" | "metrics">,
): Promise<RunningGateway> {
  const { file } = config.audit;
  const audit = file === undefined ? undefined : await openAuditLog({ file });
  try {
    const gateway = await createGateway({ config, stores, pepper, data, audit, logger: log, metrics, variables });
    try {
      const { address } = await gateway.listen(listen);
      const stop = async (): Promise<void> => {
        await gateway.stop?.();
        await audit?.close();
      };
      const service: Service = { ...gateway, stop };
      return {
        service,
        url: address,
        inFlight: () => gateway.progress?.().pending ?? 0,
        retryNow: (model) => gateway.retryNow(model),
      };
    } catch (error) {
      await gateway.close();
      throw error;
    }
  } catch (error) {
    await audit?.close();
    throw error;
  }
}
