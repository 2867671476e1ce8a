import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.ts";
import { type LoadResult, Recorder } from "./recorder.ts";
import { type Destination, renderRequest, type RequestKind } from "./requests.ts";

/** A load: so many requests under way all the time, or so many a second whatever the answers do. */
export interface Load {
  readonly destination: Destination;
  /** Asked for in turn. */
  readonly kinds: readonly RequestKind[];
  readonly seconds: number;
  readonly shape: { readonly concurrency: number } | { readonly ratePerSecond: number };
}

/** Most connections at the same time in an open loop; beyond them, requests wait, and their waiting counts. */
const maxConnections = 512;
/** Seconds before results count: connections are made, code gets warm. */
const warmUp = 0.3;
/** Milliseconds that answers may take after the end. */
const patience = 10_000;

interface Turn {
  readonly request: Buffer;
  readonly isStream: boolean;
}

/** Puts a load on a server, for `seconds` after a short warm-up, and says what came of it. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const port = Number(new URL(load.destination.url).port);
  const turns = load.kinds.map((kind) => ({
    request: renderRequest(load.destination, kind),
    isStream: kind === "stream",
  }));
  const begin = performance.now();
  const recorder = new Recorder(begin + warmUp * 1000);
  const times = { begin, end: begin + (warmUp + load.seconds) * 1000 };
  const run = "concurrency" in load.shape ? runClosed : runOpen;
  await run({ port, turns, recorder, times, amount: Object.values(load.shape)[0] ?? 1 });
  return recorder.result();
}

interface Runner {
  readonly port: number;
  readonly turns: readonly Turn[];
  readonly recorder: Recorder;
  readonly times: { readonly begin: number; readonly end: number };
  /** Concurrency, or requests a second. */
  readonly amount: number;
}

/** Each connection sends its next request when it has the answer to the one before. */
async function runClosed({ port, turns, recorder, times, amount }: Runner): Promise<void> {
  const connections = Array.from({ length: amount }, () => new Connection(port));
  let open = amount;
  let count = 0;
  await new Promise<void>((resolve) => {
    const giveUp = setTimeout(resolve, times.end - performance.now() + patience);
    const next = (connection: Connection): void => {
      const at = performance.now();
      const turn = turns[count % turns.length];
      if (at >= times.end || turn === undefined) {
        open -= 1;
        if (open > 0) return;
        clearTimeout(giveUp);
        return resolve();
      }
      count += 1;
      connection.send(turn.request, turn.isStream, (outcome) => {
        recorder.add(at, outcome);
        // Not at once: a server that refuses connections would be asked without an end.
        if (outcome.ok) next(connection);
        else setTimeout(next, 10, connection);
      });
    };
    for (const connection of connections) next(connection);
  });
  for (const connection of connections) connection.close();
}

/** Requests are sent when it is their time; what a slow server delays counts as its latency. */
async function runOpen({ port, turns, recorder, times, amount }: Runner): Promise<void> {
  const interval = 1000 / amount;
  const total = Math.floor((times.end - times.begin) / interval);
  const idle: Connection[] = [];
  const all: Connection[] = [];
  const waiting: number[] = [];
  const progress = { ended: 0 };
  const take = (): Connection | undefined => {
    const free = idle.pop();
    if (free !== undefined || all.length >= maxConnections) return free;
    const made = new Connection(port);
    all.push(made);
    return made;
  };
  const send = (connection: Connection, index: number): void => {
    const turn = turns[index % turns.length];
    if (turn === undefined) return;
    connection.send(turn.request, turn.isStream, (outcome) => {
      recorder.add(times.begin + index * interval, outcome);
      progress.ended += 1;
      const next = waiting.shift();
      if (next === undefined) idle.push(connection);
      else send(connection, next);
    });
  };
  for (let index = 0; index < total; index += 1) {
    const delay = times.begin + index * interval - performance.now();
    // oxlint-disable-next-line no-await-in-loop -- the schedule is the point
    if (delay > 0) await sleep(delay);
    const connection = take();
    if (connection === undefined) waiting.push(index);
    else send(connection, index);
  }
  const giveUpAt = performance.now() + patience;
  // oxlint-disable-next-line no-await-in-loop -- until the last answer
  while (progress.ended < total && performance.now() < giveUpAt) await sleep(5);
  for (const connection of all) connection.close();
}
