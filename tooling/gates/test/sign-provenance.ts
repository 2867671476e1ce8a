import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  createKeylessSigner,
  createSigningKey,
  createSubject,
  exportTrust,
  openTransparencyLog,
  provenancePredicate,
  signStatement,
  type TrustedRootJson,
  writeTrust,
} from "@hxp/evidence";
import type { ServedAttestation } from "@hxp/release-gates";

/** Whom {@link SigningWorld} has its certificates issued to. */
export const workflow = "https://ci.example/acme/leaf/release.yml@refs/heads/main";

/** What the pipeline's identity token says, as GitHub's does; the certificate gets it. */
export interface PipelineClaims {
  /** Whom the certificate is issued to; default: {@link workflow}. */
  sub?: string;
  /** `owner/name`. */
  repository?: string;
  workflow_ref?: string;
  sha?: string;
}

/** A certificate authority and a transparency log of its own, on loopback. */
export interface SigningWorld extends AsyncDisposable {
  /** Signs a provenance of these bytes by a certificate, as a pipeline would, and logs it. */
  sign(purl: string, bytes: Uint8Array, claims?: PipelineClaims): Promise<ServedAttestation>;
}

/** Starts one in a folder, with its `trusted_root.json`. */
export async function startSigningWorld(folder: string): Promise<SigningWorld> {
  const authority = await startAuthority();
  const key = createSigningKey();
  const origin = "log.example";
  const log = openTransparencyLog({ folder: join(folder, "log"), origin, key });
  writeTrust(folder, exportTrust({ base: authority.trustedRoot, logs: [{ origin, publicKey: key.publicKey }] }));
  return {
    async sign(purl, bytes, claims) {
      const token = [{ alg: "none" }, { aud: "sigstore", iss: "https://ci.example", sub: workflow, ...claims }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const identityProvider = { getToken: () => Promise.resolve(`${token}.x`) };
      const signer = createKeylessSigner({ fulcioUrl: authority.url, identityProvider });
      const statement = provenancePredicate.create([createSubject(purl, bytes)], {
        buildDefinition: { buildType: "https://ci.example/build/v1", externalParameters: { ref: "main" } },
        runDetails: { builder: { id: "https://ci.example/builder" } },
      });
      const bundle = await signStatement(statement, { signer, witnesses: [log] });
      return { predicateType: statement.predicateType, bundle };
    },
    async [Symbol.asyncDispose]() {
      log.close();
      await authority[Symbol.asyncDispose]();
    },
  };
}

interface Authority extends AsyncDisposable {
  url: string;
  trustedRoot: TrustedRootJson;
}

/** The local sigstore that @hxp/evidence tests with is a program: importing it would patch this process's http. */
async function startAuthority(): Promise<Authority> {
  const program = new URL("src/testing/local-sigstore.ts", import.meta.resolve("@hxp/evidence/package.json"));
  const child = spawn(process.execPath, [program.pathname], {
    env: { ...process.env, NOCK_OFF: "true" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    ...(JSON.parse(line) as Pick<Authority, "url" | "trustedRoot">),
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
