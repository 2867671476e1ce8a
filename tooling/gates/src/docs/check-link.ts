import { posix } from "node:path";
import type { DocumentLink } from "./parse-document.ts";
import type { DocumentProblem } from "./problem.ts";
import type { WorkspaceTree } from "./workspace-tree.ts";

/** Where a link stands. */
export interface LinkPlace {
  /** Path of the document, relative to the workspace. */
  document: string;
  tree: WorkspaceTree;
  /** Whether consumers can follow a link to a path of the workspace from what is published; absent for what is not published. */
  whyUnpublished?: (target: string) => { message: string; severity: "error" | "warning" } | undefined;
}

/** What following a link came to; `isExternal` for what only a network could tell. */
export interface LinkVerdict {
  isExternal: boolean;
  problems: DocumentProblem[];
}

/** Follows a link inside the workspace, to the heading. What leads elsewhere is only read, never fetched. */
export async function checkLink(link: DocumentLink, place: LinkPlace): Promise<LinkVerdict> {
  const { url, line } = link;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined || url.startsWith("//")) return checkExternal(url, line, scheme ?? "https");
  const target = readTarget(url, place.document);
  if (target !== undefined) return { isExternal: false, problems: await checkTarget(link, target, place) };
  const text = { message: `${url} is no path`, fix: "Write a percent sign as %25." };
  return { isExternal: false, problems: [problem("link-malformed", line, text)] };
}

interface Target {
  path: string;
  fragment: string;
}

async function checkTarget({ url, line }: DocumentLink, target: Target, place: LinkPlace): Promise<DocumentProblem[]> {
  const { path } = target;
  if (path === ".." || path.startsWith("../")) {
    const fix = "Link to a file of the workspace, or write the whole URL.";
    return [problem("link-outside", line, { message: `${url} leads out of the workspace`, fix })];
  }
  const kind = await place.tree.kindOf(path);
  if (kind === undefined || path.split("/").includes("node_modules")) {
    const fix = "Correct the path, or remove the link.";
    return [problem("link-broken", line, { message: `${url}: there is no ${path}`, fix })];
  }
  const anchors = kind === "file" ? await checkFragment({ url, line }, target, place) : [];
  return [...checkPublished({ url, line }, path, place), ...anchors];
}

function checkPublished({ url, line }: DocumentLink, path: string, place: LinkPlace): DocumentProblem[] {
  const unpublished = path === place.document ? undefined : place.whyUnpublished?.(path);
  if (unpublished === undefined) return [];
  const message = `${url} leads to a file that is not in the package, and ${unpublished.message}`;
  const fix = "Put the file into the package, or set repository.url and repository.directory of its package.json.";
  return [{ ...problem("link-unpublished", line, { message, fix }), severity: unpublished.severity }];
}

function checkExternal(url: string, line: number, scheme: string): LinkVerdict {
  const isReadable = scheme !== "file" && scheme !== "javascript" && URL.canParse(url, "https://example.com");
  const fix = "Write a URL that anybody can follow.";
  const problems = isReadable ? [] : [problem("link-malformed", line, { message: `${url} is no URL to follow`, fix })];
  return { isExternal: isReadable, problems };
}

/** GitHub takes a path that begins with `/` from the repository's root. */
function readTarget(url: string, document: string): Target | undefined {
  const [, path = "", fragment = ""] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(url) ?? [];
  try {
    const decoded = decodeURIComponent(path);
    const base = decoded.startsWith("/") ? "." : posix.dirname(document);
    const target = decoded === "" ? document : posix.join(base, `./${decoded}`);
    return { path: target.replace(/\/$/, ""), fragment: decodeURIComponent(fragment) };
  } catch {
    return undefined;
  }
}

async function checkFragment(
  { url, line }: DocumentLink,
  { path, fragment }: Target,
  { tree }: LinkPlace,
): Promise<DocumentProblem[]> {
  if (fragment === "" || fragment === "top") return [];
  if (!/\.(?:md|markdown)$/i.test(path)) return checkLines({ url, line }, await tree.text(path));
  const { anchors } = await tree.document(path);
  if (anchors.has(fragment)) return [];
  const near = [...anchors].find((anchor) => anchor.toLowerCase() === fragment.toLowerCase());
  const fix = near === undefined ? `Name a heading of ${path}, or add one.` : `Write #${near}.`;
  return [problem("anchor-missing", line, { message: `${url}: ${path} has no heading #${fragment}`, fix })];
}

/** `#L10` or `#L10-L20` of a source file; other fragments mean something to what shows the file. */
function checkLines({ url, line }: DocumentLink, text: string): DocumentProblem[] {
  const [, last] = /#L\d+(?:-L(\d+))?$/.exec(url) ?? [];
  const [, first] = /#L(\d+)/.exec(url) ?? [];
  const wanted = Number(last ?? first ?? 0);
  const lines = text.split("\n").length;
  if (wanted <= lines) return [];
  const fix = "Link to the file, or to a line that it has.";
  return [problem("anchor-missing", line, { message: `${url}: the file has ${lines} lines`, fix })];
}

function problem(
  rule: DocumentProblem["rule"],
  line: number,
  { message, fix }: Pick<DocumentProblem, "message" | "fix">,
): DocumentProblem {
  return { rule, line, message: `${message}.`, fix };
}
