import type { BundleVerification } from "../../src/verify/verify-bundle.ts";
import { Dialog } from "./dialog.tsx";
import { Missing } from "./facts.tsx";
import { Verdict } from "./verdict.tsx";

interface StatementDialogProps {
  file: string;
  result: BundleVerification | undefined;
  onClose: () => void;
}

const words = { passed: "Passed", failed: "Failed", "not-run": "Not run" } as const;
const mostSubjects = 200;

/** Each step of a bundle's verification, and the statement as it was signed. */
export function StatementDialog({ file, result, onClose }: StatementDialogProps) {
  const subjects = result?.statement?.subject ?? [];
  return (
    <Dialog title={file} onClose={onClose}>
      {result === undefined && <Missing>It was not verified here.</Missing>}
      {result && (
        <table class="small">
          <tbody>
            {result.steps.map(({ check, verdict, says }) => (
              <tr key={check}>
                <th scope="row">{check}</th>
                <td>
                  <Verdict word={words[verdict]} />
                </td>
                <td>{says}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {subjects.length > 0 && <h3>Subjects</h3>}
      <ul class="paths">
        {subjects.slice(0, mostSubjects).map(({ name, digest }, index) => (
          <li key={index}>
            <strong>{name ?? "unnamed"}</strong>{" "}
            {Object.entries(digest).map(([algorithm, value]) => (
              <code class="wrap" key={algorithm}>
                {algorithm}:{value}{" "}
              </code>
            ))}
          </li>
        ))}
      </ul>
      {subjects.length > mostSubjects && <p>{subjects.length - mostSubjects} more are in the file.</p>}
      {result?.statement && (
        <>
          <h3>Statement</h3>
          <p>
            <code class="wrap">{result.statement.predicateType}</code>
          </p>
          <pre tabIndex={0}>{preview(result.statement.predicate)}</pre>
        </>
      )}
    </Dialog>
  );
}

const mostCharacters = 20_000;

function preview(predicate: unknown): string {
  const text = JSON.stringify(predicate, null, 2);
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}\n… cut here; the file has all of it`;
}
