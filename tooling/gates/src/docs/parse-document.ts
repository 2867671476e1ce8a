import GithubSlugger from "github-slugger";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

/** A link or image, as it is written. */
export interface DocumentLink {
  url: string;
  /** Line in the document, from 1. */
  line: number;
}

/** A fenced block. */
export interface DocumentBlock {
  /** First word after the fence, in lower case; empty without one. */
  language: string;
  /** The other words after the fence. */
  marks: readonly string[];
  text: string;
  /** Line of its first line of text. */
  line: number;
}

/** What a Markdown document points to, offers and shows. */
export interface ParsedDocument {
  links: DocumentLink[];
  /** What can stand after `#` in a link to it, as GitHub names headings. */
  anchors: ReadonlySet<string>;
  blocks: DocumentBlock[];
}

/** Parses GitHub's Markdown. */
export function parseDocument(text: string): ParsedDocument {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const nodes = [...walk(tree)];
  const slugger = new GithubSlugger();
  const headings = nodes.filter(({ type }) => type === "heading").map((node) => slugger.slug(textOf(node)));
  return {
    links: nodes.flatMap(linksOf),
    anchors: new Set([...headings, ...nodes.flatMap(htmlAnchorsOf)]),
    blocks: nodes.flatMap(blockOf),
  };
}

function* walk(node: Nodes): Generator<Nodes> {
  yield node;
  if ("children" in node) for (const child of node.children) yield* walk(child);
}

/** A heading's name is made of its text, code included and pictures left out. */
function textOf(node: Nodes): string {
  if (node.type === "text" || node.type === "inlineCode") return node.value;
  return "children" in node ? node.children.map((child) => textOf(child)).join("") : "";
}

function linksOf(node: Nodes): DocumentLink[] {
  const line = node.position?.start.line ?? 1;
  if (node.type === "link" || node.type === "image" || node.type === "definition") return [{ url: node.url, line }];
  if (node.type !== "html") return [];
  const attributes = node.value.matchAll(
    /<(?:a|img|source|video)\s[^>]*?\b(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi,
  );
  return [...attributes].map(([, double, single]) => ({ url: double ?? single ?? "", line }));
}

function htmlAnchorsOf(node: Nodes): string[] {
  if (node.type !== "html") return [];
  const attributes = node.value.matchAll(/<\w+\s[^>]*?\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi);
  return [...attributes].map(([, double, single]) => double ?? single ?? "");
}

function blockOf(node: Nodes): DocumentBlock[] {
  if (node.type !== "code") return [];
  // An indented block has no fence, and begins with its text.
  const language = (node.lang ?? "").toLowerCase();
  return [
    {
      language,
      marks: (node.meta ?? "").split(/\s+/).filter((mark) => mark !== ""),
      text: node.value,
      line: (node.position?.start.line ?? 1) + 1,
    },
  ];
}
