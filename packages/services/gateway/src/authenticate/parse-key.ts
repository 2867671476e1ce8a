/** The two parts of an API key. */
export interface ParsedKey {
  /** Public; names the key in logs and lists. */
  readonly id: string;
  readonly secret: string;
}

const form = /^hxp_([0-9a-z]{16})_([A-Za-z0-9_-]{43})$/;
const scheme = "bearer ";
const keyLength = 64;

/** Reads an API key `hxp_<id>_<secret>`; undefined for a text of another form. */
export function parseKey(text: string): ParsedKey | undefined {
  if (text.length !== keyLength) return undefined;
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Reads the API key of an `authorization: Bearer …` header; undefined for one of another form. */
export function parseAuthorization(header: string): ParsedKey | undefined {
  if (header.slice(0, scheme.length).toLowerCase() !== scheme) return undefined;
  return parseKey(header.slice(scheme.length).trim());
}
