/** Says what is wrong with a tarball's path, which must stay inside `package/` on every platform. */
export function checkPath(path: string): string | undefined {
  if (/^([/\\]|[A-Za-z]:)/.test(path)) return "The path is absolute.";
  if (path.includes("\\")) return "The path contains a backslash, which separates folders on Windows.";
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return "The path contains a control character.";
  const [root, ...segments] = path.replace(/\/$/, "").split("/");
  if ([root, ...segments].includes("..")) return "The path climbs out of its folder.";
  if (root !== "package") return "The path does not begin with package/.";
  if (segments.some((segment) => segment === "" || segment === ".")) return "The path has an empty segment.";
  return undefined;
}
