/** What code can do beyond computing, as far as reading it tells. */
export const capabilities = [
  "network",
  "process",
  "eval",
  "computed-import",
  "environment",
  "whole-environment",
  "credentials",
  "home",
  "filesystem",
  "native",
  "wasm",
] as const;

/** One of {@link capabilities}. */
export type Capability = (typeof capabilities)[number];

/** What each capability means, for a person. */
export const capabilityMeanings: Readonly<Record<Capability, string>> = {
  network: "talks to other machines",
  process: "starts processes or threads",
  eval: "runs text as code",
  "computed-import": "loads modules whose names only the running program knows",
  environment: "reads environment variables",
  "whole-environment": "takes the environment as a whole",
  credentials: "reaches for credentials",
  home: "looks into the user's home folder",
  filesystem: "reads or writes files",
  native: "loads native code",
  wasm: "runs WebAssembly",
};

/** One use of a capability in a file. */
export interface CapabilityUse {
  capability: Capability;
  /** What was seen, in few words that do not change with line numbers. */
  evidence: string;
  /** Counted from 1. */
  line: number;
}

/** Modules of Node, without `node:`, and packages that give a capability to whoever imports them. */
const modules: readonly (readonly [Capability, readonly string[]])[] = [
  ["network", ["http", "https", "http2", "net", "tls", "dgram", "dns", "dns/promises"]],
  ["network", ["undici", "ws", "axios", "got", "ky", "node-fetch", "cross-fetch", "superagent", "request", "needle"]],
  ["network", ["npm-registry-fetch", "make-fetch-happen", "minipass-fetch", "socket.io-client", "nodemailer", "ssh2"]],
  ["process", ["child_process", "cluster", "worker_threads", "execa", "cross-spawn", "foreground-child", "node-pty"]],
  ["process", ["tinyexec", "nano-spawn", "shelljs", "zx", "piscina", "tinypool"]],
  ["eval", ["vm", "inspector", "inspector/promises", "repl", "vm2", "isolated-vm"]],
  ["filesystem", ["fs", "fs/promises", "fs-extra", "graceful-fs"]],
  ["native", ["bindings", "node-gyp-build", "koffi", "ffi-napi", "ref-napi", "ffi"]],
  ["wasm", ["wasi"]],
];

const capabilityByModule: ReadonlyMap<string, Capability> = new Map(
  modules.flatMap(([capability, names]) => names.map((name) => [name, capability] as const)),
);

/** The capability that a module gives, undefined if none; `specifier` as an import has it. */
export function capabilityOfModule(specifier: string): Capability | undefined {
  if (specifier.endsWith(".node")) return "native";
  if (specifier.endsWith(".wasm")) return "wasm";
  return capabilityByModule.get(specifier.replace(/^node:/, ""));
}

/** Global names that give a capability to whoever uses them. */
export const capabilityByGlobal: ReadonlyMap<string, Capability> = new Map([
  ["fetch", "network"],
  ["WebSocket", "network"],
  ["EventSource", "network"],
  ["XMLHttpRequest", "network"],
  ["WebTransport", "network"],
  ["RTCPeerConnection", "network"],
  ["Worker", "process"],
  ["Bun", "process"],
  ["Deno", "process"],
  ["eval", "eval"],
  ["WebAssembly", "wasm"],
]);
