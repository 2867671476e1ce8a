import { HxpError } from "@hxp/errors";
import type { Stores } from "@hxp/schema-storage";

/** Stores that can be switched off, as when a database does not answer. */
export interface FailingStores extends Pick<Stores, "keys" | "usage"> {
  down: boolean;
  /** Calls by name. */
  readonly calls: Map<string, number>;
}

/** Wraps stores so that they can be switched off. */
export function createFailingStores(stores: Pick<Stores, "keys" | "usage">): FailingStores {
  const calls = new Map<string, number>();
  const guard = <Inner extends object>(inner: Inner): Inner =>
    new Proxy(inner, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...parameters: unknown[]) => {
          calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
          if (wrapped.down)
            throw new HxpError("STORAGE_UNAVAILABLE", "The database at db.internal:5432 does not answer.");
          return method.apply(target, parameters);
        };
      },
    });
  const wrapped: FailingStores = { keys: guard(stores.keys), usage: guard(stores.usage), down: false, calls };
  return wrapped;
}
