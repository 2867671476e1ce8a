import { getGlobalDispatcher } from "undici";
import type { RoutedTarget } from "../router.ts";

/** A target for tests, which nothing listens at. */
export function makeTarget(id: string, values: Partial<RoutedTarget> = {}): RoutedTarget {
  return {
    id,
    model: id.split("/")[0] ?? id,
    upstreamModel: "model",
    origin: "http://127.0.0.1:9",
    basePath: "/v1",
    dispatcher: getGlobalDispatcher(),
    authorization: undefined,
    continuousUsage: false,
    usageById: false,
    maxConcurrency: 1,
    ...values,
  };
}
