import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFreePort, waitForPort } from "../world/wait-for-port.ts";
import type { ContenderWorld, RunningContender, Skipped } from "./contender.ts";

// Debian has it where only administrators look for programs.
const places = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"];

/** nginx as it is set up for streams: one worker, connections kept to both sides, nothing collected. */
export async function startNginx(world: ContenderWorld): Promise<RunningContender | Skipped> {
  const version = findNginx();
  if (version === undefined) return { skipped: "nginx is not installed: apt-get install nginx-light" };
  const folder = join(world.folder, "nginx");
  mkdirSync(folder);
  const port = await findFreePort();
  const config = join(folder, "nginx.conf");
  writeFileSync(config, renderConfig({ port, folder, upstream: new URL(world.upstreamUrl).host }));
  const args = ["-p", folder, "-c", config, "-e", join(folder, "error.log")];
  const process = world.start("program", { file: version.program, args });
  await waitForPort(port, "nginx");
  return {
    destination: { url: `http://127.0.0.1:${port}/v1`, headers: {} },
    process,
    about: `${version.text}, 1 worker, no buffering`,
  };
}

function findNginx(): { readonly program: string; readonly text: string } | undefined {
  for (const program of places) {
    const { status, stderr } = spawnSync(program, ["-v"], { encoding: "utf8" });
    if (status === 0) return { program, text: stderr.trim().replace(/^nginx version: /, "") };
  }
  return undefined;
}

interface NginxSettings {
  readonly port: number;
  readonly folder: string;
  readonly upstream: string;
}

function renderConfig({ port, folder, upstream }: NginxSettings): string {
  const isRoot = process.getuid?.() === 0;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
${isRoot ? "user root;" : ""}
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  upstream engine { server ${upstream}; keepalive 512; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    client_max_body_size 16m;
    location / {
      proxy_pass http://engine;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`;
}
