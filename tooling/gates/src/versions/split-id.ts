/** Splits `name@version`, where the name can begin with `@` itself. */
export function splitId(id: string): [name: string, version: string] {
  const at = id.lastIndexOf("@");
  return [id.slice(0, at), id.slice(at + 1)];
}
