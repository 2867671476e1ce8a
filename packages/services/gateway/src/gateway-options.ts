import type { Variables } from "@hxp/config";
import type { Logger, Metrics, Tracing } from "@hxp/service";
import type { AuditLog } from "@hxp/service/audit";
import type { GatewayConfig, WrittenGateway } from "@hxp/schema-gateway";
import type { Stores } from "@hxp/schema-storage";
import type { KeyRequest } from "./authenticate/manage-keys.ts";

/** A key for a gateway without a database, and what it may do. Default: everything but the admin API. */
export type GivenKey = string | (Partial<KeyRequest> & { readonly key: string });

/** What {@link createGateway} takes. */
export interface GatewayOptions {
  /** The models that clients can ask for, as they would stand in `hxp.yaml`; in place of `config`. */
  readonly models?: WrittenGateway["models"];
  /** All settings, from `parseGatewayConfig` or a platform's file. Default: its defaults, with `models`. */
  readonly config?: GatewayConfig | undefined;
  /** Keys that are taken, of the form that `makeKey` gives; in place of `stores`. */
  readonly keys?: readonly GivenKey[] | undefined;
  /** Where keys and usage are kept. Default: in memory. They stay open: who made them closes them. */
  readonly stores?: Pick<Stores, "keys" | "usage"> | undefined;
  /** What keys are hashed under, at least 32 bytes. Default: `config.keys.pepper`; with `keys`, a random one. */
  readonly pepper?: string | Uint8Array | undefined;
  /** Folder for what outlives a restart: the usage that waits for the storage, and the snapshot of keys. Default: none. */
  readonly data?: string | undefined;
  /** Where admin acts and denied accesses are written. Default: nowhere but in the log, and the admin API changes nothing. */
  readonly audit?: Pick<AuditLog, "append"> | undefined;
  /** Default: JSON lines on standard output. */
  readonly logger?: Logger | undefined;
  /** Default: a registry of its own, `gateway.metrics`. */
  readonly metrics?: Metrics | undefined;
  /** Default: OpenTelemetry, where `config.tracing.endpoint` is set. It stays open: who made it closes it. */
  readonly tracing?: Tracing | undefined;
  /** Where references to variables are looked up. Default `process.env`. */
  readonly variables?: Variables | undefined;
  /** Milliseconds since 1970. Default Date.now. */
  readonly clock?: (() => number) | undefined;
}
