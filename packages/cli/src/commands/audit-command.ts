import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { HxpError } from "@hxp/errors";
import { type AuditVerdict, verifyAuditLog } from "@hxp/service/audit";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addCommand, addGroup, type PlatformFlags, printResult } from "../cli/add-command.ts";
import type { CliWorld } from "../cli/cli-world.ts";
import { loadPlatform } from "../platform/load-platform.ts";

const tamperedExitCode = 14;

interface Head {
  readonly count: number;
  readonly hash: string;
}

type AuditFlags = PlatformFlags & { head?: Head };

/** `hxp audit verify`: whether audit logs are what was written. */
export function addAuditCommand(program: Command, world: CliWorld): void {
  const audit = addGroup(program, "audit", "check audit logs");
  addCommand(audit, {
    words: "verify [file]",
    description:
      "find lines that were edited, removed, inserted, reordered or cut off; exit code 14 when there are any. Without a file: the server's log and the operator's",
    examples: ["hxp audit verify", "hxp audit verify /backup/audit.jsonl --head 1042:9f86d0…"],
    platform: true,
  })
    .addOption(
      new Option("--head <count:hash>", "a head that an earlier run printed and that was kept elsewhere").argParser(
        parseHead,
      ),
    )
    .action((file: string | undefined, flags: AuditFlags) => verify(world, file, flags));
}

async function verify(world: CliWorld, file: string | undefined, flags: AuditFlags): Promise<void> {
  const files = file === undefined ? await findLogs(world, flags) : [resolve(world.cwd, file)];
  if (flags.head !== undefined && files.length > 1)
    throw new HxpError("USAGE_INVALID", `--head is of one log: name it, one of ${files.join(" and ")}`);
  const verdicts: AuditVerdict[] = [];
  for (const each of files) {
    verdicts.push(await verifyAuditLog(each, { ...(flags.head && { head: flags.head }), signal: world.signal }));
  }
  if (verdicts.some(({ ok }) => !ok)) world.setExitCode(tamperedExitCode);
  const logs = verdicts.map((verdict, index) => ({ file: files[index] ?? "", ...verdict }));
  printResult(world, flags, {
    result: { ok: logs.every(({ ok }) => ok), logs },
    text: logs.map(renderVerdict).join("\n\n"),
  });
}

async function findLogs(world: CliWorld, flags: AuditFlags): Promise<string[]> {
  const { gateway, operatorLog } = await loadPlatform(flags, world);
  const files = [gateway.audit.file ?? "", operatorLog].filter((path) => existsSync(path));
  if (files.length > 0) return files;
  throw new HxpError("FILE_UNREADABLE", `There is no audit log at ${gateway.audit.file}, nor at ${operatorLog}`);
}

function renderVerdict({ file, ok, head, problems, problemCount }: AuditVerdict & { file: string }): string {
  const title = ok
    ? `${file} is what was written: ${head.count} records.`
    : `${file} was changed after it was written: ${problemCount} problems.`;
  const lines = problems.map((problem) => `  ${problem.file}:${problem.line}: ${problem.kind}: ${problem.message}`);
  return [title, ...lines, `Head  ${head.count}:${head.hash}`].join("\n");
}

function parseHead(text: string): Head {
  const [, count, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (count !== undefined && hash !== undefined) return { count: Number(count), hash };
  throw new InvalidArgumentError("expected the count and hash that hxp audit verify prints as Head");
}
