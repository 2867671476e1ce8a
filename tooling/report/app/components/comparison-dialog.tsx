import type { CellValue } from "../../src/tables/report-table.ts";
import { Dialog } from "./dialog.tsx";

interface ComparisonDialogProps {
  title: string;
  reason: string;
  before: CellValue | undefined;
  after: CellValue | undefined;
  onClose: () => void;
}

/** Before and after, side by side, with the reason that a person can check. */
export function ComparisonDialog({ title, reason, before, after, onClose }: ComparisonDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{reason || "No reason is recorded."}</p>
      <div class="compare">
        <section>
          <h3>Before</h3>
          <pre tabIndex={0}>{before ?? "nothing"}</pre>
        </section>
        <section>
          <h3>After</h3>
          <pre tabIndex={0}>{after ?? "nothing"}</pre>
        </section>
      </div>
    </Dialog>
  );
}
