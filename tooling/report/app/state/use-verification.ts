import { useEffect, useState } from "preact/hooks";
import type { ReportData } from "../../src/report-data.ts";
import { type EvidenceVerification, toFileBytes, verifyEvidence } from "../../src/verify/verify-evidence.ts";
import type { FileBytes } from "../../src/verify/verify-files.ts";
import { loadPart } from "./load-part.ts";

/** How far the verification in this browser is. */
export type VerificationState =
  | { state: "running" }
  | { state: "impossible"; problem: string }
  | { state: "done"; source: "report" | "folder"; result: EvidenceVerification; tookMs: number };

/** Verifies the evidence that the report carries, and whatever folder is given afterwards. */
export function useVerification(data: ReportData): [VerificationState, (files: readonly FileBytes[]) => void] {
  const [state, setState] = useState<VerificationState>({ state: "running" });
  const verify = (source: "report" | "folder", files: () => Promise<readonly FileBytes[]>): void => {
    setState({ state: "running" });
    const trust = { keys: data.keys, logs: data.logs };
    const start = performance.now();
    files()
      .then((list) => verifyEvidence(list, { trust, expectAll: source === "folder" }))
      .then((result) => setState({ state: "done", source, result, tookMs: performance.now() - start }))
      .catch((error: unknown) => setState({ state: "impossible", problem: describe(error) }));
  };
  useEffect(() => {
    if (globalThis.crypto?.subtle === undefined) {
      setState({ state: "impossible", problem: "this browser gives pages opened like this no Web Crypto" });
      return undefined;
    }
    // The page is painted first; the evidence may be megabytes.
    const timer = setTimeout(() => {
      verify("report", async () => toFileBytes((await loadPart("evidence")) as Record<string, string>));
    }, 50);
    return () => clearTimeout(timer);
  }, []);
  return [state, (files) => verify("folder", async () => files)];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
