/** A file that a page from disk may load by `<script>`, which it may not do by fetch. */
export interface ReportPart {
  /** Name of the part, and of its file in `data/`. */
  name: string;
  value: unknown;
}

/**
 * Writes data as a script that puts it into `globalThis.hxpReport`. The data is a JSON text in a string, so nothing in
 * it is ever read as code, and no `<` is left that could end a script element should somebody inline it.
 */
export function renderScript({ name, value }: ReportPart): string {
  const json = JSON.stringify(JSON.stringify(value))
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `(globalThis.hxpReport ??= Object.create(null))[${JSON.stringify(name)}] = JSON.parse(${json});\n`;
}
