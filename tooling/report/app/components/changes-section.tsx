import { diffSections, type ReportDiff } from "../../src/diff/report-diff.ts";

/** What changed since the release before, where the report was written with one. */
export function ChangesSection({ changes }: { changes: ReportDiff | undefined }) {
  if (changes === undefined) return null;
  const sections = (Object.keys(diffSections) as (keyof typeof diffSections)[]).filter(
    (name) => changes[name].length > 0,
  );
  return (
    <section aria-label="Changes since the release before">
      <h2>Since release {changes.from.slice(0, 12) || "without a plan"}</h2>
      {sections.length === 0 && <p>Nothing changed.</p>}
      {sections.map((name) => (
        <details key={name} class="changes" open={changes[name].length <= 12}>
          <summary>
            {diffSections[name]} <span class="group-count">{changes[name].length}</span>
          </summary>
          <table class="small">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Change</th>
                <th scope="col">Before</th>
                <th scope="col">After</th>
              </tr>
            </thead>
            <tbody>
              {changes[name].map(({ what, change, before, after }) => (
                <tr key={what}>
                  <td>{what}</td>
                  <td>{change}</td>
                  <td>{before ?? "—"}</td>
                  <td>{after ?? "—"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
    </section>
  );
}
