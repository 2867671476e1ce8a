import { expect, test } from "vitest";
import { detailsSchemas } from "../evidence/details-schemas.ts";
import type { ReportData } from "../report-data.ts";
import { createRegistrySignaturesTable } from "./evidence-tables.ts";

test("the table of signatures says who built a dependency from what, and that the rest is unknown", () => {
  const signatures = detailsSchemas.signatures.parse({
    packages: [
      {
        id: "leaf@1.1.0",
        name: "leaf",
        version: "1.1.0",
        signature: "verified",
        provenance: "verified",
        builtBy: "https://github.com/acme/shared/.github/workflows/publish.yml@refs/heads/main",
        repository: "https://github.com/acme/leaf",
        workflow: "https://github.com/acme/leaf/.github/workflows/release.yml@refs/tags/v1.1.0",
        commit: "4f3c2b1a",
      },
      { id: "other@1.0.0", name: "other", version: "1.0.0" },
    ],
  });
  const { rows } = createRegistrySignaturesTable({ details: { signatures } } as ReportData);
  expect(rows.map(({ values }) => values)).toMatchObject([
    {
      provenance: "Verified",
      builtBy: "https://github.com/acme/leaf/.github/workflows/release.yml@refs/tags/v1.1.0",
      builtFrom: "https://github.com/acme/leaf at 4f3c2b1a",
    },
    { signature: "Unknown", provenance: "Unknown", builtBy: null, builtFrom: null },
  ]);
});
