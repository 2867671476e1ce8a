import { Digest } from "./facts.tsx";

/** What was looked at, by digest. */
export function InputList({ inputs }: { inputs: readonly { name: string; digest: string }[] }) {
  return (
    <>
      <h3>Inputs</h3>
      {inputs.length === 0 ? (
        <p>No input is named.</p>
      ) : (
        <table class="small">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {inputs.map(({ name, digest }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>
                  <Digest value={digest} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
