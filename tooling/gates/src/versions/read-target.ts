/** The package and versions that a dependency's text means, which is an alias when it begins with `npm:`. */
export function readTarget(name: string, range: string): { target: string; versions: string } {
  const alias = /^npm:((?:@[^/@]+\/)?[^/@]+)(?:@(.*))?$/.exec(range);
  return alias === null ? { target: name, versions: range } : { target: alias[1] ?? name, versions: alias[2] ?? "*" };
}
