import type { Variables } from "@hxp/config";
import { HxpError, isHxpError } from "@hxp/errors";
import { createGateway } from "@hxp/gateway";
import type { GatewayConfig } from "@hxp/schema-gateway";
import type { Stores } from "@hxp/schema-storage";
import type { ListenAddress, Service, StartContext } from "@hxp/service";
import { type AuditLog, openAuditLog } from "@hxp/service/audit";

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

/** Opens the gateway and its audit log, of which this process is the one writer. Throws PLATFORM_RUNNING when another one is. */
export async function startGateway(
  { config, stores, pepper, data, listen, variables }: GatewayToStart,
  { log, metrics }: Pick<StartContext, "log" | "metrics">,
): Promise<RunningGateway> {
  const { file } = config.audit;
  const audit = file === undefined ? undefined : await openAudit(file, data);
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

async function openAudit(file: string, data: string): Promise<AuditLog> {
  try {
    return await openAuditLog({ file });
  } catch (error) {
    if (!isHxpError(error, "LEASE_HELD")) throw error;
    const pid = error.details["pid"];
    const message = `Another gateway runs on ${data}: process ${String(pid)} writes the audit log ${file}`;
    const hint =
      "Stop that one, or give each gateway a data folder of its own with --data, and its own gateway.audit.file where one is set; storage.url and gateway.keys.pepper make them one platform. One of another container or host that has ended is forgotten after 20 seconds.";
    throw new HxpError("PLATFORM_RUNNING", message, { hint, details: { data, file, pid }, cause: error });
  }
}
