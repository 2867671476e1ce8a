import type { KeyRecord, Limits } from "@hxp/schema-storage";
import { isHxpError } from "@hxp/errors";
import type { Reservation } from "../../pipeline.ts";
import type { Admission, AdmissionOptions } from "../admission.ts";
import { createAdmission } from "../create-admission.ts";
import { makeKey } from "./make-key.ts";

/** One thing that happens in the simulated world. */
export type Step =
  | { do: "start"; key: number; model: number; prompt: number; completion: number }
  | { do: "generate"; which: number; tokens: number }
  | { do: "finish" | "cancel" | "time out" | "crash" | "retry" | "refuse"; which: number; again: boolean }
  | { do: "wait"; milliseconds: number };

/** A request under way in the simulated engine, which counts for itself. */
interface Running {
  readonly key: KeyRecord;
  readonly model: string;
  readonly estimate: { readonly promptTokens: number; readonly completionTokens: number };
  readonly reservation: Reservation;
  generated: number;
}

/** What a scope was given, less what it gave back, at a time that never runs backwards. */
export interface Change {
  readonly at: number;
  readonly requests: number;
  readonly tokens: number;
}

const modelNames = ["large", "small"];
const teamNames = ["red", "red", "blue", undefined];

/** Runs steps against an admission; `changes` by scope are what an observer without the admission's code has seen. */
export function createSimulation(keyLimits: readonly Limits[], options: AdmissionOptions) {
  const time = { now: Date.parse("2026-05-31T12:00:00Z"), forward: 0 };
  const world = {
    time,
    admission: createAdmission({ ...options, clock: () => time.now }),
    keys: keyLimits.map((limits, index) => makeNumberedKey(index, limits)),
    running: new Set<Running>(),
    changes: new Map<string, Change[]>(),
    counts: { engineTokens: 0, admitted: 0, refused: 0 },
  };
  return {
    ...world,
    run: (step: Step) => runStep(world, step),
    finishAll: () => {
      for (const request of world.running) end(world, request, { isReleased: false, again: true });
    },
  };
}

interface World {
  readonly time: { now: number; forward: number };
  readonly admission: Admission;
  readonly keys: readonly KeyRecord[];
  readonly running: Set<Running>;
  readonly changes: Map<string, Change[]>;
  readonly counts: { engineTokens: number; admitted: number; refused: number };
}

function makeNumberedKey(index: number, limits: Limits): KeyRecord {
  const team = teamNames[index];
  return makeKey({ id: `key${index}`.padStart(16, "0"), limits, ...(team === undefined ? {} : { team }) });
}

function runStep(world: World, step: Step): void {
  const { time, keys, running } = world;
  if (step.do === "wait") {
    time.now += step.milliseconds;
    time.forward += Math.max(0, step.milliseconds);
    return;
  }
  if (step.do === "start") {
    const estimate = { promptTokens: step.prompt, completionTokens: step.completion };
    const key = keys[step.key];
    const model = modelNames[step.model];
    if (key !== undefined && model !== undefined) start(world, { key, model, estimate });
    return;
  }
  const request = [...running][step.which % Math.max(1, running.size)];
  if (request === undefined) return;
  if ("again" in step) {
    end(world, request, { isReleased: step.do === "refuse", again: step.again });
    if (step.do === "retry") start(world, request);
  } else request.generated = Math.min(request.estimate.completionTokens, request.generated + step.tokens);
}

function start(world: World, request: Pick<Running, "key" | "model" | "estimate">): void {
  const { admission, running, counts } = world;
  try {
    running.add({ ...request, reservation: admission.reserve({ id: "r", ...request }), generated: 0 });
    counts.admitted += 1;
  } catch (error) {
    if (!isHxpError(error) || error.status !== 429) throw error;
    counts.refused += 1;
    return;
  }
  note(world, request, { requests: 1, tokens: request.estimate.promptTokens + request.estimate.completionTokens });
}

function end(world: World, request: Running, { isReleased, again }: { isReleased: boolean; again: boolean }): void {
  world.running.delete(request);
  const { reservation, estimate, generated } = request;
  const used = isReleased ? 0 : estimate.promptTokens + generated;
  if (isReleased) reservation.release();
  else reservation.settle({ promptTokens: estimate.promptTokens, completionTokens: generated, cost: 0 });
  world.counts.engineTokens += used;
  const reserved = estimate.promptTokens + estimate.completionTokens;
  note(world, request, { requests: isReleased ? -1 : 0, tokens: used - reserved });
  if (!again) return;
  reservation.settle({ promptTokens: 1_000_000, completionTokens: 1_000_000, cost: 1_000_000 });
  reservation.release();
}

function note(world: World, { key, model }: Pick<Running, "key" | "model">, change: Omit<Change, "at">): void {
  const { changes, time } = world;
  for (const scope of [`key:${key.id}`, `model:${model}`, ...(key.team === undefined ? [] : [`team:${key.team}`])]) {
    changes.set(scope, [...(changes.get(scope) ?? []), { at: time.forward, ...change }]);
  }
}
