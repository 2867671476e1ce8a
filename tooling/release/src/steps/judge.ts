import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { HxpError } from "@hxp/errors";
import { writeFileDurably } from "@hxp/evidence/durable";
import { evidenceFiles, findNotJudged, listVerdictFiles, type SealedRelease } from "@hxp/evidence/release";
import { type GateResult, isBlocking, runGates } from "@hxp/release-gates";
import { createGateInput } from "../judge/create-gate-input.ts";
import { gates } from "../judge/gates.ts";
import { renderVerdicts } from "../output/render-verdicts.ts";
import { defineStep } from "./step.ts";

/** Lets the gates look at the packed bytes; one that does not pass stops the release before anything is signed for it. */
export const judge = defineStep({
  name: "judge",
  title: "Judge",
  needs: ["built", "sealed", "registry"],
  gives: ["verdicts"],
  run: async (context, { built, sealed, registry }, report) => {
    const input = await createGateInput(context, { workspace: built.workspace, sealed, registry, report });
    const verdicts = await runGates(
      context.config.gates.map((name) => gates[name]),
      input,
      { otherGates: ["second-opinion"] },
    );
    rmSync(join(sealed.folder, evidenceFiles.gates), { recursive: true, force: true });
    for (const verdict of verdicts) writeVerdict(sealed, verdict);
    context.progress.note(renderVerdicts(verdicts));
    for (const text of [...warnOfExcuses(verdicts), ...warnOfAbsence(verdicts)]) context.progress.warn(text);
    const blocking = verdicts.filter((verdict) => isBlocking(verdict));
    if (blocking.length === 0) return { verdicts };
    throw new HxpError("GATE_FAILED", `Gates that did not pass: ${blocking.map(({ gate }) => gate).join(", ")}`, {
      details: { verdicts: blocking },
    });
  },
  resume: async ({ config }, { sealed }) => {
    const verdicts = listVerdictFiles(sealed).map((path) => JSON.parse(readFileSync(path, "utf8")) as GateResult);
    const isWhole = config.gates.every((name) => verdicts.some(({ gate }) => gate === name));
    return !isWhole || verdicts.some((verdict) => isBlocking(verdict)) ? undefined : { verdicts };
  },
});

/** A rehearsal that did without a gate must not look like a release that passed it. */
function warnOfExcuses(verdicts: readonly GateResult[]): string[] {
  return verdicts
    .filter((verdict) => verdict.verdict === "not-run" && !isBlocking(verdict))
    .map(({ gate, reason }) => `NOT RUN: ${gate}: ${reason ?? ""} Only a rehearsal passes like this.`);
}

/** {@link assertAllGates} lets only a rehearsal come here without all of them. */
function warnOfAbsence(verdicts: readonly GateResult[]): string[] {
  const absent = findNotJudged(verdicts.map(({ gate }) => gate));
  if (absent.length === 0) return [];
  return [
    `NOT JUDGED: ${absent.join(", ")}: left out by \`gates\` of the configuration. Only a rehearsal passes like this.`,
  ];
}

function writeVerdict(sealed: SealedRelease, verdict: GateResult): void {
  const path = join(sealed.folder, evidenceFiles.gates, `${verdict.gate}.json`);
  writeFileDurably(path, `${JSON.stringify(verdict, null, 2)}\n`);
}
