import type { StartContext } from "@hxp/service";
import { type ModelEvent, ModelProcess } from "./model-process.ts";
import { clearSocket } from "./take-data-folder.ts";

/** What {@link startModels} takes. */
export interface ModelsToStart {
  /** Socket of each model's process by the model's name. */
  readonly sockets: ReadonlyMap<string, string>;
  /** Program and arguments that serve a model. */
  readonly command: (model: string) => readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  readonly onEvent: (model: string, event: ModelEvent) => void;
}

/** The processes of all models. */
export interface RunningModels {
  /** Asks all to end, and kills those that do not within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a process for each model and waits until all are ready. When one fails, the others are ended, too. */
export async function startModels(
  { sockets, command, environment, onEvent }: ModelsToStart,
  context: Pick<StartContext, "phase" | "signal">,
): Promise<RunningModels> {
  await Promise.all([...sockets.values()].map((socket) => clearSocket(socket, context.signal)));
  const phases = new Map<string, { phase: string; etaMs: number | undefined }>();
  const tell = (): void => {
    const etas = [...phases.values()].map(({ etaMs }) => etaMs).filter((eta) => eta !== undefined);
    const text = [...phases].map(([model, { phase }]) => `${model}: ${phase}`);
    // Each model's process shares this one's standard error and has written it to its own log.
    context.phase(text.join(", "), etas.length === 0 ? undefined : Math.max(...etas), { log: false });
  };
  const models = [...sockets.keys()].map(
    (model) =>
      new ModelProcess({
        model,
        command: command(model),
        environment,
        onPhase: ({ phase, etaMs }) => {
          phases.set(model, { phase, etaMs });
          tell();
        },
        onEvent: (event) => onEvent(model, event),
      }),
  );
  const stop = async (graceMs: number): Promise<void> => {
    await Promise.all(models.map((model) => model.stop(graceMs)));
  };
  try {
    await Promise.all(models.map((model) => model.start(context.signal)));
    return { stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}
