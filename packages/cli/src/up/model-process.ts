import { type ChildProcess, spawn } from "node:child_process";
import { HxpError } from "@hxp/errors";
import { decideRestart, defaultRestartPolicy, type RestartPolicy } from "./restart-policy.ts";
import { type ModelMessage, readModelMessage } from "./model-messages.ts";

/** What {@link ModelProcess} takes. */
export interface ModelProcessOptions {
  readonly model: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** How far loading is, from every start. */
  readonly onPhase?: (message: Extract<ModelMessage, { type: "phase" }>) => void;
  /** Something a person should know: it died, it is back. */
  readonly onEvent?: (event: ModelEvent) => void;
  readonly policy?: RestartPolicy;
  readonly clock?: () => number;
}

/** What became of a model's process after it was ready once. */
export type ModelEvent =
  | { readonly type: "died"; readonly reason: string; readonly restartInMs: number }
  | { readonly type: "back" }
  | { readonly type: "given-up"; readonly error: HxpError };

/**
 * A model's process, kept alive: started again with back-off when it dies, given up when it dies too often. The process ends by
 * itself when this one dies, because its channel closes.
 */
export class ModelProcess implements AsyncDisposable {
  readonly model: string;
  readonly #options: ModelProcessOptions;
  readonly #clock: () => number;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deaths: readonly number[] = [];
  #failure: Extract<ModelMessage, { type: "failed" }>["error"] | undefined;
  #stopping = false;

  constructor(options: ModelProcessOptions) {
    this.model = options.model;
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it is ready. Throws MODEL_PROCESS_FAILED, with what it said, when it ends before. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const child = this.#spawn();
    const ended = new Promise<never>((_, reject) => {
      child.once("exit", (code, name) => reject(this.#describeEnd(code, name)));
      child.once("error", (error) => reject(this.#describeEnd(null, null, error)));
    });
    const stop = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.race([readiness(child), ended]);
    } finally {
      signal.removeEventListener("abort", stop);
      ended.catch(() => {});
    }
    child.once("exit", (code, name) => this.#afterDeath(this.#describeEnd(code, name)));
    // It may have ended between the two.
    if (child.exitCode !== null || child.signalCode !== null)
      this.#afterDeath(this.#describeEnd(child.exitCode, child.signalCode));
  }

  /** Asks it to finish what runs and to end; one that is not gone after `graceMs` is killed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => void child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await gone;
    clearTimeout(kill);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0);
  }

  #spawn(): ChildProcess {
    const [program, ...args] = this.#options.command;
    // A group of its own: Ctrl-C on the terminal is for the server, which then tells its models.
    const child = spawn(program, args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      detached: true,
      env: this.#options.environment,
    });
    this.#child = child;
    this.#failure = undefined;
    child.on("message", (value) => {
      const message = readModelMessage(value);
      if (message?.type === "phase") this.#options.onPhase?.(message);
      if (message?.type === "failed") this.#failure = message.error;
    });
    return child;
  }

  #afterDeath(reason: HxpError): void {
    if (this.#stopping) return;
    const decision = decideRestart(this.#deaths, this.#clock(), this.#options.policy ?? defaultRestartPolicy);
    this.#deaths = decision.deaths;
    if (decision.type === "give-up") {
      const message = `The process of the model ${this.model} ended ${decision.deaths.length} times, the last time so: ${reason.message}`;
      const error = new HxpError("MODEL_PROCESS_FAILED", message, { hint: reason.hint });
      this.#options.onEvent?.({ type: "given-up", error });
      return;
    }
    this.#options.onEvent?.({ type: "died", reason: reason.message, restartInMs: decision.afterMs });
    this.#timer = setTimeout(() => this.#restart(), decision.afterMs);
  }

  #restart(): void {
    const child = this.#spawn();
    readiness(child).then(
      () => this.#options.onEvent?.({ type: "back" }),
      () => {},
    );
    let over = false;
    const once = (error: HxpError): void => {
      if (!over) this.#afterDeath(error);
      over = true;
    };
    child.once("exit", (code, name) => once(this.#describeEnd(code, name)));
    child.once("error", (error) => once(this.#describeEnd(null, null, error)));
  }

  #describeEnd(code: number | null, signal: NodeJS.Signals | null, cause?: Error): HxpError {
    if (this.#failure !== undefined) {
      const { code: name, message, hint } = this.#failure;
      return new HxpError("MODEL_PROCESS_FAILED", `${name}: ${message}`, { hint, details: { model: this.model } });
    }
    const how = cause?.message ?? (signal === null ? `with exit code ${code ?? "unknown"}` : `by ${signal}`);
    const hint =
      signal === "SIGKILL"
        ? "The kernel kills a process that takes too much memory: look for it in dmesg, and choose a smaller model or context."
        : undefined;
    return new HxpError("MODEL_PROCESS_FAILED", `The process of the model ${this.model} ended ${how}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
      details: { model: this.model },
    });
  }
}

function readiness(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on("message", (value) => {
      if (readModelMessage(value)?.type === "ready") resolve();
    });
  });
}
