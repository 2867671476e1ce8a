import { useMemo, useState } from "preact/hooks";
import type { ReportData } from "../../src/report-data.ts";
import type { ReportTable } from "../../src/tables/report-table.ts";
import type { FileBytes, FileVerification } from "../../src/verify/verify-files.ts";
import { readChosenFiles, readDroppedFiles } from "../state/read-files.ts";
import type { VerificationState } from "../state/use-verification.ts";
import { DataTable } from "./data-table.tsx";

interface FilesSectionProps {
  data: ReportData;
  verification: VerificationState;
  verifyFolder: (files: readonly FileBytes[]) => void;
}

/** The evidence folder itself, given by choice or drop: every file is hashed and compared. */
export function FilesSection({ data, verification, verifyFolder }: FilesSectionProps) {
  const [isOver, setOver] = useState(false);
  const files = verification.state === "done" ? verification.result.files : [];
  const table = useMemo(() => toTable(files), [files]);
  const isFolder = verification.state === "done" && verification.source === "folder";
  return (
    <section aria-label="Files">
      <h2>Files</h2>
      <div
        class={isOver ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          if (event.dataTransfer !== null) void readDroppedFiles(event.dataTransfer).then(verifyFolder);
        }}
      >
        <label>
          <span>
            Choose the evidence folder, or drop it here, to verify its own bytes, tarballs included. Nothing leaves this
            browser.
          </span>
          <input
            type="file"
            multiple
            {...{ webkitdirectory: true }}
            onChange={(event) => verifyFolder(readChosenFiles(event.currentTarget.files))}
          />
        </label>
      </div>
      {table.rows.length > 0 && (
        <>
          <p>
            {isFolder
              ? "Compared: the files of the folder that you chose."
              : "Compared: the copies that this report carries. Tarballs, and files over 4 MiB, are not among them."}
          </p>
          <DataTable table={table} release={data.id} />
        </>
      )}
    </section>
  );
}

const words: Readonly<Record<FileVerification["state"], string>> = {
  same: "Same",
  changed: "Changed",
  absent: "Absent",
  unnamed: "Not named",
  later: "Signed itself",
};

function toTable(files: readonly FileVerification[]): ReportTable {
  return {
    id: "verified-files",
    title: "Verified files",
    columns: [
      { id: "file", title: "File", type: "text", width: 420 },
      { id: "state", title: "Bytes", type: "verdict", width: 120, groups: true },
      { id: "says", title: "What is known", type: "text", width: 460 },
    ],
    rows: files.map(({ file, state, says }) => ({ key: file, values: { file, state: words[state], says } })),
  };
}
