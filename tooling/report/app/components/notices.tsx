import type { ReportData } from "../../src/report-data.ts";

/** What a reader of green verdicts must see beside them: gates that did not run or were left out, and evidence that is not there. */
export function Notices({ data }: { data: ReportData }) {
  const notRun = data.gates.filter(({ verdict }) => verdict === "not-run");
  const blocked = data.gates.filter(({ verdict }) => verdict === "failed");
  return (
    <>
      {blocked.length > 0 && (
        <section class="notice bad" aria-label="Failed gates">
          <h2>Failed: {blocked.map(({ gate }) => gate).join(", ")}</h2>
          <p>
            A release with a failed gate is not published. This evidence is of one that was stopped, or that should have
            been.
          </p>
        </section>
      )}
      {notRun.map(({ gate, reason, excused }) => (
        <section key={gate} class="notice warn" aria-label={`Not run: ${gate}`}>
          <h2>NOT RUN: {gate}</h2>
          <p>{reason ?? "No reason is given."}</p>
          <p>
            {excused
              ? "The policy excused it because this is a rehearsal on the local registry. A release to any other registry stops here."
              : "A gate that did not run has not passed."}
          </p>
        </section>
      ))}
      {data.notJudged.length > 0 && (
        <section class="notice warn" aria-label="Gates not judged">
          <h2>NOT JUDGED: {data.notJudged.join(", ")}</h2>
          <p>
            {data.isRehearsal
              ? "No gate of this name left a result. Only a rehearsal on the local registry may leave gates out."
              : "No gate of this name left a result here. A release that left the machine needs each of them: this evidence is not whole."}
          </p>
        </section>
      )}
      {data.gaps.length > 0 && (
        <section class="notice warn" aria-label="Missing evidence">
          <h2>Missing evidence</h2>
          <ul>
            {data.gaps.map(({ file, problem }) => (
              <li key={`${file} ${problem}`}>
                <code>{file}</code> {problem}
              </li>
            ))}
          </ul>
        </section>
      )}
      {(data.plan?.warnings ?? []).map((warning) => (
        <section key={warning} class="notice warn" aria-label="Warning of the plan">
          <h2>Warning of the plan</h2>
          <p>{warning}</p>
        </section>
      ))}
    </>
  );
}
