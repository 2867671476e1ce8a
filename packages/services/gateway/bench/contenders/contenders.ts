import { join } from "node:path";
import type { Contender, ContenderName, ContenderWorld, RunningContender } from "./contender.ts";
import { howHxpStarts } from "./how-hxp-starts.ts";
import { startNginx } from "./start-nginx.ts";
import { startPortkey } from "./start-portkey.ts";

/** The condition of exports under which packages of the workspace lead to their sources. */
const sources = ["@hxp/source"];

const starts: Readonly<Record<ContenderName, Contender["start"]>> = {
  direct: startDirect,
  "pass-through": startPassThrough,
  nginx: startNginx,
  hxp: startHxp,
  portkey: startPortkey,
};

/** The contenders of these names. */
export function contendersOf(names: readonly ContenderName[]): readonly Contender[] {
  return names.map((name) => ({ name, start: starts[name] }));
}

async function startDirect({ upstream, upstreamUrl }: ContenderWorld): Promise<RunningContender> {
  return { destination: { url: upstreamUrl, headers: {} }, process: upstream, about: "the upstream itself" };
}

async function startPassThrough({ upstreamUrl, start }: ContenderWorld): Promise<RunningContender> {
  const file = join(import.meta.dirname, "../processes/pass-through-process.ts");
  const process = start("module", { file, args: [upstreamUrl] });
  const { url } = await process.ask<{ url: string }>();
  return { destination: { url, headers: {} }, process, about: "bare node:http, both ways piped" };
}

async function startHxp({ upstreamUrl, folder, start, options }: ContenderWorld): Promise<RunningContender> {
  const { hxpProcess: file, profile, built } = options;
  const nodeArgs = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  // Not on the command line: threads inherit that, and refuse what is of the whole process.
  const { variables } = howHxpStarts;
  const env = { ...globalThis.process.env, ...variables, NODE_OPTIONS: options.nodeArgs.join(" ") };
  const conditions = built ? [] : sources;
  const process = start("module", { file, args: [upstreamUrl, folder], nodeArgs, env, conditions });
  const { url, key, stores } = await process.ask<{ url: string; key: string; stores: string }>();
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const how = [built ? "as built" : "from its sources", ...settings, ...options.nodeArgs].join(" ");
  const about = `${how}; keys, all limits, budgets, usage into ${stores}, metrics read every 5 s, log to a file, audit log`;
  return { destination: { url, headers: { authorization: `Bearer ${key}` } }, process, about };
}
