import { useEffect, useRef } from "preact/hooks";
import { toCsv } from "../../src/export/to-csv.ts";
import { toJson } from "../../src/export/to-json.ts";
import { toMarkdown } from "../../src/export/to-markdown.ts";
import type { ReportTable } from "../../src/tables/report-table.ts";

interface ExportMenuProps {
  /** The table as it is filtered and sorted now. */
  table: () => ReportTable;
  release: string;
}

/** Saves a table as CSV, JSON or Markdown. */
export function ExportMenu({ table, release }: ExportMenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) closeMenu();
    };
    addEventListener("pointerdown", close);
    return () => removeEventListener("pointerdown", close);
  }, []);
  const closeMenu = (): void => {
    if (menu.current !== null) menu.current.open = false;
  };
  const write = (kind: "csv" | "json" | "md"): void => {
    const shown = table();
    const text = kind === "csv" ? toCsv(shown) : kind === "json" ? toJson(shown, release) : toMarkdown(shown);
    saveFile(`${shown.id}.${kind}`, text);
    closeMenu();
  };
  return (
    <details
      class="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        closeMenu();
        menu.current?.querySelector("summary")?.focus();
      }}
    >
      <summary>Export</summary>
      <div class="menu-items">
        <button type="button" onClick={() => write("csv")}>
          CSV
        </button>
        <button type="button" onClick={() => write("json")}>
          JSON
        </button>
        <button type="button" onClick={() => write("md")}>
          Markdown
        </button>
      </div>
    </details>
  );
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
