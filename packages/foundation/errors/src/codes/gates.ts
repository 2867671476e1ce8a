import type { ErrorEntry } from "../error-entry.ts";

/** Errors of the gates room. */
export const gatesErrors = {
  GATE_FAILED: {
    retryable: false,
    exitCode: 14,
    meaning: "A gate that the release must pass failed or did not run.",
    fix: "Do for each finding what it says under fix, or waive it in the policy with owner, reason and expiry.",
  },
  GATES_INVALID: {
    retryable: false,
    exitCode: 14,
    meaning: "The gates that were given cannot judge a release: there are none, or two share a name.",
    fix: "Correct the list of gates in the release configuration.",
  },
  GATE_INPUT_CHANGED: {
    retryable: false,
    exitCode: 14,
    meaning: "A file that a gate was to judge is not the one that the plan names.",
    fix: "Plan and pack the release again; if nothing should have changed the file, find out what did.",
  },
  TARBALL_INVALID: {
    retryable: false,
    exitCode: 14,
    meaning: "A tarball is not a gzipped tar archive that every client reads in the same way.",
    fix: "Pack the package again with pnpm pack, and find out what made the archive that the message names.",
  },
  LOCKFILE_INVALID: {
    retryable: false,
    exitCode: 14,
    meaning: "The lockfile is missing, of another version, or does not contain what it refers to.",
    fix: "Run pnpm install with pnpm 9 or newer and commit the lockfile that it writes.",
  },
  LICENCE_POLICY_INVALID: {
    retryable: false,
    exitCode: 14,
    meaning: "The licence policy contains something that is not an SPDX licence.",
    fix: "Use identifiers of https://spdx.org/licenses, one per entry; AND and OR belong to packages, not to the policy.",
  },
  LICENCE_CHECKER_FAILED: {
    retryable: true,
    exitCode: 14,
    meaning: "The second opinion of license-checker could not be had.",
    fix: "Check that the consumer project is installed by npm, and read the program's output in the message.",
  },
  ADVISORY_SOURCE_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning:
      "A file that should hold advisories is not a zip, folder or entry in the OSV format, so nothing was imported.",
    fix: "Give OSV's all.zip of the ecosystem npm, or a folder with entries of osv.dev's schema, and correct what the message names.",
  },
  ADVISORY_SOURCE_UNREACHABLE: {
    retryable: true,
    exitCode: 1,
    meaning: "The advisories could not be downloaded, so nothing was imported.",
    fix: "Try again, or download the file elsewhere and import it by its path.",
  },
  ADVISORY_DATABASE_INVALID: {
    retryable: false,
    exitCode: 15,
    meaning: "The imported advisory database is not what the import wrote.",
    fix: "Import it again: `pnpm release advisories import <zip, folder or url>`; find out what changed it.",
  },
} as const satisfies Record<string, ErrorEntry>;
