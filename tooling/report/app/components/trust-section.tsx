import { useState } from "preact/hooks";
import type { ReportData } from "../../src/report-data.ts";
import { formatTime } from "../state/format.ts";
import { Missing } from "./facts.tsx";
import { Verdict } from "./verdict.tsx";

/** Keys and logs that are believed here. */
export function TrustSection({ data }: { data: ReportData }) {
  return (
    <section aria-label="Keys and logs">
      <h2>Keys and logs</h2>
      <p class="prose">
        These keys lie beside the evidence, and whoever could forge one could forge both. Compare the fingerprint with
        the one that the maintainers gave you by another way.
      </p>
      {data.keys.length === 0 && <Missing>The evidence names no key.</Missing>}
      <table class="small">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Name</th>
            <th scope="col">SHA-256 of the public key</th>
            <th scope="col">Counts from</th>
            <th scope="col">Until</th>
          </tr>
        </thead>
        <tbody>
          {data.keys.map(({ hint, name, purposes, validFor }) => (
            <tr key={hint}>
              <td>Key for {purposes.join(", ")}</td>
              <td>{name}</td>
              <td>
                <code>{hint}</code>
              </td>
              <td>{validFor.start ? formatTime(validFor.start) : "always"}</td>
              <td>{validFor.end ? formatTime(validFor.end) : "in use"}</td>
            </tr>
          ))}
          {data.logs.map(({ baseUrl, logId, publicKey }) => (
            <tr key={logId.keyId}>
              <td>Transparency log</td>
              <td>{baseUrl.replace(/^https:\/\//, "")}</td>
              <td>
                <code>{logId.keyId}</code>
              </td>
              <td>{publicKey.validFor?.start ? formatTime(publicKey.validFor.start) : "always"}</td>
              <td>{publicKey.validFor?.end ? formatTime(publicKey.validFor.end) : "in use"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <FingerprintField data={data} />
    </section>
  );
}

/** Whether a fingerprint from elsewhere is that of a key here. */
function FingerprintField({ data }: { data: ReportData }) {
  const [given, setGiven] = useState("");
  const wanted = given.trim().replace(/^SHA-?256:?\s*/i, "");
  const match = data.keys.find(({ hint }) => hint === wanted);
  return (
    <div class="toolbar below">
      <label class="fingerprint">
        <span>Fingerprint that you were given</span>
        <input type="text" spellcheck={false} value={given} onInput={(event) => setGiven(event.currentTarget.value)} />
      </label>
      <span role="status">
        {wanted !== "" && (
          <Verdict word={match ? `Is ${match.name}` : "Is none of these"} tone={match ? "good" : "bad"} />
        )}
      </span>
    </div>
  );
}
