import { readBackPackages } from "@hxp/release-registry";
import { readRegistryKeys } from "../registry/open-registry.ts";
import { publishedForm } from "../registry/published-form.ts";
import { defineStep } from "./step.ts";

/** Waits until the registry shows what was staged, and compares every byte and signature with the packed files. */
export const readBack = defineStep({
  name: "read-back",
  title: "Read back",
  needs: ["sealed", "packages", "registry"],
  gives: [],
  run: async (context, { sealed, packages, registry }, report) => {
    // Another registry signs with keys of its own, if it signs at all; a mirror may name keys and sign nothing itself.
    const keys = registry.isLocal ? readRegistryKeys(context.paths.trust) : await registry.client.readKeys();
    if (keys.length === 0)
      context.progress.note(`  ${registry.name} names no signing keys: there is no signature to check`);
    // A version that was there before, as after a rollback, keeps the attestations that it was published with.
    const wasThere = new Set(sealed.plan.packages.filter(({ onRegistry }) => onRegistry).map(({ name }) => name));
    const published = publishedForm(context, { registry, packages });
    await readBackPackages({
      client: registry.client,
      packages: published.map((entry) => (wasThere.has(entry.name) ? { ...entry, attestations: [] } : entry)),
      stagingTag: sealed.plan.stagingTag,
      keys,
      requireSignatures: registry.isLocal,
      timeoutMs: context.config.visibilityTimeoutMinutes * 60_000,
      onProgress: ({ done, total, note }) => report(`${done} of ${total} ${note ?? ""}`),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return {};
  },
});
