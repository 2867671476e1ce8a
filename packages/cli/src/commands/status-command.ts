import { HxpError } from "@hxp/errors";
import type { Command } from "commander";
import { addCommand, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { renderDuration } from "../output/render-size.ts";
import { loadPlatform } from "../platform/load-platform.ts";
import { readServerRecord, type ServerRecord } from "../up/server-record.ts";

const unreadyExitCode = 14;

/** `hxp status`: what runs on a data folder. */
export function addStatusCommand(program: Command, world: CliWorld): void {
  addCommand(program, {
    words: "status",
    description:
      "say what runs on this data folder and whether it is ready; exit code 14 when nothing runs or it is not ready",
    examples: ["hxp status", "hxp status --data /srv/hxp --json"],
    platform: true,
  }).action(async (flags: PlatformFlags) => {
    const { paths } = await loadPlatform(flags, world);
    const record = await readServerRecord(paths.serverRecord);
    if (record === undefined || !isAlive(record.pid)) {
      throw new HxpError("PLATFORM_NOT_RUNNING", `No server runs on ${paths.data}`, { details: { data: paths.data } });
    }
    const health = await askProbe(record.probe, world.signal);
    if (!health.ready) world.setExitCode(unreadyExitCode);
    const result = { ...record, data: paths.data, ...health };
    printResult(world, flags, { result, text: renderStatus(record, { data: paths.data, health }) });
  });
}

interface Health {
  readonly ready: boolean;
  readonly state: string;
}

async function askProbe(probe: string, signal: AbortSignal): Promise<Health> {
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const response = await fetch(`${probe}/readyz`, { signal: within });
    return { ready: response.ok, state: (await response.text()).trim() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ready: false, state: `its probe ${probe} does not answer: ${why}` };
  }
}

/** A process of another user is alive, too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function renderStatus(record: ServerRecord, { data, health }: { data: string; health: Health }): string {
  const age = renderDuration(Date.now() - Date.parse(record.startedAt));
  const models = record.models.map(({ name }) => name);
  return [
    `${record.url} is ${health.ready ? "ready" : `not ready: ${health.state}`}`,
    "",
    `Process  ${record.pid}, hxp ${record.version}, for ${age}`,
    `Models   ${models.length === 0 ? "none in processes of its own" : models.join(", ")}`,
    `Health   ${record.probe}/readyz · metrics ${record.probe}/metrics`,
    `Data     ${data}`,
  ].join("\n");
}
