import { at } from "../problem.ts";
import { limits } from "./limits.ts";
import { type Locate, limitFinding, readYaml, type ReadResult } from "./read-yaml.ts";

/** A configuration file as it was found. */
export interface SourceFile {
  layer: "file" | "environment-file";
  /** The name to show in problems. `.json` is read as JSON, all else as YAML. */
  file: string;
  content: Uint8Array | string;
}

/** A file's text, and what came of reading it. */
export interface ReadFile extends ReadResult {
  file: string;
  layer: SourceFile["layer"];
  text: string;
}

/** Reads the bytes of a configuration file into a tree with places. Never throws. */
export function readFileText(source: SourceFile): ReadFile {
  const { layer, file } = source;
  const locate: Locate = ({ line, column }) => ({ layer, file, line, column });
  const place = { origin: locate({ line: 1, column: 1 }) };
  const lost = (finding: ReadResult["findings"][number]): ReadFile => {
    return { file, layer, text: "", tree: undefined, findings: [finding], broken: true };
  };

  const { content } = source;
  if (content.length > limits.bytes) return lost(limitFinding(`is longer than ${limits.bytes} bytes`, place));
  const text = typeof content === "string" ? content : decode(content);
  if (text === undefined) {
    const message = `The file ${file} is not UTF-8 text.`;
    return lost({ code: "CONFIG_ENCODING", severity: "error", path: [], ...at(place), message });
  }
  const result = readYaml(text, locate);
  if (result.broken || !file.endsWith(".json")) return { file, layer, text, ...result };
  const strict = jsonFindings(text, locate);
  return { file, layer, text, ...result, findings: [...strict, ...result.findings], broken: strict.length > 0 };
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

// YAML takes all JSON and more; what is more is refused in a .json file, because other programs will read it.
function jsonFindings(text: string, locate: Locate): ReadResult["findings"] {
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
    const origin = locate({ line: Number(line ?? 1), column: Number(column ?? 1) });
    return [
      { code: "CONFIG_SYNTAX", severity: "error", path: [], origin, message: "The text is not well-formed JSON here." },
    ];
  }
}
