import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

/** Which rows are to be rendered, and how much room the others take. */
export interface VirtualRows {
  first: number;
  last: number;
  before: number;
  after: number;
  scrollTo: (index: number) => void;
}

/** Renders only the rows that can be seen, and some beside. All rows have one height. */
export function useVirtualRows(
  scroller: RefObject<HTMLElement>,
  { count, height, enabled }: { count: number; height: number; enabled: boolean },
): VirtualRows {
  const [, render] = useReducer((turn: number) => turn + 1, 0);
  const options: VirtualizerOptions<HTMLElement, HTMLElement> = {
    count,
    enabled,
    overscan: 10,
    estimateSize: () => height,
    getScrollElement: () => scroller.current,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => render(0),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer["_didMount"](), []);
  useLayoutEffect(() => virtualizer["_willUpdate"]());
  if (!enabled) return { first: 0, last: count - 1, before: 0, after: 0, scrollTo: () => undefined };
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? Math.min(count, 40) - 1];
  return {
    first,
    last,
    before: first * height,
    after: Math.max(0, (count - 1 - last) * height),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: "auto" }),
  };
}
