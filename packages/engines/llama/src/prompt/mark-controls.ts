import { HxpError } from "@hxp/errors";

/** Puts marks into what users wrote, so that after a template was rendered their texts of control tokens are known. */
export interface Marker {
  readonly mark: (text: string) => string;
  /** The character that marks; it stands in no text of the request. */
  readonly character: string;
}

const firstNoncharacter = 0xfd_d0;
const noncharacters = 32;

/**
 * Makes a marker for a request whose texts are `texts`. A mark is one character that Unicode reserves for such use. It goes inside
 * each text of a control token, and where a text begins or ends with a part of one, so that no two texts make one together. All
 * else stays as it is: templates look into texts. Throws ENGINE_REQUEST_INVALID when the texts use all such characters.
 */
export function createMarker(texts: readonly string[], controls: Iterable<string>): Marker {
  const names = [...controls];
  const character = Array.from({ length: noncharacters }, (_, index) =>
    String.fromCodePoint(firstNoncharacter + index),
  ).find((candidate) => !texts.some((text) => text.includes(candidate)));
  if (character === undefined) {
    throw new HxpError(
      "ENGINE_REQUEST_INVALID",
      "The messages use every character from U+FDD0 to U+FDEF, expected one left",
    );
  }
  return { character, mark: (text) => insertMarks(text, { names, character }) };
}

function insertMarks(text: string, { names, character }: { names: readonly string[]; character: string }): string {
  const places = new Set(
    names.flatMap((name) => [...insides(text, name), ...beginnings(text, name), ...endings(text, name)]),
  );
  if (places.size === 0) return text;
  const cuts = [0, ...[...places].toSorted((left, right) => left - right), text.length];
  return cuts
    .slice(1)
    .map((end, index) => text.slice(cuts[index], end))
    .join(character);
}

function* insides(text: string, name: string): Generator<number> {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) yield at + 1;
}

/** The text ends with the beginning of a name. */
function* beginnings(text: string, name: string): Generator<number> {
  for (let length = 1; length < name.length; length += 1) {
    if (text.endsWith(name.slice(0, length))) yield text.length - length + 1;
  }
}

/** The text begins with the end of a name. */
function* endings(text: string, name: string): Generator<number> {
  for (let length = 1; length < name.length; length += 1) {
    if (text.startsWith(name.slice(name.length - length))) yield length - 1;
  }
}

/** A part of a rendered prompt: with `special`, texts of control tokens in it are control tokens. */
export interface Segment {
  readonly text: string;
  readonly special: boolean;
}

/** Takes the marks out of a rendered prompt and cuts out the texts of control tokens that contain one. */
export function splitMarked(rendered: string, character: string, controls: Iterable<string>): readonly Segment[] {
  const pieces = rendered.split(character);
  const text = pieces.join("");
  if (pieces.length === 1) return [{ text, special: true }];
  const segments: Segment[] = [];
  let start = 0;
  for (const { from, to } of findForged(text, marksOf(pieces), [...controls])) {
    if (from < start) continue;
    segments.push({ text: text.slice(start, from), special: true }, { text: text.slice(from, to), special: false });
    start = to;
  }
  segments.push({ text: text.slice(start), special: true });
  return segments.filter((segment) => segment.text !== "");
}

function marksOf(pieces: readonly string[]): number[] {
  let at = 0;
  return pieces.slice(0, -1).map((piece) => (at += piece.length));
}

function findForged(text: string, marks: readonly number[], names: readonly string[]): { from: number; to: number }[] {
  const found = marks.flatMap((mark) =>
    names.flatMap((name) => {
      const from = text.lastIndexOf(name, mark - 1);
      const to = from + name.length;
      return from >= 0 && mark > from && mark < to ? [{ from, to }] : [];
    }),
  );
  return found.toSorted((left, right) => left.from - right.from || right.to - left.to);
}
