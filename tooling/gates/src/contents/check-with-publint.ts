import type { Observation } from "../create-gate.ts";
import type { PackedManifest } from "./packed-manifest.ts";

/** Asks publint, strict, about a tarball: its errors and warnings are errors here, its suggestions warnings. */
export async function checkWithPublint(tarball: Uint8Array, manifest: PackedManifest): Promise<Observation[]> {
  const [{ publint }, { formatMessage }] = await Promise.all([import("publint"), import("publint/utils")]);
  const { messages } = await publint({ pack: { tarball: toArrayBuffer(tarball) }, strict: true });
  return messages.map((message) => ({
    rule: `publint-${message.code.toLowerCase().replaceAll("_", "-")}`,
    where: `package.json ${message.path.join(".")}`.trim(),
    message: formatMessage(message, manifest, { color: false }) ?? message.code,
    why: "Some bundler, runtime or package manager will not find what the manifest promises.",
    fix: `See https://publint.dev/rules#${message.code.toLowerCase()}.`,
    severity: message.type === "suggestion" ? "warning" : "error",
  }));
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
