import { expect, test } from "vitest";
import { hintedTokens, parseEngineLoad, toHint } from "./load-hint.ts";

test("vLLM's page is read, several engines together", () => {
  const text = [
    "# HELP vllm:num_requests_running Number of requests in model execution batches.",
    "# TYPE vllm:num_requests_running gauge",
    'vllm:num_requests_running{engine="0",model_name="a } b"} 3.0',
    'vllm:num_requests_running{engine="1",model_name="a"} 2.0',
    'vllm:num_requests_waiting{engine="0",model_name="a"} 1e1 1395066363000',
    'vllm:kv_cache_usage_perc{engine="0",model_name="a"} 0.25',
    'vllm:kv_cache_usage_perc{engine="1",model_name="a"} 0.75',
    "vllm:num_requests_running_total 99",
  ].join("\n");
  expect(parseEngineLoad(text)).toEqual({ running: 5, waiting: 10, cacheUsage: 0.75 });
});

test("a server that speaks both vocabularies counts once", () => {
  const text =
    "hxp_engine_requests_running 4\nvllm:num_requests_running 4\r\nhxp_engine_requests_waiting 1\nhxp_engine_cache_usage_ratio 0.5";
  expect(parseEngineLoad(text)).toEqual({ running: 4, waiting: 1, cacheUsage: 0.5 });
});

test.each([
  "",
  "<html>",
  "vllm:num_requests_running NaN",
  "vllm:num_requests_running -3",
  "constructor 4",
  "go_threads 4",
])("%j says nothing", (text) => {
  expect(parseEngineLoad(text)).toBeUndefined();
});

test("what is above our own requests is others', and fades", () => {
  const hint = toHint({ running: 5, waiting: 3, cacheUsage: 0.5 }, { inFlight: 6, at: 1000 });
  expect(hint).toEqual({ requests: 2, cacheUsage: 0.5, at: 1000 });
  const at = (now: number): number => hintedTokens(hint, { now, halfLife: 3000, meanTokens: 100 });
  expect([at(1000), at(4000), at(7000), at(0)]).toEqual([250, 125, 62.5, 250]);
  expect(at(1_000_000)).toBeLessThan(1e-9);
  expect(toHint({ running: 1, waiting: 0, cacheUsage: 0 }, { inFlight: 6, at: 1000 }).requests).toBe(0);
});
