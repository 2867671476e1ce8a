import { defineLogEvents } from "@hxp/service";

/** What a server of `hxp` says in its log, beside what its parts say. */
export const platformEvents = defineLogEvents({
  storageProblem: {
    level: "warn",
    message: "The storage has a problem",
    description:
      "What failed without a caller: the first connection, bringing rows to a new version, or retention. It is tried again.",
    fields: { problem: { type: "string", description: "The error's code and message." } },
  },
});
