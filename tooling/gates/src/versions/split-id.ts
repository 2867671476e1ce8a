/** Splits `name@version`, where the name can begin with `@` itself, and the version can hold peers with an `@` of theirs. */
export function splitId(id: string): [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return [id.slice(0, at), id.slice(at + 1)];
}

/** The name of `name@version`. */
export function nameOf(id: string): string {
  return splitId(id)[0];
}

/** The version of `name@version`. */
export function versionOf(id: string): string {
  return splitId(id)[1];
}
