import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { HxpError } from "@hxp/errors";
import type { Signer } from "@hxp/evidence";
import { z } from "zod";

const answerSchema = z.union([
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), signature: z.base64(), publicKey: z.string(), hint: z.string() }),
]);

type Answer = z.infer<typeof answerSchema>;

/** How {@link createModuleSigner} runs its module. */
export interface ModuleSignerOptions {
  /** Folder that the module's path starts from, and that it runs in. */
  cwd: string;
  /** The whole environment of the module: without credentials but those that it needs. */
  env: NodeJS.ProcessEnv;
  /** How long one signature may take, the module's own start included; default one minute. */
  timeoutMs?: number;
}

/**
 * A signer of the workspace's own (a KMS, an HSM): a module that exports `createSigner(): Promise<Signer>`. It is
 * project code, so it runs in a child process: the process that publishes never loads it. What it prints goes to
 * standard error.
 *
 * @throws SIGNING_FAILED, from `sign`, when the module cannot be loaded, refuses, ends or takes too long
 */
export function createModuleSigner(
  module: string,
  { cwd, env, timeoutMs = 60_000 }: ModuleSignerOptions,
): Signer & { close(): void } {
  const script = hostScript(pathToFileURL(resolve(cwd, module)).href);
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "--eval", script], {
    cwd,
    env,
    stdio: ["ignore", process.stderr.fd, "inherit", "ipc"],
  });
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  let ended: string | undefined;
  const end = (why: string): void => {
    ended ??= why;
    for (const { reject } of waiting.values()) reject(failed(module, ended));
  };
  child.on("message", (message) => {
    const answer = answerSchema.safeParse(message);
    if (answer.success) waiting.get(answer.data.id)?.resolve(answer.data);
    else end("answered with something that is not a signature");
  });
  child.on("error", (error) => end(`cannot be talked to: ${error.message}`));
  child.once("exit", (code, signal) => end(`ended with ${code ?? signal}`));
  let next = 0;
  return {
    sign: async (data) => {
      const id = (next += 1);
      const answer = Promise.withResolvers<Answer>();
      waiting.set(id, answer);
      const timer = setTimeout(() => answer.reject(failed(module, `gave no signature in ${timeoutMs} ms`)), timeoutMs);
      if (ended === undefined) child.send({ id, data: data.toString("base64") });
      else answer.reject(failed(module, ended));
      const signed = await answer.promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
      if ("error" in signed) throw failed(module, `did not sign: ${signed.error}`);
      const { signature, publicKey, hint } = signed;
      return { signature: Buffer.from(signature, "base64"), key: { $case: "publicKey", publicKey, hint } };
    },
    close: () => void child.kill(),
  };
}

function failed(module: string, why: string): HxpError {
  return new HxpError("SIGNING_FAILED", `${module} ${why}`);
}

/** Inline, so that it is the same in the source and in the built package. */
function hostScript(module: string): string {
  return `const { createSigner } = await import(${JSON.stringify(module)});
const signer = await createSigner();
process.on("message", async ({ id, data }) => {
  try {
    const { signature, key } = await signer.sign(Buffer.from(data, "base64"));
    if (key?.$case !== "publicKey") throw new Error("it signs with a certificate, expected a public key");
    process.send({ id, signature: Buffer.from(signature).toString("base64"), publicKey: key.publicKey, hint: key.hint });
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) });
  }
});`;
}
