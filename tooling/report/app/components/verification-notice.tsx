import type { EvidenceVerification } from "../../src/verify/verify-evidence.ts";
import type { FileVerification } from "../../src/verify/verify-files.ts";
import { formatDuration } from "../state/format.ts";
import type { VerificationState } from "../state/use-verification.ts";

/** The result of the verification in one sentence, and what failed by name. */
export function VerificationNotice({ verification }: { verification: VerificationState }) {
  if (verification.state === "running") return <p class="notice info">Verifying in this browser.</p>;
  if (verification.state === "impossible") {
    return <p class="notice warn">Nothing could be verified here: {verification.problem}.</p>;
  }
  const { result, source, tookMs } = verification;
  const { bundles, files } = result;
  const passed = [...bundles.values()].filter(({ verdict }) => verdict === "passed").length;
  const same = files.filter(({ state }) => state === "same").length;
  const from = source === "folder" ? "the folder that you chose" : "the copies in this report";
  const tone = result.verdict === "passed" ? "good" : result.verdict === "failed" ? "bad" : "warn";
  const heads = {
    passed: "Verified",
    failed: "Verification failed",
    "not-run": "Not everything could be verified",
  } as const;
  return (
    <section class={`notice ${tone}`} role="status" aria-label="Result of the verification">
      <h2>{heads[result.verdict]}</h2>
      <p>
        {`${passed} of ${bundles.size} signatures and log entries hold, and ${same} files have the digests that signed
        statements name; from ${from}, in ${formatDuration(tookMs)}, by Web Crypto.`}
      </p>
      <Problems result={result} />
    </section>
  );
}

const problems: Readonly<Partial<Record<FileVerification["state"], string>>> = {
  changed: "was changed",
  absent: "is absent",
  unnamed: "is named by nothing that was signed",
};

function Problems({ result }: { result: EvidenceVerification }) {
  const bundles = [...result.bundles].filter(([, { verdict }]) => verdict !== "passed");
  // Where the record does not hold, it names nothing: each file would be a stranger.
  const isShown = (state: FileVerification["state"]): boolean =>
    Object.hasOwn(problems, state) && (state !== "unnamed" || (result.verdict === "failed" && bundles.length === 0));
  const files = result.files.filter(({ state }) => isShown(state));
  if (bundles.length + files.length === 0) return null;
  return (
    <ul>
      {bundles.map(([file, { steps }]) => {
        const step = steps.at(-1);
        return (
          <li key={file}>
            <code>{file}</code> {step?.check}: {step?.says}
          </li>
        );
      })}
      {files.map(({ file, state, says }) => (
        <li key={`${file} bytes`}>
          <code>{file}</code> {problems[state]}: {says}
        </li>
      ))}
    </ul>
  );
}
