import type { LockedPackage } from "./read-lockfile.ts";

/** Package URL of an npm package; `resolution` says where one comes from that is in no registry. */
export function packageUrl(name: string, version: string, resolution: LockedPackage["resolution"] = {}): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  const base = `pkg:npm/${path}@${encodeURIComponent(version)}`;
  if (resolution.repo !== undefined && resolution.commit !== undefined) {
    return `${base}?vcs_url=${encodeURIComponent(`git+${resolution.repo}@${resolution.commit}`)}`;
  }
  if (resolution.tarball !== undefined) {
    return `${base}?download_url=${encodeURIComponent(resolution.tarball)}`;
  }
  return base;
}
