import type { RefObject, TargetedFocusEvent, TargetedKeyboardEvent } from "preact";
import { useState } from "preact/hooks";

/** The one cell of a grid that Tab leads to, and how keys move it; -1 is the row of titles. */
export interface GridNavigation {
  row: number;
  column: number;
  onKeyDown: (event: TargetedKeyboardEvent<HTMLElement>) => void;
  onFocus: (event: TargetedFocusEvent<HTMLElement>) => void;
}

interface GridSize {
  rows: number;
  columns: number;
  scrollTo: (index: number) => void;
}

const pageOfRows = 12;

/** Walks a grid as the WAI-ARIA pattern has it: arrows, Home, End, Page Up and Down; Enter or Space opens. */
export function useGridNavigation(root: RefObject<HTMLElement>, size: GridSize): GridNavigation {
  const [place, setPlace] = useState({ row: -1, column: 0 });
  const row = Math.min(place.row, size.rows - 1);
  const column = Math.min(place.column, size.columns - 1);
  return {
    row,
    column,
    onFocus: ({ target }) => {
      const found = placeOf(target);
      if (found !== undefined && (found.row !== row || found.column !== column)) setPlace(found);
    },
    onKeyDown: (event) => {
      const current = placeOf(event.target) ?? { row, column };
      if ((event.key === "Enter" || event.key === " ") && open(event.target)) {
        event.preventDefault();
        return;
      }
      const next = move(current, { event, size });
      if (next === undefined) return;
      event.preventDefault();
      setPlace(next);
      if (next.row >= 0) size.scrollTo(next.row);
      focusWhenThere(root, next);
    },
  };
}

interface Place {
  row: number;
  column: number;
}

function move({ row, column }: Place, { event, size }: { event: KeyboardEvent; size: GridSize }): Place | undefined {
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const isWhole = event.ctrlKey || event.metaKey;
  const steps: Readonly<Record<string, Place>> = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    ArrowRight: { row, column: column + 1 },
    ArrowLeft: { row, column: column - 1 },
    PageDown: { row: row + pageOfRows, column },
    PageUp: { row: Math.max(0, row - pageOfRows), column },
    Home: { row: isWhole ? 0 : row, column: 0 },
    End: { row: isWhole ? last.row : row, column: last.column },
  };
  const next = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
  return (
    next && {
      row: Math.max(-1, Math.min(next.row, last.row)),
      column: Math.max(0, Math.min(next.column, last.column)),
    }
  );
}

function placeOf(target: EventTarget | null): Place | undefined {
  const cell = target instanceof HTMLElement ? target.closest<HTMLElement>("[data-row]") : null;
  return cell === null ? undefined : { row: Number(cell.dataset["row"]), column: Number(cell.dataset["column"]) };
}

function open(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.dataset["opens"] === undefined) return false;
  target.click();
  return true;
}

/** A row that was scrolled to is rendered some frames later. */
function focusWhenThere(root: RefObject<HTMLElement>, { row, column }: Place, tries = 20): void {
  const find = (place: number): HTMLElement | null | undefined =>
    root.current?.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${place}"]`);
  const cell = find(column) ?? find(0);
  if (cell !== null && cell !== undefined) cell.focus();
  else if (tries > 0) requestAnimationFrame(() => focusWhenThere(root, { row, column }, tries - 1));
}
