import { HxpError } from "@hxp/errors";

/** Where a model's file comes from. */
export interface PullSource {
  readonly url: URL;
  /** What the manifest says: the address without query and fragment. */
  readonly address: string;
  /** Name of the file. */
  readonly file: string;
}

/** Endings of files that may hold code. */
const refused =
  /\.(?:bin|pt|pth|pkl|pickle|ckpt|h5|keras|npy|npz|joblib|nemo|tar|zip|onnx|llamafile|py|js|mjs|wasm|exe|so)$/i;

/**
 * Reads what a model is pulled from: an https URL, or `owner/repo/path/to/file.gguf` on the hub, with `@revision` behind the
 * repo for another one than `main`. `http` is taken on loopback only. Throws MODEL_SOURCE_INVALID or MODEL_FORMAT_REFUSED.
 */
export function parseSource(text: string, hub: URL): PullSource {
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : hubUrl(text, hub);
  if (!isSafe(url)) throw invalid(text, "only https is taken, and http on this computer");
  if (url.username !== "" || url.password !== "")
    throw invalid(url.host, "it has a user name or password; use a token");
  const file = decode(url.pathname.split("/").at(-1) ?? "");
  if (file === "") throw invalid(text, "it names no file");
  if (refused.test(file)) {
    const message = `${file} may hold code that runs when it is loaded; only GGUF and safetensors are pulled.`;
    throw new HxpError("MODEL_FORMAT_REFUSED", message);
  }
  if (/-\d{5}-of-\d{5}\.(?:gguf|safetensors)$/i.test(file))
    throw invalid(file, "it is one of several parts; choose a file that is whole");
  return { url, address: `${url.origin}${url.pathname}`, file };
}

/** Whether an address is reached under TLS, or on this computer. */
export function isSafe({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Makes a name for a model of its file's name. */
export function nameOf(file: string): string {
  const stem = file.replace(/\.(?:gguf|safetensors)$/i, "").toLowerCase();
  const name = stem
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/\.{2,}/g, ".")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63);
  return name === "" ? "model" : name;
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw invalid(text, "it is not a URL");
}

const part = /^[\w][\w.-]{0,95}$/;

function hubUrl(text: string, hub: URL): URL {
  const [owner = "", named = "", ...path] = text.split("/");
  const [repo = "", revision = "main"] = named.split("@", 2);
  const isRevision = /^[\w][\w.-]{0,127}$/.test(revision);
  const isPath = path.length > 0 && path.every((step) => /^[\w][\w .+-]*$/.test(step));
  if (!part.test(owner) || !part.test(repo) || !isRevision || !isPath) {
    throw invalid(text, "expected an https URL, or owner/repo/file.gguf");
  }
  const steps = [owner, repo, "resolve", revision, ...path].map((step) => encodeURIComponent(step));
  return new URL(`${hub.pathname.replace(/\/$/, "")}/${steps.join("/")}`, hub);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(what: string, reason: string): HxpError {
  return new HxpError("MODEL_SOURCE_INVALID", `A model cannot be pulled from ${what}: ${reason}.`);
}
