const parts = globalThis as { hxpReport?: Record<string, unknown> };
const loading = new Map<string, Promise<unknown>>();

/** A part that has been loaded, such as `report`; undefined where it is not there. */
export function readPart(name: string): unknown {
  return parts.hxpReport?.[name];
}

/** Loads a part from `data/` by a script element: a page from disk may not fetch. Rejects where the file is missing. */
export function loadPart(name: string): Promise<unknown> {
  const known = loading.get(name) ?? fetchPart(name);
  loading.set(name, known);
  return known;
}

function fetchPart(name: string): Promise<unknown> {
  if (readPart(name) !== undefined) return Promise.resolve(readPart(name));
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `data/${name}.js`;
    script.addEventListener("load", () => resolve(readPart(name)));
    script.addEventListener("error", () => reject(new Error(`data/${name}.js is missing from this report`)));
    document.head.append(script);
  });
}
