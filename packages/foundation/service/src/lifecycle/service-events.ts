import { defineLogEvents } from "../log/log-events.ts";
import { defineMetrics } from "../metrics/define-metrics.ts";
import { stages } from "./service-state.ts";

/** What the life of a service says in its log. */
export const serviceEvents = defineLogEvents({
  serviceStarting: {
    level: "info",
    message: "Starting",
    description: "The process has begun to start.",
  },
  servicePhase: {
    level: "info",
    message: "Starting goes on",
    description: "A phase of the start has begun.",
    fields: {
      phase: { type: "string", description: "What is done now." },
      remainingMs: { type: "number", unit: "ms", optional: true, description: "How long the start will still take." },
    },
  },
  serviceReady: {
    level: "info",
    message: "Ready",
    description: "The service has answered a real request and takes others.",
    fields: { tookMs: { type: "number", unit: "ms", description: "From the start until ready." } },
  },
  serviceStartFailed: {
    level: "fatal",
    message: "The start failed",
    description: "The service could not start, or its own first request was not answered. Its process ends.",
    fields: { error: { type: "error", description: "What went wrong." } },
  },
  serviceDraining: {
    level: "info",
    message: "Draining",
    description: "The service is unready, takes no new connections and finishes what runs.",
    fields: {
      reason: { type: "string", description: "Why: a signal's name, for example." },
      deadlineMs: { type: "number", unit: "ms", description: "When what still runs is ended with an error." },
    },
  },
  serviceDeadline: {
    level: "warn",
    message: "The drain's deadline has passed",
    description:
      "Streams that still run are ended with the error server_draining. Give the drain more time if it recurs.",
    fields: { deadlineMs: { type: "number", unit: "ms", description: "The deadline." } },
  },
  serviceStopped: {
    level: "info",
    message: "Stopped",
    description: "The service has ended.",
    fields: {
      reason: { type: "string", description: "Why it ended." },
      exitCode: { type: "number", description: "What the process exits with." },
      completed: { type: "number", description: "Requests that ended by themselves while draining." },
      cut: { type: "number", description: "Streams that were ended with an error at the deadline." },
      left: { type: "number", description: "Requests whose client left while draining." },
    },
  },
  serviceStopFailed: {
    level: "error",
    message: "The service did not end cleanly",
    description: "Draining or stopping threw or took too long; the process ends all the same.",
    fields: { error: { type: "error", description: "What went wrong." } },
  },
  serviceStuck: {
    level: "error",
    message: "No progress",
    description: "Work is pending and none was done for a long time: liveness fails and no watchdog beat is sent.",
    fields: { pending: { type: "number", description: "Pending work." } },
  },
  notifyFailed: {
    level: "warn",
    message: "The service manager could not be notified",
    description:
      "NOTIFY_SOCKET is set, but systemd-notify failed. systemd will take the service for one that never started.",
    fields: { error: { type: "error", description: "What went wrong." } },
  },
});

/** What the life of a service measures. */
export const serviceMetrics = defineMetrics({
  stage: {
    type: "gauge",
    name: "hxp_service_stage",
    help: "1 for the stage that the service is in, 0 for the others.",
    labels: {
      stage: { description: "Stage of the service's life.", values: stages },
    },
  },
  startSeconds: {
    type: "gauge",
    name: "hxp_service_start_seconds",
    help: "How long the service took from its start until it was ready.",
  },
  info: {
    type: "gauge",
    name: "hxp_service_info",
    help: "Always 1; says which service and version this is.",
    labels: { service: { description: "Name of the service." }, version: { description: "Its version." } },
  },
});
