import type { Problem, ResolutionKind } from "@arethetypeswrong/core";
import type { Observation } from "../create-gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import { isImportable, type PackedManifest } from "./packed-manifest.ts";

type Profile = Exclude<ContentsPolicy["typesProfile"], "auto">;

/** Which module resolutions a profile does not promise anything for. */
const ignoredResolutions: Record<Profile, readonly ResolutionKind[]> = {
  strict: [],
  node16: ["node10"],
  "esm-only": ["node10", "node16-cjs"],
};

/**
 * Asks arethetypeswrong whether each entry point's types are found, and are true, in each module resolution that the
 * package serves. A package without types is no finding here: that they are required is another rule.
 */
export async function checkTypes(
  tarball: Uint8Array,
  manifest: PackedManifest,
  policy: ContentsPolicy,
): Promise<Observation[]> {
  if (!isImportable(manifest)) return [];
  const { checkPackage, createPackageFromTarballData } = await import("@arethetypeswrong/core");
  const result = await checkPackage(createPackageFromTarballData(tarball), {
    excludeEntrypoints: [/\.(css|json|wasm)$/],
  });
  if (result.types === false) return [];
  const profile = policy.typesProfile === "auto" ? profileOf(manifest) : policy.typesProfile;
  const visible = Object.values(result.entrypoints).flatMap(({ resolutions }) =>
    Object.values(resolutions)
      .filter(({ resolutionKind }) => !ignoredResolutions[profile].includes(resolutionKind))
      .flatMap(({ visibleProblems }) => visibleProblems ?? []),
  );
  return [...new Set(visible)].flatMap((index) => {
    const problem = result.problems[index];
    return problem === undefined ? [] : [toObservation(problem, profile)];
  });
}

/** A package promises CommonJS when its exports have a `require` condition or its main module is one. */
function profileOf(manifest: PackedManifest): Profile {
  const map = manifest["exports"];
  if (map === undefined) return "strict";
  return manifest.type === "module" && !hasCondition(map, "require") ? "esm-only" : "node16";
}

function hasCondition(value: unknown, condition: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, condition) || Object.values(value).some((child) => hasCondition(child, condition));
}

const meanings: Record<Problem["kind"], string> = {
  NoResolution: "the import cannot be resolved",
  UntypedResolution: "the import resolves to JavaScript without types",
  FalseESM: "the types say ES module and the code is CommonJS",
  FalseCJS: "the types say CommonJS and the code is an ES module",
  CJSResolvesToESM: "a require call would get an ES module",
  NamedExports: "the types name exports that Node cannot find in the CommonJS code",
  FallbackCondition: "types are found only by a condition that TypeScript should not have used",
  FalseExportDefault: "the types say export default and the code says module.exports",
  MissingExportEquals: "the types lack the export assignment that the code has",
  InternalResolutionError: "an import inside the types cannot be resolved",
  UnexpectedModuleSyntax: "a file's syntax is not that of its module kind",
  CJSOnlyExportsDefault: "the CommonJS code has nothing but exports.default",
};

function toObservation(problem: Problem, profile: Profile): Observation {
  return {
    rule: `types-${problem.kind.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase()}`,
    where: whereOf(problem),
    message: `${whereOf(problem)}: ${meanings[problem.kind]} (profile ${profile}).`,
    why: "The compiler accepts what then fails when it runs, or refuses what would run.",
    fix: "Correct the order and the conditions of exports, and ship declarations of the right module kind.",
    severity: "error",
  };
}

function whereOf(problem: Problem): string {
  if ("entrypoint" in problem) return `${problem.entrypoint} by ${problem.resolutionKind}`;
  const file = "fileName" in problem ? problem.fileName : problem.typesFileName;
  return file.replace(/^\/node_modules\/(@[^/]+\/)?[^/]+\//, "");
}
