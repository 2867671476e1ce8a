import type { HxpError } from "@hxp/errors";
import { runService, type ServiceExit, type ServiceState } from "@hxp/service";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderDuration } from "../output/render-size.ts";
import { renderWelcome, type Welcome } from "../output/render-welcome.ts";
import { prepareData } from "../platform/data-folder.ts";
import { loadPlatform, type Platform } from "../platform/load-platform.ts";
import { createLog, type LogLevelName } from "../serve/create-log.ts";
import { readVersion } from "../version.ts";
import { childWords } from "./child-words.ts";
import { reservePort } from "./reserve-port.ts";
import { removeServerRecord, writeServerRecord } from "./server-record.ts";
import { type RunningPlatform, startPlatform } from "./start-platform.ts";
import { takeDataFolder } from "./take-data-folder.ts";

/** Flags of `hxp up`. */
export type UpFlags = PlatformFlags & { port?: number; migrate?: boolean; logLevel?: LogLevelName };

/** Runs the whole platform until it is told to stop. Throws what kept it from starting. */
export async function runUp(world: CliWorld, given: UpFlags): Promise<void> {
  const flags = withPort(given);
  const startedAt = Date.now();
  world.progress.show("Starting: reading the configuration");
  const platform = await loadPlatform(flags, world);
  await prepareData(platform.paths);
  const stop = stopWith();
  const folder = await takeDataFolder(platform.paths, stop.end);
  try {
    await run(world, { flags, platform, startedAt, stop, ...(await reservePorts(platform)) });
  } finally {
    await removeServerRecord(platform.paths.serverRecord);
    folder[Symbol.dispose]();
  }
}

/** Ends this process as a signal would, for a reason. */
interface Stop {
  readonly end: (error: HxpError) => void;
  readonly reason: () => HxpError | undefined;
}

function stopWith(): Stop {
  let reason: HxpError | undefined;
  return {
    end: (error) => {
      reason ??= error;
      process.kill(process.pid, "SIGTERM");
    },
    reason: () => reason,
  };
}

interface Run {
  readonly flags: UpFlags;
  readonly platform: Platform;
  readonly startedAt: number;
  readonly stop: Stop;
  readonly port: number;
  readonly probePort: number;
}

async function run(world: CliWorld, up: Run): Promise<void> {
  const { flags, platform, stop, port, probePort } = up;
  const { probe, drain, log } = platform.gateway;
  const level = flags.logLevel ?? (world.isTerminal ? "warn" : log.level);
  let running: RunningPlatform | undefined;
  let exit: ServiceExit | undefined;
  const words = childWords(world, { flags, level });
  const parts = { platform, world, port, words, migrate: flags.migrate === true, onGivenUp: stop.end };
  const exitCode = await runService({
    name: "hxp",
    version: readVersion(),
    start: async (context) => {
      running = await startPlatform(parts, context);
      return running.service;
    },
    probe: { host: probe.host, port: probePort },
    drain: { acceptMs: drain.grace, deadlineMs: drain.deadline },
    log: createLog(world, { service: "hxp", level }),
    onState: (state) => {
      showState(world, state, running);
      if (state.stage === "ready" && running !== undefined) announce(world, up, running);
    },
    onStopped: (found) => {
      exit = found;
    },
  });
  world.progress.clear();
  const failure = exit?.error ?? stop.reason();
  if (failure !== undefined) throw failure;
  if (running === undefined) world.signal.throwIfAborted();
  const { completed = 0, cut = 0 } = exit ?? {};
  world.progress.say(`Stopped: ${completed} answers were finished, ${cut} were cut off.`);
  world.setExitCode(exitCode);
}

function withPort({ port, ...flags }: UpFlags): UpFlags {
  return port === undefined ? flags : { ...flags, set: [...flags.set, `gateway.listen.port=${port}`] };
}

async function reservePorts({ gateway }: Platform): Promise<{ port: number; probePort: number }> {
  const fix = "End that process, or choose another port with --port; 0 takes any free one.";
  const probeFix = "Choose another port with --set gateway.probe.port=9091; 0 takes any free one.";
  return {
    port: await reservePort({ ...gateway.listen, fix }),
    probePort: await reservePort({ ...gateway.probe, fix: probeFix }),
  };
}

function showState(world: CliWorld, state: ServiceState, running: RunningPlatform | undefined): void {
  const { stage, phase, expectedAt, phaseAt } = state;
  const eta = expectedAt === undefined ? "" : ` (about ${renderDuration(expectedAt - phaseAt)} to go)`;
  if (stage === "starting") world.progress.show(`Starting: ${phase}${eta}`);
  if (stage === "draining" && running !== undefined) showDrain(world, running);
}

/** Says how many answers still run, until the process ends. */
function showDrain(world: CliWorld, running: RunningPlatform): void {
  const show = (): void => {
    const count = running.inFlight();
    world.progress.show(`Stopping: ${count} answers still run; Ctrl-C again ends at once`);
  };
  show();
  setInterval(show, 500).unref();
}

function announce(world: CliWorld, { flags, platform, startedAt, probePort }: Run, running: RunningPlatform): void {
  const { url, firstKey, models, questions, sockets } = running;
  const { data, serverRecord } = platform.paths;
  const { host } = platform.gateway.probe;
  const probe = `http://${host.includes(":") ? `[${host}]` : host}:${probePort}`;
  writeServerRecord(serverRecord, {
    pid: process.pid,
    version: readVersion(),
    startedAt: new Date(startedAt).toISOString(),
    url,
    probe,
    models: [...sockets].map(([name, socket]) => ({ name, socket })),
  });
  const welcome: Welcome = { url, probe, key: firstKey, models, questions, data, startedInMs: Date.now() - startedAt };
  world.progress.clear();
  world.write(flags.json === true ? `${JSON.stringify(welcome, null, 2)}\n` : `${renderWelcome(welcome)}\n`);
}
