export { runService } from "./lifecycle/run-service.ts";
export { startService } from "./lifecycle/start-service.ts";
export { serviceEvents, serviceMetrics } from "./lifecycle/service-events.ts";
export { listen } from "./listen/listen.ts";
export { takeSystemdSockets } from "./listen/take-systemd-sockets.ts";
export { trackRequests } from "./http/track-requests.ts";
export { batchLines } from "./log/batch-lines.ts";
export { createLogger } from "./log/create-logger.ts";
export { bindLogEvents, defineLogEvents } from "./log/log-events.ts";
export { renderLogEvents } from "./log/render-log-events.ts";
export { createMetrics, metricMetrics } from "./metrics/create-metrics.ts";
export { defineMetrics } from "./metrics/define-metrics.ts";
export { renderMetrics } from "./metrics/render-metrics.ts";
export { createNotifier } from "./notify/notifier.ts";
export { openTracing } from "./trace/open-tracing.ts";
export { noTracing } from "./trace/tracing.ts";
export { genAi, genAiSpanName } from "./trace/gen-ai.ts";
export type { RunOptions } from "./lifecycle/run-service.ts";
export type { ServiceHandle, ServiceOptions } from "./lifecycle/start-service.ts";
export type { ServiceEvent, ServiceStage, ServiceState, StateReport } from "./lifecycle/service-state.ts";
export type {
  DrainContext,
  DrainReport,
  DrainTimes,
  Progress,
  Service,
  ServiceExit,
  StartContext,
} from "./lifecycle/service.ts";
export type { ProbeAddress, ProbeServer, ProbeSource } from "./probe/probe-server.ts";
export type { ListenAddress, Listening } from "./listen/listen.ts";
export type { RequestTracker } from "./http/track-requests.ts";
export type { Notification, Notifier, NotifierOptions } from "./notify/notifier.ts";
export type { TracingOptions } from "./trace/open-tracing.ts";
export type { SpanOptions, TraceAttributes, TraceSpan, TraceValue, Tracing } from "./trace/tracing.ts";
export type { GenAiOperation } from "./trace/gen-ai.ts";
export type { TraceParent } from "./trace/traceparent.ts";
export type { LogFields, Logger, LoggerOptions, LogLevel, LogStream } from "./log/create-logger.ts";
export type { LogEvent, LogEventCatalogue, LogEvents, LogField } from "./log/log-events.ts";
export type {
  CounterOf,
  GaugeOf,
  HistogramOf,
  Instruments,
  Metrics,
  MetricsOptions,
} from "./metrics/create-metrics.ts";
export type { Metric, MetricCatalogue, MetricLabel } from "./metrics/define-metrics.ts";
