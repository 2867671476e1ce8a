import type { PackedFile } from "../archive/read-package-tarball.ts";
import type { Observation } from "../create-gate.ts";
import type { GatePackage } from "../gate.ts";
import type { ContentsPolicy } from "../policy/contents-policy.ts";
import type { PackedManifest } from "./packed-manifest.ts";

/** What a package manager understands only inside the workspace or on the author's machine. */
export const localProtocol = /^(workspace|catalog|link|file|portal|patch|exec):/;

const dependencyFields = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"] as const;

/** Finds what a packed manifest must not say: another name or version, local dependencies, lifecycle scripts. */
export function checkManifest(
  manifest: PackedManifest,
  item: Pick<GatePackage, "name" | "version">,
  { files, policy }: { files: readonly PackedFile[]; policy: ContentsPolicy },
): Observation[] {
  return [
    ...checkIdentity(manifest, item),
    ...checkDependencies(manifest),
    ...checkScripts(manifest, policy),
    ...checkNativeBuild(files, policy),
  ];
}

function checkIdentity(manifest: PackedManifest, item: Pick<GatePackage, "name" | "version">): Observation[] {
  if (manifest.name === item.name && manifest.version === item.version) return [];
  return [
    {
      rule: "identity-differs",
      where: "package.json",
      message: `The tarball says ${manifest.name}@${manifest.version}; the release says ${item.name}@${item.version}.`,
      why: "A registry files a tarball under the name of the upload, and the code inside runs as another.",
      fix: "Pack the package again after its version was set.",
      severity: "error",
    },
  ];
}

function checkDependencies(manifest: PackedManifest): Observation[] {
  return dependencyFields.flatMap((field) =>
    Object.entries(manifest[field] ?? {})
      .filter(([, range]) => localProtocol.test(range))
      .map(([name, range]) => ({
        rule: "local-dependency",
        where: `package.json ${field}.${name}`,
        message: `${name} is ${JSON.stringify(range)} in ${field}, which only works inside this workspace.`,
        why: "Outside, the install ends with EUNSUPPORTEDPROTOCOL or a folder that does not exist.",
        fix: "Pack with pnpm, which replaces workspace: and catalog: by versions, and depend on nothing by link: or file:.",
        severity: "error" as const,
      })),
  );
}

function checkScripts(manifest: PackedManifest, policy: ContentsPolicy): Observation[] {
  return Object.keys(manifest.scripts ?? {})
    .filter((name) => policy.scripts.includes(name))
    .map((name) => ({
      rule: "lifecycle-script",
      where: `package.json scripts.${name}`,
      message: `The packed manifest has the lifecycle script ${name}.`,
      why: "It runs on the consumer's machine at install time: the way in which npm worms spread.",
      fix: "Do the work at build time and remove the script, or take it out of the packed manifest.",
      severity: "error",
    }));
}

/** npm runs `node-gyp rebuild` for a package that has this file, though no script says so. */
function checkNativeBuild(files: readonly PackedFile[], policy: ContentsPolicy): Observation[] {
  const hasGyp = files.some(({ path }) => path === "binding.gyp");
  if (!hasGyp || !policy.scripts.includes("install")) return [];
  return [
    {
      rule: "lifecycle-script",
      where: "binding.gyp",
      message: "binding.gyp makes npm run node-gyp at install time, without any script in package.json.",
      why: "It compiles and runs on the consumer's machine, and its actions are arbitrary commands.",
      fix: "Publish prebuilt binaries as optional dependencies, one for each platform.",
      severity: "error",
    },
  ];
}
