import type { ComponentType } from "preact";
import type { ReportData } from "../../src/report-data.ts";
import type { FileBytes } from "../../src/verify/verify-files.ts";
import type { VerificationState } from "../state/use-verification.ts";

/** What every page is given. */
export interface PageProps {
  data: ReportData;
  verification: VerificationState;
  verifyFolder: (files: readonly FileBytes[]) => void;
  /** What the address says behind the page's name. */
  rest: string;
}

/** A page of the report. */
export interface PageDefinition {
  /** In the address, behind `#`. */
  name: string;
  title: string;
  /** One sentence: what question it answers. */
  lead: string;
  component: ComponentType<PageProps>;
}
