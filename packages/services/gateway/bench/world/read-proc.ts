import { readFileSync } from "node:fs";

/** Bytes of memory that a process and its children hold, as Linux counts them; 0 where it does not. */
export function readRss(pid: number | undefined): number {
  return sumUp(pid, (path) => Number(/^VmRSS:\s+(\d+)/m.exec(read(`${path}/status`))?.[1] ?? 0) * 1024);
}

/** Linux counts in hundredths of a second, whatever the kernel's own clock is. */
const microsecondsPerTick = 10_000;

/** Microseconds of processor time that a process and its children have taken so far; 0 where Linux does not count. */
export function readCpuTime(pid: number | undefined): number {
  return sumUp(pid, (path) => {
    // The name, in brackets, may hold spaces.
    const fields = read(`${path}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * microsecondsPerTick;
  });
}

function sumUp(pid: number | undefined, readOne: (path: string) => number): number {
  if (pid === undefined) return 0;
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").map(Number);
  return children
    .filter((child) => child > 0)
    .reduce((sum, child) => sum + sumUp(child, readOne), readOne(`/proc/${pid}`));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
