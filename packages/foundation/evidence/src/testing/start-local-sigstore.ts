import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TrustedRootJson } from "@hxp/evidence";

/** A running local sigstore. */
export interface LocalSigstore extends AsyncDisposable {
  url: string;
  trustedRoot: TrustedRootJson;
}

/** Starts {@link ./local-sigstore.ts} in a process of its own. */
export async function startLocalSigstore(): Promise<LocalSigstore> {
  const program = new URL("./local-sigstore.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, NOCK_OFF: "true" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url, trustedRoot } = JSON.parse(line) as Pick<LocalSigstore, "url" | "trustedRoot">;
  return {
    url,
    trustedRoot,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

/** An OIDC token with these claims, which nobody has signed: the local authority does not look. */
export function createIdentityToken(claims: Record<string, unknown>): string {
  return `${encode({ alg: "none" })}.${encode({ aud: "sigstore", ...claims })}.x`;
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
