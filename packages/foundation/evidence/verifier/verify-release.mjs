#!/usr/bin/env node
// Verifies the evidence of a release, with no network and nothing but Node 20 or newer. Written apart from the code that
// makes releases, so that it is a second opinion; short, so that you can read it before you trust it.
//
//   node verify-release.mjs <evidence folder> --trusted-root <trusted_root.json> [--key release] [--json]
//
// The trust root (trusted_root.json with trusted_keys.json beside it) is your own copy, got by another way than the folder.
// Exit code: 0 all of it is so, 1 refused (the first thing that is not so is named), 2 bad usage, or --help.
// Signatures by certificates (keyless) and keys other than ECDSA P-256 are refused: `hxp evidence verify` checks those.
import { createHash, createPublicKey, verify } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isDeepStrictEqual as same, parseArgs } from "node:util";

/** Refuses a file for what is not so. @type {(condition: unknown, where: string, what: string) => void} */
function must(condition, where, what) {
  if (!condition) throw Object.assign(new Error(`${where} ${what}`), { isRefusal: true });
}

const hash = (algorithm, ...parts) => parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest();
const sha256 = (bytes) => hash("sha256", bytes).toString("hex");

// ---- 1. Files, read once into a map that no name in the evidence can lead out of. Links, pipes, devices are refused.
function readFolder(folder) {
  const [files, entries] = [new Map(), readdirSync(folder, { recursive: true, withFileTypes: true })];
  let bytes = 0;
  for (const entry of entries.filter((each) => !each.isDirectory())) {
    const full = join(entry.parentPath ?? entry.path, entry.name);
    must(entry.isFile(), full, "is not a file");
    bytes += lstatSync(full).size;
    must(entries.length < 100_000 && bytes < 2 ** 31, folder, "holds over 100,000 files or 2 GiB");
    files.set(relative(folder, full).split(sep).join("/"), readFileSync(full));
  }
  return files;
}
let reading = "";
const read = (files, path) => files.get((reading = path)) ?? must(false, path, "is missing");

// ---- 2. JSON without prototypes, and only as JSON.stringify writes it: a key that stands twice could mean two things.
function parseJson(bytes, where, isOwn = false) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text, (key, part) => {
    must(key !== "__proto__", where, "has a key __proto__");
    return Object(part) !== part || Array.isArray(part) ? part : Object.assign(Object.create(null), part);
  });
  const written = [JSON.stringify(value), JSON.stringify(value, null, 2)];
  must(isOwn || written.includes(text.replace(/\n$/, "")), where, "is not JSON as it is written");
  return value ?? must(false, where, "holds nothing");
}

function base64(value, where) {
  const bytes = Buffer.from(String(value), "base64");
  must(bytes.length > 0 && bytes.toString("base64") === value, where, "has something else where base64 must be");
  return bytes;
}

/** @type {(value: unknown, where: string, what: string) => any[]} */
const list = (value, where, what) =>
  Array.isArray(value) && value.length <= 10_000 ? value : must(false, where, `has no list of ${what}`);

// ---- 3. The trust root, and signatures against it.
/** @typedef {{ key: import("node:crypto").KeyObject, der: Buffer, id: string, hex: string, start: number, end: number, name: string, validFor: any }} Key */
/** @typedef {{ type: string, subjects: any[], predicate: any, digest: string, key: Key, time: number }} Statement */
/** @typedef {{ files: Map<string, Buffer>, keys: Key[], logs: Key[], now: number, statements: Statement[] }} Release */

function readKey(value, { name, id, validFor = {}, where }) {
  const der = base64(value, where);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  must(key.asymmetricKeyDetails?.namedCurve === "prime256v1", where, `has a key ${name} that is not ECDSA P-256`);
  must(hash("sha256", der).toString("base64") === id, where, `gives ${name} the id of another key`);
  const [start, end] = [validFor.start ?? "1970-01-01", validFor.end ?? "9999-12-31"].map((each) => Date.parse(each));
  must(start <= end, where, `has a key ${name} whose validity cannot be read`);
  return { key, der, id, hex: sha256(der), start, end, name, validFor };
}

function readTrust(path, keyName) {
  const root = lstatSync(path).isDirectory() ? join(path, "trusted_root.json") : path;
  const where = join(dirname(root), "trusted_keys.json");
  const { tlogs } = parseJson(readFileSync(root), root, true);
  const logs = list(tlogs, root, "logs").map(({ baseUrl, logId, publicKey: { rawBytes, validFor } }) =>
    readKey(rawBytes, { name: baseUrl.replace("https://", ""), id: logId.keyId, validFor, where: root }),
  );
  const isMeant = ({ name, purposes }) => name === keyName && list(purposes, where, "purposes").includes("statement");
  const named = list(parseJson(readFileSync(where), where, true).keys, where, "keys").filter(isMeant);
  must(named.length > 0, where, `has no key named ${keyName} that may sign statements`);
  return { logs, keys: named.map((each) => readKey(each.publicKey, { ...each, id: each.hint, where })) };
}

/** Verifies a bundle: signature, log entry, and that the key counted when the log took it. @type {(release: Release, path: string) => Statement} */
function openBundle({ files, keys, logs, now }, path) {
  const so = (condition, what) => must(condition, path, what);
  const { verificationMaterial: material, dsseEnvelope } = parseJson(read(files, path), path);
  const isKeyless = material.certificate ?? material.x509CertificateChain;
  so(!isKeyless, "is signed by a certificate: not verifiable by this file, use hxp evidence verify");
  const key = keys.find(({ id }) => id === material.publicKey.hint);
  so(key !== undefined, `is signed by the key ${material.publicKey.hint}, which the trust root does not name`);
  const { payloadType: kind, payload: encoded, signatures } = dsseEnvelope;
  const [{ sig }, ...others] = list(signatures, path, "signatures");
  so(others.length === 0, "has more than one signature");
  const [payload, signature] = [base64(encoded, path), base64(sig, path)];
  // DSSE signs the type and the payload together, each behind its length.
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${kind.length} ${kind} ${payload.length} `), payload]);
  so(verify("sha256", signed, key.key, signature), "has a signature that does not fit");
  const time = checkLogEntry(material.tlogEntries, { path, payload, sig, der: key.der, logs });
  const doesCount = key.start <= time && time <= key.end && time <= now + 300_000;
  so(doesCount, `was logged at ${new Date(time).toISOString()}, when its key does not count`);
  const { _type, subject, predicateType: type, predicate } = parseJson(payload, path);
  const isStatement = kind === "application/vnd.in-toto+json" && _type === "https://in-toto.io/Statement/v1";
  so(isStatement, "does not hold an in-toto statement v1");
  return { type, subjects: list(subject, path, "subjects"), predicate, digest: sha256(payload), key, time };
}

// ---- 4. The transparency log: a Merkle tree by RFC 6962 whose roots (checkpoints) the log signs.
const notePattern = /^(([a-z0-9.-]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\n)\n\u2014 (\S+) ([A-Za-z0-9+/]+=*)\n$/;
const node = (left, right) => hash("sha256", Buffer.from([1]), left, right);

/** The largest power of two below a size. @type {(size: number, power?: number) => number} */
const split = (size, power = 1) => (power * 2 < size ? split(size, power * 2) : power);

/** The root that a leaf's path leads to; the path names siblings from the leaf up. @type {(leaf: Buffer, at: number[], path: Buffer[]) => Buffer} */
function climb(leaf, [index, size], path) {
  if (size <= 1) return path.length === 0 ? leaf : Buffer.alloc(0);
  const [left, sibling, rest] = [split(size), path.at(-1) ?? Buffer.alloc(0), path.slice(0, -1)];
  if (index < left) return node(climb(leaf, [index, left], rest), sibling);
  return node(sibling, climb(leaf, [index - left, size - left], rest));
}

/** Whether a proof shows the tree `from` to be the beginning of the tree `to`. @type {(from: any, to: any, path: Buffer[]) => boolean} */
function grew(from, to, path) {
  const take = () => path.pop() ?? Buffer.alloc(0);
  const roots = (old, size, isWhole) => {
    if (old === size) return Array(2).fill(isWhole ? from.root : take());
    const [left, sibling] = [split(size), take()];
    if (old > left) return roots(old - left, size - left, false).map((root) => node(sibling, root));
    const [before, after] = roots(old, left, isWhole);
    return [before, node(after, sibling)];
  };
  const [before, after] = from.size < 1 || from.size > to.size ? [] : roots(from.size, to.size, true);
  return path.length === 0 && before?.equals(from.root) && after?.equals(to.root);
}

function openCheckpoint(text, logs, where) {
  const [, note = "", origin, size, root = "", name, line = ""] = notePattern.exec(String(text)) ?? [];
  const signature = base64(line, where);
  const log = logs
    .filter((each) => each.name === origin && name === origin)
    .filter(({ hex }) => hex.startsWith(signature.toString("hex", 0, 4)))
    .find(({ key }) => verify("sha256", Buffer.from(note), key, signature.subarray(4)));
  must(log !== undefined, where, "has a checkpoint that no log of the trust root has signed");
  return { size: Number(size), root: base64(root, where), log };
}

/** When the log took a signature, in milliseconds since 1970. @type {(entries: unknown, about: { path: string, payload: Buffer, sig: string, der: Buffer, logs: Key[] }) => number} */
function checkLogEntry(entries, { path, payload, sig, der, logs }) {
  const so = (condition, what) => must(condition, path, what);
  so(list(entries, path, "log entries").length === 1, "has not exactly one log entry");
  const [{ logId, integratedTime, logIndex, canonicalizedBody, inclusionPromise, inclusionProof: proof }] = entries;
  const log = logs.find(({ id }) => id === logId.keyId);
  so(log !== undefined, "is in a log that the trust root does not hold");
  const body = base64(canonicalizedBody, path);
  const { kind, apiVersion, spec } = parseJson(body, path);
  so(kind === "dsse" && apiVersion === "0.0.1", "has a log entry of another kind than dsse 0.0.1");
  const [{ signature, verifier }, ...more] = list(spec.signatures, path, "logged signatures");
  so(spec.payloadHash.value === sha256(payload) && signature === sig && more.length === 0, "has another's log entry");
  const logged = createPublicKey(base64(verifier, path)).export({ type: "spki", format: "der" });
  so(der.equals(logged), "has a log entry in the name of another key");
  const numbers = [integratedTime, logIndex, proof.logIndex, proof.treeSize].map((each = 0) => Number(each));
  const [seconds, place, index, size] = numbers;
  so(numbers.every(Number.isSafeInteger), "has something else where whole numbers must be");
  const told = { body: canonicalizedBody, integratedTime: seconds, logID: log.hex, logIndex: place };
  const promise = base64(inclusionPromise.signedEntryTimestamp, path);
  so(verify("sha256", Buffer.from(JSON.stringify(told)), log.key, promise), "has a log time that the log did not sign");
  so(log.start <= seconds * 1000 && seconds * 1000 <= log.end, "was logged when the log's key did not count");
  const checkpoint = openCheckpoint(proof.checkpoint.envelope, logs, path);
  const hashes = list(proof.hashes ?? [], path, "hashes").map((each) => base64(each, path));
  const isShaped = index < size && hashes.length <= 64 && size === checkpoint.size && log === checkpoint.log;
  const root = climb(hash("sha256", Buffer.from([0]), body), [index, isShaped ? size : 1], hashes);
  const isIn = isShaped && root.equals(checkpoint.root) && base64(proof.rootHash, path).equals(root);
  so(isIn, "is not where its inclusion proof says that it is in the log");
  return seconds * 1000;
}

// ---- 5. The release: what its statements say, against each other and against the bytes.
/** Opens a bundle that must be of a type and about all of some bytes. @type {(release: Release, path: string, expected: { type: string, about: any[] }) => any} */
function open(release, path, { type, about }) {
  const statement = openBundle(release, path);
  must(statement.type === type, path, `is a statement of another type, ${statement.type}`);
  for (const { name, algorithm, digest } of about) {
    const isAbout = statement.subjects.some((each) => each.name === name && each.digest[algorithm] === digest);
    must(isAbout, path, `is not about ${name} with the ${algorithm} ${digest}`);
  }
  release.statements.push(statement);
  return statement;
}

const required = "contents api licences advisories signatures conflicts docs rebuild compatibility".split(" ");
const findNotJudged = (gates) => required.filter((gate) => !gates.some(({ result }) => result.gate === gate));
const testResult = "https://in-toto.io/attestation/test-result/v0.1";
const daysLeft = (date, now) => (Date.parse(`${date}T00:00:00Z`) - now) / 86_400_000 + 1;
const usage = "usage: node verify-release.mjs <evidence folder> --trusted-root <file> [--key <name>] [--json]";
const predicates = "https://github.com/hxp-enterprise/hxp/predicates";

/** The plan, its signature, and the tarballs that it names. @type {(release: Release) => any} */
function checkPlan(release) {
  const bytes = read(release.files, "plan.json");
  const [plan, id] = [parseJson(bytes, "plan.json"), sha256(bytes)];
  const about = [{ name: "plan.json", algorithm: "sha256", digest: id }];
  const { predicate } = open(release, "plan.sigstore.json", { type: `${predicates}/release-plan/v1`, about });
  must(same(predicate, plan), "plan.json", "says something else than its signed statement");
  const packages = list(plan.packages, "plan.json", "packages").map(({ name, version, tarball }) => {
    const path = `tarballs/${tarball.file}`;
    const sha512 = hash("sha512", read(release.files, path));
    must(
      tarball.integrity === `sha512-${sha512.toString("base64")}`,
      path,
      "has other bytes than the signed plan names",
    );
    const url = `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
    const subject = { name: url, algorithm: "sha512", digest: sha512.toString("hex") };
    const folder = `packages/${name.replace(/^@/, "").replaceAll("/", "-")}-${version}`;
    return { name, version, tarball, folder, about: [subject] };
  });
  must(packages.length > 0, "plan.json", "names no package");
  return { id, plan, packages, about, isRehearsal: plan.registry.name === "local" };
}

/** How the release ended. The last record vouches for every file but itself and the log's proofs, which sign themselves. */
function checkRecords(release, about, id) {
  const names = ["record.sigstore.json", "rollback.sigstore.json"].filter((name) => release.files.has(name));
  must(names.length > 0, "record.sigstore.json", "is missing");
  const records = names.map((name) => open(release, name, { type: `${predicates}/release-record/v1`, about }));
  for (const { predicate } of records) must(predicate.release === id, "a record", "is of another release");
  const [name, last] = [names.at(-1), records.at(-1)];
  const vouched = new Map(last.subjects.map((each) => [each.name, each.digest.sha256]));
  for (const [path, bytes] of release.files) {
    if ([name, "log/checkpoint", "log/consistency.json"].includes(path)) continue;
    must(vouched.has(path), path, `is not in ${name}`);
    must(vouched.get(path) === sha256(bytes), path, `is not what ${name} vouches for`);
  }
  for (const path of vouched.keys()) if (!path.startsWith("pkg:")) read(release.files, path);
  return records;
}

/** Refuses a gate's result that no release can pass with. @type {(result: any, file: string, isRehearsal: boolean) => any} */
function judge(result, file, isRehearsal) {
  const { verdict, checked, findings, startedAt } = result;
  const so = (condition, what) => must(condition, file, what);
  so(["passed", "waived", "not-run"].includes(verdict), `says ${verdict}`);
  const errors = list(findings, file, "findings").filter(({ severity }) => severity !== "warning");
  const isOpen = errors.some(({ waiver }) => waiver === undefined);
  if (verdict === "not-run") {
    const isExcused = findings.some(({ rule, waiver }) => rule === "not-run" && waiver !== undefined);
    so(isRehearsal && isExcused && !isOpen, "says not-run, which only the policy of a rehearsal excuses");
    return { file, result };
  }
  so(checked > 0, `says ${verdict} and looked at nothing`);
  const isBorneOut = verdict === "passed" ? errors.length === 0 : errors.length > 0 && !isOpen;
  so(isBorneOut, `says ${verdict}, and its findings say something else`);
  const days = errors.map(({ waiver }) => daysLeft(waiver.expires, Date.parse(startedAt)));
  so(!days.some((each) => each <= 0 || each > 91), "has a waiver that did not count when the gate ran");
  return { file, result };
}

/** Each gate's result against its signed statement. Only a rehearsal may leave gates out. @type {(release: Release, about: any[], isRehearsal: boolean) => any[]} */
function checkGates(release, about, isRehearsal) {
  const paths = [...release.files.keys()].filter((path) => /^gates\/[^/]+(?<!\.sigstore)\.json$/.test(path)).toSorted();
  const gates = paths.map((file) => {
    const statement = open(release, file.replace(/json$/, "sigstore.json"), { type: testResult, about });
    const { configuration, result: said } = statement.predicate;
    const [bytes, name] = [read(release.files, file), file.slice("gates/".length)];
    const isSigned = configuration.some((each) => each.name === name && each.digest.sha256 === sha256(bytes));
    must(isSigned, file, "is not the result that was signed");
    must(said === "PASSED" || said === "WARNED", file, `says ${said}`);
    const result = parseJson(bytes, file);
    must(`${result.gate}.json` === name, file, `is the result of ${result.gate}`);
    return { ...judge(result, file, isRehearsal), statement };
  });
  const absent = findNotJudged(gates);
  must(gates.length > 0 && (isRehearsal || absent.length === 0), "gates", `holds no result of ${absent.join(", ")}`);
  return gates;
}

/** What is said about one package: provenance, SBOM, and the summary, which rests on these and on the gates. */
function checkPackage(release, { folder, about }, { id, plan, gates }) {
  const [source, bill] = [`${folder}/provenance.sigstore.json`, `${folder}/sbom.cdx.json`];
  const provenance = open(release, source, { type: "https://slsa.dev/provenance/v1", about });
  const { buildDefinition, runDetails } = provenance.predicate;
  const isSource = buildDefinition.resolvedDependencies.some(({ digest }) => digest.gitCommit === plan.source.commit);
  must(isSource, source, `is not of the commit ${plan.source.commit}`);
  must(runDetails.metadata.invocationId === id, source, "is of another release");
  const sbom = open(release, `${folder}/sbom.sigstore.json`, { type: "https://cyclonedx.org/bom", about });
  must(same(parseJson(read(release.files, bill), bill), sbom.predicate), bill, "is not the SBOM that was signed");
  const path = `${folder}/verification-summary.sigstore.json`;
  const so = (condition, what) => must(condition, path, what);
  const { predicate: summary } = open(release, path, { type: "https://slsa.dev/verification_summary/v1", about });
  so(summary.verificationResult === "PASSED", "does not say PASSED");
  const verdicts = new Map(gates.map(({ result }) => [result.gate, result.verdict]));
  so(same(new Map(Object.entries(summary.gates)), verdicts), "names other gates or verdicts than are here");
  const notRun = gates.filter(({ result }) => result.verdict === "not-run").map(({ result }) => result.gate);
  so(same(new Set(Object.keys(summary.notRun ?? {})), new Set(notRun)), "hides a gate that did not run");
  so(same(summary.notJudged ?? [], findNotJudged(gates)), "hides a gate that was not judged");
  const needed = gates.filter(({ result }) => result.verdict === "waived").flatMap(({ result }) => result.findings);
  const isNamed = ({ waiver }) => waiver === undefined || summary.waivers.some((each) => same(each, waiver));
  so(needed.every(isNamed), "does not name every waiver that was needed");
  const rests = [provenance, sbom, ...gates.map(({ statement }) => statement)].map(({ digest }) => digest);
  const named = list(summary.inputAttestations, path, "inputs").map(({ digest }) => digest.sha256);
  so(same(new Set(named), new Set(rests)), "rests on other statements than are here");
  const levels = list(summary.verifiedLevels, path, "levels");
  so(levels.includes("HXP_REBUILT_IDENTICALLY") === (verdicts.get("rebuild") === "passed"), "misstates the rebuild");
  return { builder: runDetails.builder.id, levels };
}

/** That the log only grew since the release before; the record says whether there was one. */
function checkLog({ files, logs }, previous) {
  const [head, path] = [read(files, "log/checkpoint").toString(), "log/consistency.json"];
  const { log, ...to } = openCheckpoint(head, logs, "log/checkpoint");
  if (!files.has(path) && typeof previous !== "string") return { origin: log.name, entries: to.size, grownFrom: null };
  const { from: before, to: after, proof } = parseJson(read(files, path), path);
  must(after === head, path, "does not lead to the checkpoint beside it");
  must(previous === undefined || before === previous, path, "does not begin at the end of the release before");
  const from = openCheckpoint(before, logs, path);
  const hashes = list(proof.hashes, path, "hashes").map((each) => base64(each, path));
  const isShaped = proof.fromSize === from.size && proof.toSize === to.size && hashes.length <= 128 && from.log === log;
  must(isShaped && grew(from, to, hashes), path, "does not prove that the log only grew");
  return { origin: log.name, entries: to.size, grownFrom: from.size };
}

/** All of it. Returns what is known then, as `hxp evidence verify --json` gives it. @type {(release: Release) => any} */
function checkRelease(release) {
  const { id, plan, packages, about, isRehearsal } = checkPlan(release);
  const tarballs = packages.flatMap((each) => each.about);
  const records = checkRecords(release, about, id);
  const gates = checkGates(release, tarballs, isRehearsal);
  const said = packages.map((each) => ({ ...each, ...checkPackage(release, each, { id, plan, gates }) }));
  const smoke = open(release, "smoke/smoke.sigstore.json", { type: testResult, about: tarballs }).predicate;
  must(smoke.result === "PASSED", "smoke/smoke.sigstore.json", `says ${smoke.result}`);
  const file = "smoke/second-opinion.json";
  const opinions = release.files.has(file) ? list(parseJson(read(release.files, file), file), file, "opinions") : [];
  const results = [...gates, ...opinions.map((result) => judge(result, file, isRehearsal))];
  const log = checkLog(release, records.at(-1).predicate.previousCheckpoint);
  const rebuild = results.find(({ result }) => result.gate === "rebuild")?.result ?? { verdict: "not-judged" };
  const waived = results.flatMap(({ result }) => result.findings).flatMap(({ waiver }) => waiver ?? []);
  const left = (waiver) => ({ ...waiver, daysLeft: Math.floor(daysLeft(waiver.expires, release.now)) });
  const times = release.statements.map(({ time }) => new Date(time).toISOString()).toSorted();
  const signers = [...new Set(release.statements.map(({ key }) => key))];
  return {
    release: id,
    isRehearsal,
    registry: plan.registry.identity,
    channel: plan.channel,
    source: { commit: plan.source.commit, repository: plan.source.repository, dirty: plan.source.dirty },
    packages: said.map(({ name, version, tarball, levels }) => ({ name, version, ...tarball, levels })),
    builders: [...new Set(said.map(({ builder }) => builder))],
    rebuild: { result: rebuild.verdict === "passed" ? "identical" : rebuild.verdict, observed: rebuild.observed ?? {} },
    gates: results.map(({ file: path, result }) => ({ gate: result.gate, verdict: result.verdict, file: path })),
    notJudged: findNotJudged(gates),
    notRun: results.flatMap(({ result: { verdict, gate, reason } }) => (verdict === "not-run" ? { gate, reason } : [])),
    waivers: waived.filter((each, at) => waived.findIndex((other) => same(other, each)) === at).map(left),
    smoke: smoke.passedTests,
    endings: records.map(({ predicate: { outcome, reason = null, recordedAt } }) => ({ outcome, reason, recordedAt })),
    signers: signers.map(({ name, id: hint, validFor }) => ({ name, id: hint, validFor })),
    log: { ...log, statements: times.length, first: times[0], last: times.at(-1) },
  };
}

/** Returns the exit code. @type {(args: string[]) => number} */
function main(args) {
  const options = { "trusted-root": { type: "string" }, key: { type: "string" }, json: { type: "boolean" } };
  const end = (code, text, facts = { problem: text }) => {
    const outcome = ["verified", "refused", "usage"][code];
    const lines = `${text}\n\n${code === 2 ? usage : outcome}`.replaceAll(/[^\P{C}\n]/gu, "\ufffd");
    console.log(args.includes("--json") ? JSON.stringify({ outcome, ...facts }, null, 2) : lines);
    return code;
  };
  if (/^(-h|--help)$/m.test(args.join("\n"))) return end(2, "Verifies the evidence of a release, with no network.");
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const { "trusted-root": root, key = "release" } = values;
    if (positionals.length !== 1 || root === undefined) throw new Error("name one folder, and --trusted-root <file>");
    const [folder, trust] = [realpathSync(positionals[0]), realpathSync(root)];
    if (`${trust}${sep}`.startsWith(`${folder}${sep}`)) throw new Error("a trust root from the folder proves nothing");
    const release = { ...readTrust(trust, key), files: readFolder(folder), now: Date.now(), statements: [] };
    const facts = checkRelease(release);
    const rows = Object.entries(facts).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    const lines = rows.map(([name, each]) => `${name.padEnd(13).toUpperCase()}${JSON.stringify(each)}`);
    // What nobody may overlook who reads nothing but the end.
    lines.push(...facts.notJudged.map((gate) => `NOT JUDGED: ${gate}`));
    lines.push(
      ...facts.endings.flatMap(({ outcome, reason }) => (reason ? `${outcome.toUpperCase()}: ${reason}` : [])),
    );
    return end(0, lines.join("\n"), facts);
  } catch (error) {
    if (error.isRefusal || reading === "") return end(error.isRefusal ? 1 : 2, error.message.replace(/\. To .*/, ""));
    // What is not of the shape that is looked for is refused, too: nothing passes that was not understood.
    return end(1, `${reading} cannot be read: ${error.message}`);
  }
}
process.exitCode = main(process.argv.slice(2));
