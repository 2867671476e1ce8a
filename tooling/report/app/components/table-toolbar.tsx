import { useMemo } from "preact/hooks";
import type { ReportTable } from "../../src/tables/report-table.ts";
import { ExportMenu } from "./export-menu.tsx";
import { formatKey, type TableState } from "./use-report-table.ts";

interface ToolbarProps {
  table: ReportTable;
  state: TableState;
  release: string;
}

/** Search, a filter for each column that has few values, groups, and the export of what is left. */
export function TableToolbar({ table, state, release }: ToolbarProps) {
  const choices = useMemo(() => listChoices(table), [table]);
  const groups = table.columns.filter(({ groups: may }) => may === true);
  const { shown, search, setSearch, filters, filterBy, group, setGroup, clear } = state;
  const isFiltered = search !== "" || filters.length > 0;
  return (
    <div class="toolbar">
      <label class="search">
        <span class="visually-hidden">Search {table.title}</span>
        <input
          type="search"
          placeholder="Search"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {choices.map(({ id, title, values }) => (
        <label key={id}>
          <span>{title}</span>
          <select
            value={filters.find((filter) => filter.id === id)?.value ?? ""}
            onChange={(event) => filterBy(id, event.currentTarget.value)}
          >
            <option value="">all</option>
            {values.map((value) => (
              <option key={value} value={value}>
                {value}
              </option>
            ))}
          </select>
        </label>
      ))}
      {groups.length > 0 && (
        <label>
          <span>Group by</span>
          <select value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
            <option value="">nothing</option>
            {groups.map(({ id, title }) => (
              <option key={id} value={id}>
                {title.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
      )}
      {isFiltered && (
        <button type="button" class="plain" onClick={clear}>
          Clear
        </button>
      )}
      <span class="count" role="status">
        {isFiltered ? `${shown.length} of ${table.rows.length} rows` : `${table.rows.length} rows`}
      </span>
      <ExportMenu table={() => ({ ...table, rows: shown })} release={release} />
    </div>
  );
}

const mostChoices = 60;
const mostFilters = 4;

function listChoices({ columns, rows }: ReportTable) {
  return columns
    .filter(({ groups }) => groups === true)
    .map(({ id, title }) => ({
      id,
      title,
      values: [...new Set(rows.map(({ values }) => formatKey(values[id] ?? null)))].toSorted(),
    }))
    .filter(({ values }) => values.length > 1 && values.length <= mostChoices)
    .slice(0, mostFilters);
}
