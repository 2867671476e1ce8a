/**
 * Says what a shown text has that an output lacks; undefined where it has all. Each line must be found, in order; `…` stands
 * for anything, white space of any length is the same.
 */
export function findMissingLine(shown: string, output: string): string | undefined {
  const lines = output.split("\n").map(squeeze);
  let from = 0;
  for (const line of shown.split("\n").map(squeeze)) {
    if (line === "" || line === "…") continue;
    const found = lines.slice(from).findIndex((each) => matches(line, each));
    if (found < 0) return line;
    from += found + 1;
  }
  return undefined;
}

/** Says what a shown JSON value has that an output's lacks, as a path; undefined where it has all. Numbers may differ. */
export function findMissingValue(shown: unknown, actual: unknown, path = "$"): string | undefined {
  if (typeof shown === "string") return matches(shown, actual) ? undefined : `${path}: ${JSON.stringify(actual)}`;
  if (typeof shown === "number") return typeof actual === "number" ? undefined : `${path} is no number`;
  if (!isObject(shown)) return shown === actual ? undefined : `${path} is another`;
  if (!isObject(actual)) return `${path} is missing`;
  const missing = Object.entries(shown).map(([key, value]) => findMissingValue(value, actual[key], `${path}.${key}`));
  return missing.find((each) => each !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The JSON values of an output: the whole of it, what begins on a line of its own, and each line that is an object. */
export function findJson(output: string): unknown[] {
  const starts = [...output.matchAll(/^(?=[{[])/gm)].map(({ index }) => output.slice(index));
  const lines = output.split("\n").map((line) => line.replace(/^data: /, ""));
  return [output, ...starts, ...lines].flatMap((text) => {
    try {
      return [JSON.parse(text) as unknown];
    } catch {
      return [];
    }
  });
}

function matches(shown: string, actual: unknown): boolean {
  if (typeof actual !== "string") return false;
  const parts = shown.split("…").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(actual);
}

function squeeze(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}
