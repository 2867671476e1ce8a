import { layerNames, type Origin } from "./origin.ts";
import { isRiskyUrl, takesOnlyCollections } from "./parse/describe-found.ts";
import type { Excerpt, Finding, Problem } from "./problem.ts";
import { formatPath } from "./path.ts";
import type { ReadFile } from "./read/read-file-text.ts";
import { readText } from "./reference.ts";
import { childFields, type Field, type Fields, fieldsAt, isSecretField } from "./schema/field.ts";
import type { ConfigNode, Span } from "./tree.ts";
import { redact } from "@hxp/errors";

const dot = "·";
const longestLine = 160;

/** Finishes findings: cuts out the line of each, with all that may be a secret dotted out. */
export function toProblems(findings: readonly Finding[], files: readonly ReadFile[], root: Field): Problem[] {
  const shown = new Map(files.map((file) => [file.file, shownText(file, root)]));
  return findings.toSorted(byPlace).map(({ path, span, ...rest }) => {
    const problem = { ...rest, path: formatPath(path) };
    const text = rest.origin !== undefined && "file" in rest.origin ? shown.get(rest.origin.file) : undefined;
    const excerpt = text === undefined ? undefined : cutLine(text, rest.origin as FileOrigin, span);
    return excerpt === undefined ? problem : { ...problem, excerpt };
  });
}

function byPlace(a: Finding, b: Finding): number {
  const [first, second] = [orderOf(a.origin), orderOf(b.origin)];
  const differences = first.map((each, index) => each - (second[index] ?? 0));
  return differences.find((each) => each !== 0) ?? 0;
}

function orderOf(origin: Origin | undefined): number[] {
  const layer = origin === undefined ? -1 : layerNames.indexOf(origin.layer);
  return origin !== undefined && "line" in origin ? [layer, origin.line, origin.column] : [layer, 0, 0];
}

interface FileOrigin {
  line: number;
  column: number;
}

function cutLine(text: string, { line, column }: FileOrigin, span: Span | undefined): Excerpt | undefined {
  const whole = (text.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const cut = redact(whole).slice(0, longestLine).replaceAll("\t", " ");
  if (cut.trim() === "" || column > cut.length + 1) return undefined;
  const length = Math.min((span?.end ?? 0) - (span?.start ?? 0), cut.length - column + 1);
  return { text: cut, column, length: Math.max(length, 1) };
}

/**
 * The text of a file in which only what is known to be no secret can be read: keys, and the values of keys that the
 * schema knows and does not call secret. When the file is not well formed nothing is certain, so only the schema's own
 * words are left.
 */
function shownText(file: ReadFile, root: Field): string {
  if (file.broken) return dotWords(file.text, wordsOf(root));
  const { open, closed } = spansOf(file.tree, root);
  let end = 0;
  let shown = "";
  for (const span of open.toSorted((a, b) => a.start - b.start)) {
    if (span.start < end || closed.some((each) => each.start < span.end && span.start < each.end)) continue;
    shown += dotWords(file.text.slice(end, span.start), noWords) + file.text.slice(span.start, span.end);
    end = span.end;
  }
  return shown + dotWords(file.text.slice(end), noWords);
}

const noWords: ReadonlySet<string> = new Set();

function dotWords(text: string, known: ReadonlySet<string>): string {
  return text.replaceAll(/[\p{L}\p{N}_$]+/gu, (word) => (known.has(word) ? word : dot.repeat(word.length)));
}

function wordsOf(field: Field): ReadonlySet<string> {
  const words = new Set<string>();
  JSON.stringify(field, (key, value: unknown) => {
    if (key === "properties") for (const name of Object.keys(value as object)) words.add(name);
    return value;
  });
  return words;
}

interface Spans {
  open: readonly Span[];
  /** These win: an anchored value may be a secret at one place and none at another. */
  closed: readonly Span[];
}

function spansOf(tree: ConfigNode | undefined, root: Field): Spans {
  const open: Span[] = [];
  const closed: Span[] = [];
  const visit = (node: ConfigNode, fields: Fields): void => {
    if (node.kind === "list") {
      for (const [index, item] of node.items.entries()) visit(item, childFields(root, fields, index));
    } else if (node.kind === "map") {
      for (const [key, entry] of node.entries) {
        if (entry.key.span !== undefined) open.push(entry.key.span);
        visit(entry.value, childFields(root, fields, key));
      }
    } else if (node.span !== undefined) {
      (isOpen(node.value, fields) ? open : closed).push(node.span);
    }
  };
  if (tree !== undefined) visit(tree, fieldsAt(root, []));
  return { open, closed };
}

function isOpen(value: unknown, fields: Fields): boolean {
  if (typeof value === "string" && readText(value).kind === "secret") return true;
  if (typeof value === "string" && (isRiskyUrl(value, fields) || takesOnlyCollections(fields))) return false;
  return fields.length > 0 && !isSecretField(fields);
}
