import { isSecret } from "./secret.ts";

/** Freezes plain data through and through and gives it back. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || isSecret(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
