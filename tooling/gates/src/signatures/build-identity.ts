import type { Verifier } from "@sigstore/verify";

type CertificateIdentity = ReturnType<Verifier["verify"]>["identity"];

/** Who built something, as a certificate says; a type alias, because it becomes JSON. */
export type BuildIdentity = {
  /** Whom the certificate was issued to, such as the URL of a workflow. */
  builtBy: string;
  /** URL of the repository that was built. */
  repository?: string;
  /** The pipeline's own file, with the ref that it was run at. */
  workflow?: string;
  /** Commit of the repository. */
  commit?: string;
};

/** Extensions of sigstore's certificates: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const extensions = {
  repository: "1.3.6.1.4.1.57264.1.12",
  commit: "1.3.6.1.4.1.57264.1.13",
  workflow: "1.3.6.1.4.1.57264.1.18",
} as const;
/** GitHub's `owner/name` as it is, without DER: older certificates name their repository by this alone. */
const formerRepository = "1.3.6.1.4.1.57264.1.5";

/** Reads whom a verified certificate names; undefined when it names nobody. The statement's own words count for nothing. */
export function readBuildIdentity(certificate: CertificateIdentity): BuildIdentity | undefined {
  const builtBy = certificate?.subjectAlternativeName;
  if (builtBy === undefined) return undefined;
  const values = new Map(certificate?.oids?.map(({ oid, value }) => [oid?.id.join("."), value]));
  const named = Object.entries(extensions).flatMap(([key, oid]) => {
    const text = readUtf8(values.get(oid));
    return text === undefined ? [] : [[key, text]];
  });
  const former = values.get(formerRepository);
  return {
    builtBy,
    ...(former !== undefined && { repository: `https://github.com/${Buffer.from(former).toString("utf8")}` }),
    ...(Object.fromEntries(named) as Omit<BuildIdentity, "builtBy">),
  };
}

/** DER: a UTF8String of less than 65,536 bytes. */
function readUtf8(value: Uint8Array | undefined): string | undefined {
  if (value === undefined || value[0] !== 0x0c) return undefined;
  const header = (value[1] ?? 0) < 0x80 ? 2 : value[1] === 0x81 ? 3 : 4;
  return Buffer.from(value).subarray(header).toString("utf8");
}

/** A repository by host, owner and name, whichever way it is written; `owner/name` alone is GitHub's, as npm has it. */
export function normaliseRepository(url: string): string {
  const plain = url
    .trim()
    .toLowerCase()
    .replace(/^git\+/, "")
    .replace(/[#?].*$/, "");
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(plain)?.[1];
  const hosted = /^(gitlab|bitbucket):(.+)$/.exec(plain);
  const address =
    short === undefined
      ? hosted === null
        ? plain.replace(/^[a-z]+:\/\//, "").replace(/^[^@/]*@/, "")
        : `${hosted[1]}.${hosted[1] === "gitlab" ? "com" : "org"}/${hosted[2]}`
      : `github.com/${short}`;
  return address
    .replace(/^([^/:]+):(?:\d+\/)?/, "$1/")
    .replace(/\/(?:-\/)?tree\/.*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

/** What is the same for each version that the same pipeline builds, for a person: no ref, no commit. */
export function pipelineOf({ builtBy, repository, workflow }: BuildIdentity): string {
  const place = withoutRef(workflow ?? builtBy);
  return repository === undefined ? place : `${place} of ${normaliseRepository(repository)}`;
}

/** Only the URL of a workflow ends with a ref or a commit: what follows the `@` of an e-mail address says whose it is. */
function withoutRef(identity: string): string {
  return /^(https?:\/\/.+)@(?:refs\/.*|[0-9a-f]{40,64})$/.exec(identity)?.[1] ?? identity;
}
