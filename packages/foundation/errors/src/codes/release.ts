import type { ErrorEntry } from "../error-entry.ts";

/** Errors of `pnpm release`. */
export const releaseErrors = {
  RELEASE_CONFIG_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "The release configuration is not valid or cannot be read.",
    fix: "Correct the keys that the message names in release.config.ts.",
  },
  WORKSPACE_INVALID: {
    retryable: false,
    exitCode: 2,
    meaning: "The folder is not a pnpm workspace whose packages and changesets can be read.",
    fix: "Run the command in the workspace's root, or name it with --cwd, and correct the file that the message names.",
  },
  WORKSPACE_NOT_GIT: {
    retryable: false,
    exitCode: 2,
    meaning: "A release is made from a commit, and the workspace has none.",
    fix: "Run `git init` and commit the workspace.",
  },
  WORKSPACE_DIRTY: {
    retryable: false,
    exitCode: 2,
    meaning: "The working tree differs from the commit that would be released.",
    fix: "Commit or remove the paths that the message names, or pass --allow-dirty to rehearse with them.",
  },
  TOOL_MISSING: {
    retryable: false,
    exitCode: 2,
    meaning: "A program that the release needs is not installed or does not start.",
    fix: "Install the program that the message names.",
  },
  CHANNEL_UNFIT: {
    retryable: false,
    exitCode: 2,
    meaning: "A version may not go to the channel: a prerelease on latest, or an older version than the one there.",
    fix: "Name another channel with --channel.",
  },
  VERSION_ROLLED_BACK: {
    retryable: false,
    exitCode: 15,
    meaning: "The next version of a package is one that was rolled back.",
    fix: "Add a changeset with the repair, so that a new version is released; --restore releases the same bytes again.",
  },
  PLAN_MISSING: {
    retryable: false,
    exitCode: 2,
    meaning: "There is no signed plan to publish.",
    fix: "Run `pnpm release plan` first, or bare `pnpm release`, which does both.",
  },
  PLAN_STALE: {
    retryable: false,
    exitCode: 13,
    meaning: "The signed plan was made for another commit, configuration or registry than the present one.",
    fix: "Run `pnpm release plan` again.",
  },
  RELEASE_UNFINISHED: {
    retryable: false,
    exitCode: 1,
    meaning:
      "An earlier release or rollback on the registry was cut off; to plan changes no registry, so it cannot end it.",
    fix: "Run `pnpm release`, which ends it or takes it back, or `pnpm release rollback`, which only takes it back.",
  },
  PLAN_TAMPERED: {
    retryable: false,
    exitCode: 15,
    meaning: "The plan, or a file that it names by digest, is not what was signed.",
    fix: "Find out what changed it; `pnpm release rollback <id>` with its id gives this release up, and the next plan is made anew.",
  },
  JOURNAL_CORRUPT: {
    retryable: false,
    exitCode: 15,
    meaning: "The release journal is not the unbroken chain that was written.",
    fix: "Restore .hxp/journal.jsonl from a backup; each evidence folder holds the part of its release.",
  },
  RELEASE_UNKNOWN: {
    retryable: false,
    exitCode: 2,
    meaning: "The journal knows no release with that id on that registry and channel.",
    fix: "Run `pnpm release status`, which lists the releases.",
  },
  FIRST_LATEST_UNACCEPTED: {
    retryable: false,
    exitCode: 2,
    meaning: "The registry points latest at the first version of a new name by itself, before it is verified.",
    fix: "Publish a placeholder under each new name first, or pass --accept-first-latest.",
  },
  GATE_FAILED: {
    retryable: false,
    exitCode: 14,
    meaning: "A gate did not pass, so nothing was signed or uploaded.",
    fix: "Mend each finding as it says, or waive it in release.config.ts with owner, reason and expiry.",
  },
  SMOKE_FAILED: {
    retryable: false,
    exitCode: 14,
    meaning:
      "A released package cannot be installed, imported, run or type-checked by a consumer; the channel is untouched.",
    fix: "Read the output of the cell that the message names, mend the package and release again.",
  },
  DRIFT_FOUND: {
    retryable: false,
    exitCode: 14,
    meaning: "The registry holds something else than the journal says was released.",
    fix: "Look into each difference; `pnpm release rollback` takes a release back.",
  },
  VERIFICATION_FAILED: {
    retryable: false,
    exitCode: 15,
    meaning: "A package or an evidence folder is not what its evidence says.",
    fix: "Do not use it; tell its maintainers what the message says.",
  },
} as const satisfies Record<string, ErrorEntry>;
