import { useMemo, useRef, useState } from "preact/hooks";
import type { PackageSbom, SbomEntry } from "../../src/report-data.ts";

interface SbomTreeProps {
  sbom: PackageSbom;
  chosen: string;
  onChoose: (ref: string) => void;
}

/** One line of the tree: a component at the end of a way from the root. */
interface TreeLine {
  /** References from the root to here. */
  path: readonly string[];
  entry: SbomEntry;
  isOpen: boolean;
  /** Whether it stands above itself: a cycle ends there. */
  isCycle: boolean;
}

/** What depends on what, as a tree that is opened step by step; walked by arrows as the WAI-ARIA pattern has it. */
export function SbomTree({ sbom, chosen, onChoose }: SbomTreeProps) {
  const entries = useMemo(() => new Map(sbom.components.map((entry) => [entry.ref, entry])), [sbom]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set([sbom.root]));
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const lines = useMemo(() => listLines(sbom.root, entries, open), [sbom, entries, open]);
  const current = Math.min(active, lines.length - 1);
  const toggle = (line: TreeLine): void => {
    const next = new Set(open);
    if (!next.delete(keyOf(line.path))) next.add(keyOf(line.path));
    setOpen(next);
  };
  const focus = (index: number): void => {
    setActive(index);
    list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const line = lines[current];
    if (line === undefined) return;
    const next = nextPlace(event.key, { lines, current, line, toggle });
    if (event.key === "Enter" || event.key === " ") onChoose(line.entry.ref);
    else if (next === undefined) return;
    event.preventDefault();
    if (next !== undefined && next !== current) focus(next);
  };
  return (
    <ul class="tree" role="tree" aria-label={`Components of ${sbom.id}`} ref={list} onKeyDown={onKeyDown}>
      {lines.map((line, index) => {
        const isParent = line.entry.dependsOn.length > 0 && !line.isCycle;
        return (
          <li
            key={keyOf(line.path)}
            role="treeitem"
            aria-level={line.path.length}
            aria-expanded={isParent ? line.isOpen : undefined}
            aria-selected={line.entry.ref === chosen}
            data-index={index}
            tabIndex={index === current ? 0 : -1}
            style={{ paddingInlineStart: `${(line.path.length - 1) * 22 + 8}px` }}
            onClick={() => {
              setActive(index);
              onChoose(line.entry.ref);
              if (isParent) toggle(line);
            }}
          >
            <span class="twist" aria-hidden="true">
              {isParent ? (line.isOpen ? "▾" : "▸") : "·"}
            </span>
            <span class="tree-name">{line.entry.name}</span>
            <span class="tree-version">{line.entry.version}</span>
            <span class="tree-licence">{line.entry.licence}</span>
            {line.isCycle && <span class="tree-licence">(already above)</span>}
          </li>
        );
      })}
    </ul>
  );
}

function keyOf(path: readonly string[]): string {
  return path.join("\n");
}

function listLines(
  root: string,
  entries: ReadonlyMap<string, SbomEntry>,
  open: ReadonlySet<string>,
): readonly TreeLine[] {
  const visit = (path: readonly string[]): TreeLine[] => {
    const ref = path.at(-1) ?? "";
    const entry = entries.get(ref);
    if (entry === undefined) return [];
    const isCycle = path.slice(0, -1).includes(ref);
    const isOpen = open.has(keyOf(path)) && !isCycle;
    const children = isOpen ? entry.dependsOn.flatMap((child) => visit([...path, child])) : [];
    return [{ path, entry, isOpen, isCycle }, ...children];
  };
  return visit([root]);
}

interface Walk {
  lines: readonly TreeLine[];
  current: number;
  line: TreeLine;
  toggle: (line: TreeLine) => void;
}

function nextPlace(key: string, walk: Walk): number | undefined {
  const last = walk.lines.length - 1;
  const { current } = walk;
  const steps: Readonly<Record<string, () => number>> = {
    ArrowDown: () => Math.min(current + 1, last),
    ArrowUp: () => Math.max(current - 1, 0),
    Home: () => 0,
    End: () => last,
    ArrowRight: () => openOrEnter(walk),
    ArrowLeft: () => closeOrLeave(walk),
  };
  return Object.hasOwn(steps, key) ? steps[key]?.() : undefined;
}

function openOrEnter({ lines, current, line, toggle }: Walk): number {
  if (line.isOpen) return Math.min(current + 1, lines.length - 1);
  if (line.entry.dependsOn.length > 0 && !line.isCycle) toggle(line);
  return current;
}

function closeOrLeave({ lines, current, line, toggle }: Walk): number {
  if (!line.isOpen) return Math.max(0, findParent(lines, current));
  toggle(line);
  return current;
}

function findParent(lines: readonly TreeLine[], current: number): number {
  const level = lines[current]?.path.length ?? 1;
  return lines.findLastIndex(({ path }, index) => index < current && path.length === level - 1);
}
