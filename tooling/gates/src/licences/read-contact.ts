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
  const repository = toRepositoryAddress(urlOf(manifest["repository"]));
  const address = [url, manifest["homepage"], repository].map(toWebAddress).find(isText);
  return {
    ...(isText(name) ? { name: name.trim() } : {}),
    ...(isText(email) && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(email) ? { email } : {}),
    ...(address === undefined ? {} : { url: address }),
  };
}

/** A person is an object, or `Name <email> (url)`, or an e-mail or web address alone. */
function readPerson(person: unknown): { name?: unknown; email?: unknown; url?: unknown } {
  if (typeof person === "object" && person !== null) return person;
  if (typeof person !== "string" || person.length > 500) return {};
  if (/^\S+@\S+$/.test(person.trim())) return { email: person.trim().replace(/^<(.*)>$/, "$1") };
  if (toWebAddress(person.trim()) !== undefined) return { url: person.trim() };
  const name = person.replace(/[<(].*$/, "");
  return { name, email: /<([^>]+)>/.exec(person)?.[1], url: /\(([^)]+)\)/.exec(person)?.[1] };
}

function urlOf(repository: unknown): unknown {
  if (typeof repository !== "object" || repository === null || !("url" in repository)) return repository;
  return repository.url;
}

const hosts = {
  github: "github.com",
  gitlab: "gitlab.com",
  bitbucket: "bitbucket.org",
  gist: "gist.github.com",
} as const;

/** The page of a repository that npm's shorthand or a git address names; anything else as it is. */
function toRepositoryAddress(value: unknown): unknown {
  if (!isText(value)) return value;
  const [, host, path] =
    /^(?:git:\/\/|(?:git\+)?ssh:\/\/git@|git@)(github\.com|gitlab\.com|bitbucket\.org)[:/]([\w-][\w.-]*(?:\/[\w-][\w.-]*)+)$/.exec(
      value,
    ) ?? [];
  if (path !== undefined) return `https://${host}/${path}`;
  const [, kind = "github", name] =
    /^(?:(github|gitlab|bitbucket|gist):)?([\w-][\w.-]*(?:\/[\w-][\w.-]*)?)$/.exec(value) ?? [];
  if (name === undefined || name.includes("/") === (kind === "gist")) return value;
  return `https://${hosts[kind as keyof typeof hosts]}/${name}`;
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
