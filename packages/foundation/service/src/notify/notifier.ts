import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a service can tell its service manager: sd_notify(3). */
export interface Notification {
  ready?: true;
  stopping?: true;
  /** One line for `systemctl status`. */
  status?: string;
  /** Asks for this much more time, in milliseconds from now, before the manager gives up on the start or stop. */
  extendMs?: number;
  /** Says that the service lives. */
  watchdog?: true;
}

/** Tells the service manager about this process. */
export interface Notifier {
  /** Sends, in the background and in order. Never throws. */
  notify(notification: Notification): void;
  /** How often the manager wants a sign of life, in milliseconds; undefined when it wants none. */
  readonly watchdogMs: number | undefined;
  /** Resolves when all has been sent. */
  flush(): Promise<void>;
}

/** What {@link createNotifier} takes. */
export interface NotifierOptions {
  /** Read, and cleared of what is meant for this process only. Default `process.env`. */
  env?: Record<string, string | undefined>;
  pid?: number;
  /** How assignments such as `READY=1` are sent. Default: the program systemd-notify. */
  send?: (assignments: readonly string[], socket: string) => Promise<void>;
  /** Called for what could not be sent. */
  onError?: (error: unknown) => void;
}

/**
 * Makes the notifier that the environment asks for (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID), and removes those variables so that
 * children do not speak for this process. Without NOTIFY_SOCKET it says nothing.
 */
export function createNotifier(options: NotifierOptions = {}): Notifier {
  const { env = process.env, pid = process.pid, send = sendBySystemdNotify, onError = () => {} } = options;
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") {
    return { notify: () => {}, watchdogMs: undefined, flush: async () => {} };
  }
  const isForMe = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === pid;
  const watchdogMs = isForMe && Number(WATCHDOG_USEC) > 0 ? Number(WATCHDOG_USEC) / 1_000 : undefined;

  // While one message is on its way, later ones become one: of each variable only the last value matters.
  const waiting = new Map<string, string>();
  let sending: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      const assignments = [...waiting].map(([name, value]) => `${name}=${value}`);
      waiting.clear();
      await send(assignments, NOTIFY_SOCKET).catch(onError);
    }
    sending = undefined;
  };
  return {
    notify: (notification) => {
      for (const [name, value] of toAssignments(notification)) waiting.set(name, value);
      sending ??= run();
    },
    watchdogMs,
    flush: async () => {
      await sending;
    },
  };
}

/** A notification as variables and values. A status is made one line: the next line would be another variable. */
export function toAssignments({ ready, stopping, status, extendMs, watchdog }: Notification): [string, string][] {
  return [
    ...(ready === true ? ([["READY", "1"]] as [string, string][]) : []),
    ...(stopping === true ? ([["STOPPING", "1"]] as [string, string][]) : []),
    ...(status === undefined ? [] : ([["STATUS", oneLine(status)]] as [string, string][])),
    ...(extendMs === undefined
      ? []
      : ([["EXTEND_TIMEOUT_USEC", String(Math.ceil(extendMs * 1_000))]] as [string, string][])),
    ...(watchdog === true ? ([["WATCHDOG", "1"]] as [string, string][]) : []),
  ];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 500);

const execute = promisify(execFile);

/** Node has no datagram sockets of the unix family: docs/decisions/0012-notify-by-systemd-notify.md. */
async function sendBySystemdNotify(assignments: readonly string[], socket: string): Promise<void> {
  await execute("systemd-notify", [...assignments], {
    env: { PATH: process.env["PATH"], NOTIFY_SOCKET: socket },
    timeout: 10_000,
  });
}
