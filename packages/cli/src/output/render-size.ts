const steps = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes for people, in decimal units: `3.9 MB`. */
export function renderSize(bytes: number): string {
  const index = bytes < 1 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** index;
  return `${index === 0 ? String(value) : value.toFixed(1)} ${steps[index] ?? "B"}`;
}

/** Milliseconds for people: `0.8 s`, `12.3 s`, `2 min 5 s`. */
export function renderDuration(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
