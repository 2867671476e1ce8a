import type { ReportData } from "../report-data.ts";
import {
  createAdvisoriesTable,
  createApiTable,
  createCapabilitiesTable,
  createContentsTable,
  createDocumentsTable,
  createLicencesTable,
} from "./detail-tables.ts";
import { createComponentsTable, createRegistrySignaturesTable, createStatementsTable } from "./evidence-tables.ts";
import { createFindingsTable, createGatesTable, createPackagesTable, createWaiversTable } from "./gate-tables.ts";
import { createDependencyMatrixTable, createMatrixTable, createPairsTable } from "./matrix-tables.ts";
import type { ReportTable } from "./report-table.ts";

const tables: readonly ((data: ReportData) => ReportTable)[] = [
  createGatesTable,
  createFindingsTable,
  createWaiversTable,
  createPackagesTable,
  createMatrixTable,
  createDependencyMatrixTable,
  createPairsTable,
  createLicencesTable,
  createAdvisoriesTable,
  createApiTable,
  createContentsTable,
  createCapabilitiesTable,
  createDocumentsTable,
  createComponentsTable,
  createStatementsTable,
  createRegistrySignaturesTable,
];

/** All tables of a report; those that the evidence has nothing for are empty. */
export function listTables(data: ReportData): ReportTable[] {
  return tables.map((create) => create(data));
}
