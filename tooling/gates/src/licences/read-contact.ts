/** Who made a package, as far as its manifest says: what BSI TR-03183-2 calls the component's creator. */
export interface Contact {
  name?: string;
  email?: string;
  /** http or https. */
  url?: string;
}

/** Reads a manifest's author, with its homepage or repository where the author has no address. Takes any shape. */
export function readContact(manifest: Record<string, unknown>): Contact {
  const { name, email, url } = readPerson(manifest["author"]);
  const address = [url, manifest["homepage"], urlOf(manifest["repository"])].map(toWebAddress).find(isText);
  return {
    ...(isText(name) ? { name: name.trim() } : {}),
    ...(isText(email) && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(email) ? { email } : {}),
    ...(address === undefined ? {} : { url: address }),
  };
}

/** A person is an object, or `Name <email> (url)`. */
function readPerson(person: unknown): { name?: unknown; email?: unknown; url?: unknown } {
  if (typeof person === "object" && person !== null) return person;
  if (typeof person !== "string" || person.length > 500) return {};
  const name = person.replace(/[<(].*$/, "");
  return { name, email: /<([^>]+)>/.exec(person)?.[1], url: /\(([^)]+)\)/.exec(person)?.[1] };
}

function urlOf(repository: unknown): unknown {
  if (typeof repository !== "object" || repository === null || !("url" in repository)) return repository;
  return repository.url;
}

function toWebAddress(value: unknown): string | undefined {
  if (!isText(value)) return undefined;
  const text = value.replace(/^git\+/, "");
  if (!URL.canParse(text)) return undefined;
  const { protocol, href, username } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" ? href : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
