/** The way from the root of a config to a value: keys and list indexes. */
export type Path = readonly (string | number)[];

const plainKey = /^[A-Za-z_$][\w$-]*$/;

/** Writes a path as people read it: `models[0].engine`, `labels["a.b"]`; the root is the empty text. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${segment}]`;
    if (!plainKey.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}

const segmentPattern = /\.?([^.[\]="\s]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Reads what {@link formatPath} writes; undefined when the text is not a path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  if (text.startsWith(".")) return undefined;
  segmentPattern.lastIndex = 0;
  while (segmentPattern.lastIndex < text.length) {
    const start = segmentPattern.lastIndex;
    const match = segmentPattern.exec(text);
    if (match === null) return undefined;
    const [whole, key, index, quoted] = match;
    if (key !== undefined && start > 0 && !whole.startsWith(".")) return undefined;
    const segment = key ?? (index === undefined ? parseQuoted(quoted) : Number(index));
    if (segment === undefined) return undefined;
    path.push(segment);
  }
  return path;
}

function parseQuoted(quoted: string | undefined): string | undefined {
  try {
    return JSON.parse(quoted ?? "") as string;
  } catch {
    return undefined;
  }
}
