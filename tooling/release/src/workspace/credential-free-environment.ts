import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const secretName =
  /token|passw|passphrase|secret|credential|auth(?!ors?(?:_|$))|_key$|api_?key|private|(?:^|_)(?:pat|otp)$/i;
const secretSetting =
  /^\s*(?:[^=]*:)?_?(?:auth|authToken|password|username|email|otp|key|keyfile|certfile|tokenHelper)\s*=/i;

/**
 * The environment for processes that run project code (config, install, build, smoke): no variable whose name looks
 * like a credential, and an npmrc in which the user's settings stand without their tokens and passwords.
 *
 * @param scratch folder for that npmrc
 */
export function credentialFreeEnvironment(env: NodeJS.ProcessEnv, scratch: string): NodeJS.ProcessEnv {
  mkdirSync(scratch, { recursive: true });
  const npmrc = join(scratch, "npmrc");
  const userNpmrc = findUserNpmrc(env);
  writeFileSync(npmrc, existsSync(userNpmrc) ? withoutSecrets(readFileSync(userNpmrc, "utf8")) : "");
  const kept = Object.entries(env).filter(([name]) => !secretName.test(name) && !/^npm_config_userconfig$/i.test(name));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0", npm_config_userconfig: npmrc };
}

/** The user's npmrc, which CI systems put elsewhere than in the home folder. */
export function findUserNpmrc(env: NodeJS.ProcessEnv): string {
  return env["NPM_CONFIG_USERCONFIG"] ?? env["npm_config_userconfig"] ?? join(env["HOME"] ?? homedir(), ".npmrc");
}

function withoutSecrets(npmrc: string): string {
  return npmrc
    .split("\n")
    .filter((line) => !secretSetting.test(line) && !/:_[a-z]+\s*=/i.test(line))
    .join("\n");
}
