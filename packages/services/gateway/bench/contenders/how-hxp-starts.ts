/** How `hxp` starts its Node: what the first line of its program says. */
export const howHxpStarts = {
  variables: { MALLOC_ARENA_MAX: "2" },
  nodeArgs: ["--max-semi-space-size=4"],
} as const;
