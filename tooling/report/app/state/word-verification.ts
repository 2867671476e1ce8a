import type { VerificationState } from "./use-verification.ts";

/** The state of the verification in a word. */
export function wordVerification(verification: VerificationState): string {
  if (verification.state === "running") return "Verifying";
  if (verification.state === "impossible") return "Not verified";
  const words = { passed: "Verified", failed: "Failed", "not-run": "Not verified" } as const;
  return words[verification.result.verdict];
}
