/** What a W3C `traceparent` header says. */
export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Reads a `traceparent` header (W3C Trace Context level 2, §3.2); undefined for none, or one that must be ignored. */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  const parts = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(header ?? "");
  if (parts === null) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = parts;
  const isInvalid = version === "ff" || (version === "00" && more !== undefined);
  if (isInvalid || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Writes a `traceparent` header. */
export function renderTraceparent({ traceId, spanId, sampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
