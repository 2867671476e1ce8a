/** Tells a person what goes on. One step runs at a time. */
export interface Progress {
  /** Runs a step under its title; `report` replaces the line that says what it does right now. */
  step<T>(title: string, run: (report: (text: string) => void) => Promise<T>): Promise<T>;
  /** Says something between steps. */
  note(text: string): void;
  /** A warning, kept visible. */
  warn(text: string): void;
}

/** A progress that says nothing, for use as a library. */
export const silentProgress: Progress = {
  step: async (_title, run) => run(() => {}),
  note: () => {},
  warn: () => {},
};

/** What a progress writes to. */
export interface ProgressOptions {
  write: (text: string) => void;
  clock?: () => number;
}

/** Plain lines, for a pipe or a log: one when a step begins, one when it ends with its time, and what it reports every few seconds. */
export function createPlainProgress({ write, clock = Date.now }: ProgressOptions): Progress {
  return {
    step: async (title, run) => {
      const started = clock();
      let reported = started;
      write(`• ${title}\n`);
      const report = (text: string): void => {
        if (clock() - reported < 5_000 || firstLine(text) === "") return;
        reported = clock();
        write(`  … ${firstLine(text)} (${renderDuration(clock() - started)})\n`);
      };
      try {
        const result = await run(report);
        write(`✔ ${title} (${renderDuration(clock() - started)})\n`);
        return result;
      } catch (error) {
        write(`✖ ${title} (${renderDuration(clock() - started)})\n`);
        throw error;
      }
    },
    note: (text) => write(`${text}\n`),
    warn: (text) => write(`warning: ${text}\n`),
  };
}

/** `0.8 s`, `12.3 s`, `2 min 5 s`. */
export function renderDuration(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The first line of a text, without terminal codes and cut to 100 characters. */
export function firstLine(text: string): string {
  const [first = ""] = stripControls(text).trim().split("\n");
  const line = first.trimEnd();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

function stripControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the codes to take out
  return text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000B-\u001F\u007F]/g, "");
}
