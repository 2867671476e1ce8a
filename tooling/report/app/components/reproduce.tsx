import { Missing } from "./facts.tsx";

/** The command that does it again. */
export function Reproduce({ command }: { command: string | undefined }) {
  return (
    <>
      <h3>Reproduce</h3>
      {command === undefined ? <Missing>No command is recorded.</Missing> : <pre tabIndex={0}>{command}</pre>}
    </>
  );
}
