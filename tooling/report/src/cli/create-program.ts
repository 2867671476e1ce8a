import { join, resolve } from "node:path";
import { Command } from "commander";
import { diffReports } from "../diff/diff-reports.ts";
import { renderDiffMarkdown, renderDiffText } from "../diff/render-diff.ts";
import { findPrevious } from "../evidence/find-previous.ts";
import { readReport } from "../evidence/read-report.ts";
import { writeReport, type WrittenReport } from "../write/write-report.ts";
import type { CliWorld } from "./cli-world.ts";
import { findEvidence } from "./find-evidence.ts";

interface ReportFlags {
  cwd: string;
  state: string;
  out?: string;
  previous?: string;
  open?: boolean;
  json?: boolean;
}

interface DiffFlags {
  cwd: string;
  state: string;
  json?: boolean;
  markdown?: boolean;
}

/** The commands of `pnpm report`: words to calls, outcomes to text. */
export function createProgram(world: CliWorld): Command {
  const program = new Command("report")
    .description("Write the auditor's pages of a release's evidence: one folder, opened from disk, with no network.")
    .argument("[evidence]", "evidence folder, or beginning of a release's id; default: the newest release")
    .option("--out <folder>", "where the pages go, replaced as a whole; default: <state>/reports/<id>")
    .option("--previous <evidence>", "the release to compare with; default: the one before on its registry and channel")
    .option("--open", "open the pages in the browser")
    .option("--json", "print the outcome as JSON")
    .option("--state <folder>", "the workspace's state folder, as `state` of release.config names it", ".hxp")
    .option("--cwd <folder>", "the workspace", world.cwd)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: world.write, writeErr: world.writeError })
    .showHelpAfterError("(--help lists what there is)")
    .action((evidence: string | undefined, flags: ReportFlags) => report(world, { evidence, flags }));
  program
    .command("diff")
    .description("say what changed from one release's evidence to another's")
    .argument("<from>", "evidence folder, or beginning of a release's id")
    .argument("<to>", "evidence folder, or beginning of a release's id")
    .option("--markdown", "print Markdown")
    .option("--json", "print JSON")
    .option("--state <folder>", "the workspace's state folder, as `state` of release.config names it", ".hxp")
    .option("--cwd <folder>", "the workspace", world.cwd)
    .exitOverride()
    .configureOutput({ writeOut: world.write, writeErr: world.writeError })
    .action((from: string, to: string, flags: DiffFlags) => diff(world, { from, to, flags }));
  return program;
}

async function report(
  world: CliWorld,
  { evidence, flags }: { evidence: string | undefined; flags: ReportFlags },
): Promise<void> {
  const cwd = resolve(flags.cwd);
  const places = { cwd, state: flags.state };
  const folder = findEvidence(places, evidence);
  const warn = (text: string): void => world.writeError(`${text} Name one with --previous.\n`);
  const previous = flags.previous === undefined ? findPrevious(folder, warn) : findEvidence(places, flags.previous);
  const output = resolve(cwd, flags.out ?? join(flags.state, "reports", readReport(folder).id || "unnamed"));
  const written = await writeReport(folder, { output, previous });
  const { page, files, data } = written;
  if (flags.json === true) {
    const { id, gaps } = data;
    world.write(`${JSON.stringify({ outcome: "written", release: id, page, files: files.length, gaps }, null, 2)}\n`);
  } else {
    world.write(renderWritten(written));
  }
  if (flags.open === true) world.openPage(page);
}

function diff(world: CliWorld, { from, to, flags }: { from: string; to: string; flags: DiffFlags }): void {
  const places = { cwd: resolve(flags.cwd), state: flags.state };
  const [before, after] = [from, to].map((name) => readReport(findEvidence(places, name)));
  if (before === undefined || after === undefined) return;
  const result = diffReports(before, after);
  if (flags.json === true) world.write(`${JSON.stringify(result, null, 2)}\n`);
  else world.write(flags.markdown === true ? renderDiffMarkdown(result) : renderDiffText(result));
}

function renderWritten({ page, data }: WrittenReport): string {
  const verdicts = data.gates.map(({ gate, verdict }) => `  ${verdict.padEnd(8)} ${gate}`);
  const notJudged = data.notJudged.map((gate) => `  NOT JUDGED ${gate}`);
  const gaps = data.gaps.map(({ file, problem }) => `  gap      ${file} ${problem}`);
  const lines = [
    `Report of release ${data.id.slice(0, 12) || "without a plan"}`,
    ...verdicts,
    ...notJudged,
    ...gaps,
    "",
    page,
  ];
  return `${lines.join("\n")}\n`;
}
