import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../workspace-files.ts";

/** Where a guide is followed: a folder of its own, with a home, ports and `hxp`. */
export interface GuideHome {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Does something when the guide has been followed. Tests that run side by side must not share vitest's own. */
  onFinished(clean: () => void | Promise<void>): void;
  /** Replaces what a guide shows by what is used here: ports, folders and the key. */
  place(text: string): string;
}

const shownData = "/var/lib/hxp";
const shownAddress = /(?<=127\.0\.0\.1:|localhost:|port: |port |--port |listen )(?:\d{4,5}|443)\b/g;

/** What a home is made for. */
export interface GuideHomeOptions {
  readonly guide: string;
  /** Those that are chosen already, by what is shown. */
  readonly ports: ReadonlyMap<string, number>;
  readonly onFinished: GuideHome["onFinished"];
}

/** Makes the home of a guide; it is gone after the test. */
export async function makeGuideHome({ guide, ports, onFinished }: GuideHomeOptions): Promise<GuideHome> {
  const folder = mkdtempSync(join(tmpdir(), "hxp-guide-"));
  onFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, ".bin");
  for (const path of [bin, join(folder, "home")]) mkdirSync(path);
  const entry = join(root, "packages/cli/src/bin.ts");
  const node = `exec "${process.execPath}" --conditions=@hxp/source "${entry}" "$@"\n`;
  writeProgram(join(bin, "hxp"), `#!/bin/sh\n${node}`);
  writeProgram(join(bin, "npx"), `#!/bin/sh\n[ "$1" = hxp ] || exit 127\nshift\n${node}`);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const shown = new Set(["8000", "9090", ...[...guide.matchAll(shownAddress)].map(([port]) => port)]);
  const free = new Map([...(await findFreePorts([...shown])), ...ports]);
  const data = join(folder, "data");
  return {
    folder,
    onFinished,
    env: {
      PATH: `${bin}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin`,
      HOME: join(folder, "home"),
      LANG: "C.UTF-8",
      NODE_OPTIONS: "--conditions=@hxp/source",
      HXP__GATEWAY__LISTEN__PORT: String(free.get("8000")),
      HXP__GATEWAY__PROBE__PORT: String(free.get("9090")),
    },
    place: (text) =>
      text.replaceAll(shownAddress, (port) => String(free.get(port) ?? port)).replaceAll(shownData, data),
  };
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** Ports that are free at the same time. */
async function findFreePorts(shown: readonly string[]): Promise<[string, number][]> {
  const servers = shown.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return shown.map((port, index) => [port, ports[index] ?? 0]);
}
