import { Listr, type ListrTaskWrapper, PRESET_TIMER } from "listr2";
import { firstLine, type Progress } from "./progress.ts";

/**
 * A live task list on a terminal. Steps come one by one, so each is a list of one task; finished ones stay on screen
 * with their times. What is said during a step stands below it, since a line in the middle would tear the live part.
 */
export function createTerminalProgress(write: (text: string) => void): Progress {
  let isRunning = false;
  let held: string[] = [];
  const say = (text: string): void => {
    if (isRunning) held.push(text);
    else write(text);
  };
  const release = (): void => {
    isRunning = false;
    for (const text of held) write(text);
    held = [];
  };
  return {
    step: async (title, run) => {
      const outcome: { value?: Awaited<ReturnType<typeof run>> } = {};
      const task = async (_context: unknown, wrapper: ListrTaskWrapper<unknown, never, never>): Promise<void> => {
        outcome.value = await run((text) => {
          wrapper.output = firstLine(text);
        });
      };
      const list = new Listr([{ title, task: task as never }], {
        rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: true },
        exitOnError: true,
      });
      isRunning = true;
      await list.run().finally(release);
      return outcome.value as Awaited<ReturnType<typeof run>>;
    },
    note: (text) => say(`${text}\n`),
    warn: (text) => say(`warning: ${text}\n`),
  };
}
