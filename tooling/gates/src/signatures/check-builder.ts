import { type BuildIdentity, normaliseRepository, pipelineOf } from "./build-identity.ts";
import type { Objection } from "./objection.ts";

/** A build that a version's provenance proves. */
export interface ProvenBuild {
  /** `name@version`. */
  id: string;
  identity: BuildIdentity;
}

/** Finds a build that is not proven to be from the repository that the package says that it is from. */
export function checkRepository({ id, identity }: ProvenBuild, repository: string | undefined): Objection[] {
  const { builtBy, repository: built } = identity;
  if (repository === undefined) return [];
  if (built === undefined) {
    return [
      {
        rule: "repository-unnamed",
        message: `${id} says that its repository is ${repository}, and the certificate of its provenance, issued to ${builtBy}, names no repository.`,
        why: "Who signs by a name of his own can have built anything; only a certificate that a pipeline gets says which repository it ran in.",
        fix: `Ask the package's maintainers whether ${builtBy} is theirs, and write what they said into a waiver, or go back to a version whose provenance names the repository.`,
        severity: "error",
      },
    ];
  }
  if (normaliseRepository(built) === normaliseRepository(repository)) return [];
  return [
    {
      rule: "repository-differs",
      message: `${id} was built from ${built}, and says that its repository is ${repository}.`,
      why: "A provenance holds for whatever repository it is made in; only that of the package's own says where its code is from.",
      fix: "Ask the package's maintainers which one is theirs, and write what they said into a waiver, or go back to a version that was built from its own.",
      severity: "error",
    },
  ];
}

/** Finds a build by another pipeline than that of the version before. */
export function checkBuilder(
  { id, identity }: ProvenBuild,
  before: ProvenBuild,
  { isYoung }: { isYoung: boolean },
): Objection[] {
  const [now, then] = [pipelineOf(identity), pipelineOf(before.identity)];
  if (now === then) return [];
  return [
    {
      rule: "builder-new",
      message: `${id} was built by ${now}, and ${before.id} before it by ${then}.`,
      why: "Who can write to a repository can add a workflow of his own, and its provenance is valid.",
      fix: `Look in the repository at what ${now} does and who added it; stay at ${before.id} meanwhile, and write what you found into a waiver.`,
      severity: isYoung ? "error" : "warning",
    },
  ];
}
