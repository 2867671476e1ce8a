/** A fenced block of a guide, with what the comments before it say of it. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Line of the fence. */
  readonly line: number;
  readonly directives: readonly Directive[];
}

/** `<!-- name: value -->` before a block, or alone. */
interface Directive {
  readonly name: string;
  readonly value: string;
}

const directiveNames = ["file", "background until", "stop background", "expect", "fails", "not run", "needs"];

/** The blocks of a guide in their order. A directive belongs to the next block; `stop background` is a block of its own. */
export function readGuide(markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let directives: Directive[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    if (open !== undefined) {
      if (text !== "```") {
        open.lines.push(text);
        continue;
      }
      blocks.push({ language: open.language, line: open.line, text: `${open.lines.join("\n")}\n`, directives });
      [open, directives] = [undefined, []];
      continue;
    }
    const line = index + 1;
    const directive = readDirective(text, line);
    if (directive?.name === "stop background") blocks.push({ language: "", text: "", line, directives: [directive] });
    else if (directive !== undefined) directives.push(directive);
    else if (text.startsWith("```")) open = { language: text.slice(3), line, lines: [] };
    else if (text !== "" && directives.length > 0) throw new Error(`Line ${line}: a directive stands before no block`);
  }
  if (open !== undefined) throw new Error(`Line ${open.line}: the block has no end`);
  if (directives.length > 0) throw new Error("A directive stands after the last block");
  return blocks;
}

/** What a block's directives of one name say. */
export function valuesOf({ directives }: Block, name: string): readonly string[] {
  return directives.filter((directive) => directive.name === name).map(({ value }) => value);
}

function readDirective(text: string, line: number): Directive | undefined {
  const [, name, value = ""] = /^<!-- ([a-z ]+?)(?:: (.*))? -->$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (!directiveNames.includes(name)) throw new Error(`Line ${line}: ${name} is no directive`);
  return { name, value };
}
