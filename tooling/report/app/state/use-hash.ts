import { useEffect, useState } from "preact/hooks";

/** What stands behind `#` in the address, and follows it. */
export function useHash(): string {
  const [hash, setHash] = useState(readHash);
  useEffect(() => {
    const update = (): void => setHash(readHash());
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return hash;
}

function readHash(): string {
  return location.hash.slice(1);
}
