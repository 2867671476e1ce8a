import { expect, test } from "vitest";
import { findHosts } from "./find-hosts.ts";
import { parseCode } from "./parse-code.ts";

function hostsIn(text: string): string[] {
  const code = parseCode(text, true);
  if (typeof code === "string") throw new Error(code);
  return findHosts(code).map(({ host, isRequested }) => `${host}${isRequested ? " requested" : ""}`);
}

test.each([
  ['fetch("https://Evil.dev:8443/x");', ["evil.dev requested"]],
  ["fetch(`https://evil.dev/${name}`);", ["evil.dev requested"]],
  ['const base = "https://evil.dev"; client.post(`${base}/x`);', ["evil.dev requested"]],
  ['new URL("/x", "wss://evil.dev");', ["evil.dev requested"]],
  ['request({ hostname: "evil.dev", path: "/" });', ["evil.dev requested"]],
  ['socket.connect(443, "203.0.113.7");', ["203.0.113.7 requested"]],
  ['dns.resolveTxt("x.evil.dev");', ["x.evil.dev requested"]],
  ['fetch("http://[2001:db8::1]/");', ["2001:db8::1 requested"]],
  ['fetch("https://user:word@evil.dev/");', ["evil.dev requested"]],
  ['say("https://docs.acme.dev/errors");', ["docs.acme.dev"]],
  ['const address = "203.0.113.7";', ["203.0.113.7"]],
  ['metadata.get("general.architecture");', []],
  ['fetch("http://localhost:1/"); fetch("http://127.0.0.1/"); fetch("https://api.example.com/");', []],
  ['say("version 1.2.3.4.5"); say("see https://"); fetch("/local");', []],
])("reads the hosts of %s", (text, hosts) => {
  expect(hostsIn(text)).toEqual(hosts);
});
