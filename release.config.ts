import type { WrittenReleaseConfig } from "@hxp/release";

export default {
  registries: {
    // No url: the registry that pnpm is set up with.
    npm: { mode: "staged", trustedPublishing: true },
  },
} satisfies WrittenReleaseConfig;
