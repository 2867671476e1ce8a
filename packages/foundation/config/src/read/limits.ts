/** What a configuration text may need at most: far above any real one, far below what would hurt. */
export const limits = {
  /** Bytes of a file. */
  bytes: 512 * 1024,
  /** Maps and lists within each other. */
  depth: 64,
  /** Values after aliases have been written out. */
  values: 50_000,
  /** Syntax problems reported of one text. */
  problems: 20,
} as const;
