import { HxpError } from "@hxp/errors";

/** Waits for a call to the storage, but not for ever. Throws STORAGE_UNAVAILABLE after `ms` milliseconds. */
export async function withDeadline<Value>(call: Promise<Value>, ms: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new HxpError("STORAGE_UNAVAILABLE", `The storage did not answer within ${ms} ms.`));
  }, ms);
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}
