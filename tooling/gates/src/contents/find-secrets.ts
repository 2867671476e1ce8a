import type { lintSource } from "@secretlint/core";
import type { PackedFile } from "../archive/read-package-tarball.ts";
import type { Observation } from "../create-gate.ts";

interface Secret {
  /** What kind of secret it is; never the secret. */
  kind: string;
  line: number;
}

type Rules = Parameters<typeof lintSource>[0]["options"]["config"]["rules"];

/** Finds secrets in a package's files, text or not. An observation names kind, file and line and never the secret. */
export async function findSecrets(files: readonly PackedFile[]): Promise<Observation[]> {
  const rules = await loadRules();
  const found: Observation[] = [];
  for (const file of files) {
    // Byte for character: what is text inside a binary is found as well, and UTF-8 keeps its ASCII part.
    const text = Buffer.from(file.bytes).toString("latin1");
    // oxlint-disable-next-line no-await-in-loop -- scanning is bound by the processor
    const secrets = [...(await scanWithSecretlint(file.path, text, rules)), ...scanWithOwnPatterns(text)];
    const seen = new Set<string>();
    for (const { kind, line } of secrets) {
      const where = `${file.path}:${line}`;
      if (seen.has(where)) continue;
      seen.add(where);
      found.push(secretFinding(where, kind));
    }
  }
  return found;
}

/** Loaded on use: they are half a megabyte that a run without this gate does not need. */
async function loadRules(): Promise<Rules> {
  const { rules } = await import("@secretlint/secretlint-rule-preset-recommend");
  // Left out: the rule by which a comment in the scanned file switches the scanner off.
  return rules
    .filter(({ meta }) => !meta.id.endsWith("filter-comments"))
    .map((rule) => ({ id: rule.meta.id, rule, options: {} }));
}

async function scanWithSecretlint(path: string, content: string, rules: Rules): Promise<Secret[]> {
  const { lintSource } = await import("@secretlint/core");
  const { messages } = await lintSource({
    source: { content, filePath: `/${path}`, ext: "", contentType: "text" },
    options: { maskSecrets: true, noPhysicFilePath: true, config: { rules } },
  });
  return messages.map(({ ruleId, messageId, loc }) => ({
    kind: `${ruleId.replace("@secretlint/secretlint-rule-", "")} ${messageId}`,
    line: loc.start.line,
  }));
}

/** What the preset lacks: keys in escaped strings or too short for it, credentials of npmrc in code, JSON web tokens. */
const ownPatterns: { kind: string; pattern: RegExp; isSecret?: (match: string) => boolean }[] = [
  {
    kind: "private key",
    pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*[A-Za-z0-9+/=]{40}/g,
  },
  {
    kind: "registry credential",
    pattern: /_(?:authToken|auth|password)["']?\s*[=:]\s*["']?([A-Za-z0-9+/=_.-]{16,})/g,
    isSecret: (match) => entropy(match) > 3.5,
  },
  { kind: "JSON web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{16,}/g },
];

function scanWithOwnPatterns(text: string): Secret[] {
  return ownPatterns.flatMap(({ kind, pattern, isSecret }) =>
    [...text.matchAll(pattern)]
      .filter((match) => isSecret?.(match[1] ?? match[0]) ?? true)
      .map((match) => ({ kind, line: text.slice(0, match.index).split("\n").length })),
  );
}

/** Shannon entropy in bits for each character: a random token has more than 3.5, a word or a placeholder less. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / text.length;
    return sum - share * Math.log2(share);
  }, 0);
}

function secretFinding(where: string, kind: string): Observation {
  return {
    rule: "secret",
    where,
    message: `There is what looks like a secret (${kind}) at ${where}.`,
    why: "A published version cannot be taken back: whoever downloads it has the secret.",
    fix: "Revoke the secret first, then take it out of the package and read it from the environment.",
    severity: "error",
  };
}
