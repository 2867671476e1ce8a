/** How far a pull is. */
export interface PullProgress {
  /** Bytes that are there. */
  readonly bytes: number;
  /** Bytes of the whole file; undefined: the server does not say. */
  readonly size: number | undefined;
  /** Of the last ten seconds or so. */
  readonly bytesPerSecond: number;
  /** Milliseconds until the end at this rate; undefined: not known. */
  readonly remainingMs: number | undefined;
}

/** What {@link trackProgress} takes. */
export interface ProgressOptions {
  readonly onProgress: (progress: PullProgress) => void;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Least time between two reports. */
  readonly everyMs?: number;
}

const windowMs = 10_000;

/** Makes a function that is told how many bytes there are, as often as one likes, and reports now and then; always with `last`. */
export function trackProgress({ onProgress, clock, everyMs = 250 }: ProgressOptions) {
  let samples: { at: number; bytes: number }[] = [];
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (bytes: number, size: number | undefined, last = false): void => {
    const now = clock();
    if (!last && now - reportedAt < everyMs) return;
    reportedAt = now;
    // A file that was begun anew has no rate yet.
    const isRestart = bytes < (samples.at(-1)?.bytes ?? 0);
    samples = [...(isRestart ? [] : samples.filter(({ at }) => now - at <= windowMs)), { at: now, bytes }];
    const [first = { at: now, bytes }] = samples;
    const bytesPerSecond = now > first.at ? Math.round(((bytes - first.bytes) * 1000) / (now - first.at)) : 0;
    const remainingMs =
      size === undefined || bytesPerSecond === 0 ? undefined : Math.round(((size - bytes) * 1000) / bytesPerSecond);
    onProgress({ bytes, size, bytesPerSecond, remainingMs });
  };
}
