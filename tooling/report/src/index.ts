export { writeReport } from "./write/write-report.ts";
export type { WriteReportOptions, WrittenReport } from "./write/write-report.ts";
export { readReport } from "./evidence/read-report.ts";
export type { ReportData } from "./report-data.ts";
export { diffReports } from "./diff/diff-reports.ts";
export type { Difference, ReportDiff } from "./diff/report-diff.ts";
export { renderDiffMarkdown, renderDiffText } from "./diff/render-diff.ts";
export { listTables } from "./tables/list-tables.ts";
export type { ReportTable } from "./tables/report-table.ts";
