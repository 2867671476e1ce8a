import type { RequestFault } from "@hxp/engine-simulator";

/** How streams break after they have begun, and the code that clients are told in the stream. */
export const brokenStreams: readonly { readonly fault: RequestFault; readonly code: string }[] = [
  { fault: { type: "cut", afterTokens: 5 }, code: "upstream_cut" },
  { fault: { type: "stall", afterTokens: 5 }, code: "upstream_stalled" },
  { fault: { type: "malformed", afterTokens: 5 }, code: "upstream_invalid" },
  { fault: { type: "no-finish-reason" }, code: "upstream_incomplete" },
];
