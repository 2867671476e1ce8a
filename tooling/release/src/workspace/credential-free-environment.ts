import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const secretName =
  /token|passw|passphrase|secret|credential|auth(?!ors?(?:_|$))|_key$|api_?key|private|(?:^|_)(?:pat|otp)$/i;
const secretSetting =
  /^\s*(?:[^=]*:)?_?(?:auth|authToken|password|username|email|otp|key|keyfile|certfile|tokenHelper)\s*=/i;

/** Where {@link credentialFreeEnvironment} reads and writes. */
export interface CredentialFreeOptions {
  /** Folder for an npmrc without secrets. */
  scratch: string;
  /** Its npmrc may name further variables as secrets. */
  workspace: string;
}

/**
 * The environment for processes that run project code (config, install, build, smoke, signer module): no variable whose
 * name looks like a credential or that an npmrc takes one from, and an npmrc in which the user's settings stand without
 * their tokens and passwords.
 */
export function credentialFreeEnvironment(
  env: NodeJS.ProcessEnv,
  { scratch, workspace }: CredentialFreeOptions,
): NodeJS.ProcessEnv {
  mkdirSync(scratch, { recursive: true });
  const npmrc = join(scratch, "npmrc");
  const userNpmrc = findUserNpmrc(env);
  const settings = readIfThere(userNpmrc);
  writeFileSync(npmrc, withoutSecrets(settings));
  const named = new Set([settings, readIfThere(join(workspace, ".npmrc"))].flatMap(listSecretVariables));
  const kept = Object.entries(env).filter(
    ([name]) => !secretName.test(name) && !named.has(name) && !/^npm_config_userconfig$/i.test(name),
  );
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", npm_config_userconfig: npmrc };
}

/** The user's npmrc, which CI systems put elsewhere than in the home folder. */
export function findUserNpmrc(env: NodeJS.ProcessEnv): string {
  return env["NPM_CONFIG_USERCONFIG"] ?? env["npm_config_userconfig"] ?? join(env["HOME"] ?? homedir(), ".npmrc");
}

/** Variables that only a process gets that was configured to need them, by their names; a publish token never. */
export function pickVariables(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.filter((name) => !isPublishToken(name)).map((name) => [name, env[name]]));
}

/** Whether a variable holds what a registry takes for the right to publish. */
export function isPublishToken(name: string): boolean {
  return (
    ["NPM_TOKEN", "NODE_AUTH_TOKEN", "NPM_ID_TOKEN"].includes(name) || /^npm_config_.*_(auth|password)/i.test(name)
  );
}

function withoutSecrets(npmrc: string): string {
  return npmrc
    .split("\n")
    .filter((line) => !isSecretLine(line))
    .join("\n");
}

function isSecretLine(line: string): boolean {
  return secretSetting.test(line) || /:_[a-z]+\s*=/i.test(line);
}

function listSecretVariables(npmrc: string): string[] {
  const secrets = npmrc.split("\n").filter((line) => isSecretLine(line));
  return secrets.flatMap((line) => [...line.matchAll(/\$\{([^}?]+)\??\}/g)].map(([, name = ""]) => name));
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
