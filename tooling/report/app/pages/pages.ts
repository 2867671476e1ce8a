import { AdvisoriesPage } from "./advisories-page.tsx";
import { ApiPage } from "./api-page.tsx";
import { ContentsPage } from "./contents-page.tsx";
import { LicencesPage } from "./licences-page.tsx";
import { MatrixPage } from "./matrix-page.tsx";
import { OverviewPage } from "./overview-page.tsx";
import type { PageDefinition } from "./page.ts";
import { SbomPage } from "./sbom-page.tsx";
import { SignaturesPage } from "./signatures-page.tsx";

const overview: PageDefinition = {
  name: "overview",
  title: "Overview",
  lead: "What was released, what the gates decided, and who signed it.",
  component: OverviewPage,
};

/** The pages, in the order of the list at the side. */
export const pages: readonly PageDefinition[] = [
  overview,
  {
    name: "matrix",
    title: "Matrix",
    lead: "Which versions work with which, on which Node: executed cell by cell, none assumed.",
    component: MatrixPage,
  },
  {
    name: "licences",
    title: "Licences",
    lead: "Under which licence each package of the closure is, where that is known from, and whether the policy allows it.",
    component: LicencesPage,
  },
  {
    name: "advisories",
    title: "Advisories",
    lead: "Known vulnerabilities in the closure, whether our code reaches them, and what was decided.",
    component: AdvisoriesPage,
  },
  {
    name: "api",
    title: "API diff",
    lead: "Whether each version bump is true to what changed for those who use the package.",
    component: ApiPage,
  },
  {
    name: "contents",
    title: "Contents diff",
    lead: "What is in each tarball, what it can do, and what is new since the last release.",
    component: ContentsPage,
  },
  {
    name: "sbom",
    title: "SBOM",
    lead: "What each package consists of, down to the last dependency.",
    component: SbomPage,
  },
  {
    name: "signatures",
    title: "Signatures",
    lead: "Every signature, log entry and file, verified again in this browser.",
    component: SignaturesPage,
  },
];

/** The page of a name; the overview for any other. */
export function findPage(name: string): PageDefinition {
  return pages.find((page) => page.name === name) ?? overview;
}
