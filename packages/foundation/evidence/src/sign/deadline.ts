/** A promise with an end: rejects with the signal's reason when the time is up or the caller gives up. */
export async function withDeadline<T>(
  work: Promise<T>,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const end = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(end.reason);
  end.addEventListener("abort", onAbort, { once: true });
  if (end.aborted) onAbort();
  try {
    return await Promise.race([work, ended]);
  } finally {
    end.removeEventListener("abort", onAbort);
  }
}
