import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  createKeySigner,
  digestBytes,
  openSigningKey,
  openTransparencyLog,
  parseStatement,
  serializeStatement,
  type SigningKey,
  signStatement,
  type Statement,
} from "@hxp/evidence";
import { readEvidenceSubjects } from "@hxp/evidence/release";
import type { TestWorkspace } from "./workspace.ts";

/** Changes evidence as somebody would who holds keys: with valid signatures and log entries. Leaving its scope closes the log. */
export interface Forger extends Disposable {
  /** Signs a statement of the folder again, changed. */
  sign(bundle: string, change: (statement: Statement) => Statement, key?: SigningKey): Promise<void>;
  /** Writes a gate's result anew, with its signed statement, and the summaries that rest on it. */
  judge(gate: string, change: (result: GateResultJson) => GateResultJson): Promise<void>;
  /** Takes a gate's result away, and what the summaries say of it. */
  drop(gate: string): Promise<void>;
  /** Has the record vouch for the files as they are. */
  vouch(): Promise<void>;
}

/** A gate's result, as far as tests change it. */
interface GateResultJson {
  verdict: string;
  findings: { rule: string; severity: string; waiver?: { expires: string; reason: string } }[];
  [key: string]: unknown;
}

/** Opens a workspace's keys and log over an evidence folder of it. */
export async function openForger(workspace: TestWorkspace, folder: string): Promise<Forger> {
  const [state, passphrase] = [join(workspace.folder, ".hxp"), ""];
  const logKey = await openSigningKey(join(state, "keys/log.pem"), { passphrase });
  const own = await openSigningKey(join(state, "keys/release.pem"), { passphrase });
  const log = openTransparencyLog({ folder: join(state, "log"), origin: "release-log.hxp.internal", key: logKey });
  const sign: Forger["sign"] = async (bundle, change, key = own) => {
    const statement = change(readStatement(folder, bundle));
    const signed = await signStatement(statement, { signer: createKeySigner(key), witnesses: [log] });
    writeFileSync(join(folder, bundle), `${JSON.stringify(signed)}\n`);
  };
  return {
    sign,
    judge: async (gate, change) => {
      const [file, bundle] = [join(folder, `gates/${gate}.json`), `gates/${gate}.sigstore.json`];
      const before = digestOf(readStatement(folder, bundle));
      const result = change(JSON.parse(readFileSync(file, "utf8")) as GateResultJson);
      writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
      await sign(bundle, (statement) => nameFile(statement, file));
      const after = digestOf(readStatement(folder, bundle));
      for (const summary of listSummaries(folder))
        await sign(summary, (statement) => retell(statement, { gate, verdict: result.verdict, before, after }));
    },
    drop: async (gate) => {
      const bundle = `gates/${gate}.sigstore.json`;
      const digest = digestOf(readStatement(folder, bundle));
      for (const file of [bundle, `gates/${gate}.json`]) rmSync(join(folder, file));
      for (const summary of listSummaries(folder)) await sign(summary, (statement) => forget(statement, gate, digest));
    },
    vouch: () =>
      sign("record.sigstore.json", (record) => ({
        ...record,
        subject: [
          ...record.subject.filter((subject) => subject.name?.startsWith("pkg:")),
          ...readEvidenceSubjects(folder, "record.sigstore.json"),
        ],
      })),
    [Symbol.dispose]: () => log.close(),
  };
}

/** The statement in a bundle, not verified. */
function readStatement(folder: string, bundle: string): Statement {
  const text = readFileSync(join(folder, bundle), "utf8");
  const { dsseEnvelope } = JSON.parse(text) as { dsseEnvelope: { payload: string } };
  return parseStatement(Buffer.from(dsseEnvelope.payload, "base64"));
}

/** Changes some fields of a statement's predicate. */
export function withPredicate(changes: object): (statement: Statement) => Statement {
  return (statement) => ({ ...statement, predicate: { ...(statement.predicate as object), ...changes } });
}

function digestOf(statement: Statement): string {
  return digestBytes(serializeStatement(statement)).sha256;
}

function listSummaries(folder: string): string[] {
  const { subject } = readStatement(folder, "record.sigstore.json");
  return subject.flatMap(({ name = "" }) => (name.endsWith("/verification-summary.sigstore.json") ? [name] : []));
}

interface TestResult {
  configuration: { name: string; digest: object }[];
}

function nameFile(statement: Statement, file: string): Statement {
  const { configuration } = statement.predicate as TestResult;
  const [name, digest] = [basename(file), digestBytes(readFileSync(file))];
  const changed = configuration.map((input) => (input.name === name ? { name, digest } : input));
  return withPredicate({ configuration: changed })(statement);
}

interface Summary {
  gates: Record<string, string>;
  inputAttestations: { digest: { sha256: string } }[];
}

function retell(
  statement: Statement,
  { gate, verdict, before, after }: { gate: string; verdict: string; before: string; after: string },
): Statement {
  const { gates, inputAttestations } = statement.predicate as Summary;
  return withPredicate({
    gates: { ...gates, [gate]: verdict },
    inputAttestations: inputAttestations.map((input) => (input.digest.sha256 === before ? toInput(after) : input)),
  })(statement);
}

function forget(statement: Statement, gate: string, digest: string): Statement {
  const { gates, inputAttestations } = statement.predicate as Summary;
  return withPredicate({
    gates: Object.fromEntries(Object.entries(gates).filter(([name]) => name !== gate)),
    inputAttestations: inputAttestations.filter((input) => input.digest.sha256 !== digest),
    notJudged: [gate],
  })(statement);
}

function toInput(sha256: string): object {
  return { digest: { sha256 } };
}
