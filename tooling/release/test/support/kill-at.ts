import childProcess from "node:child_process";
import fs from "node:fs";
import http, { type ClientRequest } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

// Loaded into a release with `node --import`: it knows nothing of releases but where their effects leave the process.
// HXP_KILL_AT names the point at which the process ends itself: `record:12:torn`, or by what is done there, the first
// time, `after step stage:torn`. HXP_KILL_LIST is a file that every point passed is written to, as JSON lines.
const { HXP_KILL_AT: wanted, HXP_KILL_LIST: list, HXP_KILL_SIGNAL: signal = "SIGKILL" } = process.env;
const { appendFileSync, closeSync, fdatasync, fdatasyncSync, openSync, renameSync, writeSync } = { ...fs };
const { rename } = { ...fs.promises };
const { request: httpRequest } = { ...http };
const { spawn } = { ...childProcess };

const counts = new Map<string, number>();
let isReached = false;

function count(kind: string): number {
  const number = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, number);
  return number;
}

function reach(point: string, what: string): void {
  if (list !== undefined) appendFileSync(list, `${JSON.stringify({ point, what })}\n`);
  if (!isWanted(point, what)) return;
  isReached = true;
  process.kill(process.pid, signal);
}

function isWanted(point: string, what: string): boolean {
  return !isReached && (point === wanted || `${what}:${point.split(":")[2]}` === wanted);
}

patchJournal();
patchRenames();
patchRequests();
patchCommands();
syncBuiltinESMExports();

/** `record:<n>:before|torn|after`: before the n-th journal record is written, with half of it written, once it is synced. */
function patchJournal(): void {
  const unsynced = new Map<number, Set<string>>();
  fs.openSync = (...args) => {
    const file = openSync(...args);
    if (basename(String(args[0])) === "journal.jsonl" && args[1] === "a+") unsynced.set(file, new Set());
    return file;
  };
  fs.closeSync = (file) => {
    unsynced.delete(file);
    closeSync(file);
  };
  fs.writeSync = ((file: number, data: Buffer, ...rest: []) => {
    const records = unsynced.get(file);
    if (records === undefined) return writeSync(file, data, ...rest);
    const record = `record:${count("record")}`;
    const what = describeRecord(data);
    reach(`${record}:before`, what);
    if (isWanted(`${record}:torn`, what)) writeSync(file, data.subarray(0, data.length / 2));
    reach(`${record}:torn`, what);
    records.add(JSON.stringify([`${record}:after`, what]));
    return writeSync(file, data, ...rest);
  }) as typeof writeSync;
  const whenSynced = (file: number): (() => void) => {
    const records = [...(unsynced.get(file) ?? [])];
    unsynced.get(file)?.clear();
    return () => records.forEach((record) => reach(...(JSON.parse(record) as [string, string])));
  };
  fs.fdatasyncSync = (file) => {
    const passed = whenSynced(file);
    fdatasyncSync(file);
    passed();
  };
  fs.fdatasync = ((file, done) => {
    const passed = whenSynced(file);
    fdatasync(file, (error) => {
      passed();
      done(error);
    });
  }) as typeof fdatasync;
}

function describeRecord(data: Buffer): string {
  const { phase, kind, target } = JSON.parse(data.toString("utf8")) as Record<string, string>;
  return `${phase} ${kind} ${target}`;
}

/** `rename:<n>:before|after`: when a file that is written in one piece is complete beside its old content, and in its place. */
function patchRenames(): void {
  fs.renameSync = (from, to) => {
    const number = count("rename");
    reach(`rename:${number}:before`, String(to));
    renameSync(from, to);
    reach(`rename:${number}:after`, String(to));
  };
  fs.promises.rename = async (from, to) => {
    const number = count("rename");
    reach(`rename:${number}:before`, String(to));
    await rename(from, to);
    reach(`rename:${number}:after`, String(to));
  };
}

/**
 * `request:<n>:before|half|answered`: before a PUT or DELETE leaves for the registry, with half of its body sent, when its
 * answer comes and before anybody looks at it. `storage:…`: the same between the embedded registry's front and its storage.
 */
function patchRequests(): void {
  http.request = ((...args: Parameters<typeof httpRequest>) => {
    const request = httpRequest(...args);
    if (!["PUT", "DELETE"].includes(request.method)) return request;
    const kind = Object.hasOwn(Object(args[0]) as object, "socketPath") ? "storage" : "request";
    const number = count(kind);
    const what = `${request.method} ${decodeURIComponent(request.path)}`;
    reach(`${kind}:${number}:before`, what);
    if (request.method === "PUT") cutBody(request, { point: `${kind}:${number}:half`, what });
    request.prependOnceListener("response", () => reach(`${kind}:${number}:answered`, what));
    return request;
  }) as typeof httpRequest;
}

function cutBody(request: ClientRequest, { point, what }: { point: string; what: string }): void {
  if (!isWanted(point, what)) return reach(point, what);
  const write = request.write.bind(request);
  const sendHalf = (chunk: string | Uint8Array): void => {
    const bytes = Buffer.from(chunk);
    write(bytes.subarray(0, bytes.length / 2), "utf8", () => reach(point, what));
  };
  request.write = ((chunk: string | Uint8Array) => {
    sendHalf(chunk);
    return true;
  }) as typeof request.write;
  request.end = ((chunk?: string | Uint8Array) => {
    if (chunk !== undefined) sendHalf(chunk);
    return request;
  }) as typeof request.end;
}

/** `command:<n>:before|during`: before a program is started, and while it runs; it then outlives the release. */
function patchCommands(): void {
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    const number = count("command");
    const what = [basename(args[0]), ...args[1]].join(" ").slice(0, 200);
    reach(`command:${number}:before`, what);
    const child = spawn(...args);
    reach(`command:${number}:during`, what);
    return child;
  }) as typeof spawn;
}
