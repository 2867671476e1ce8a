import type { GateDetails } from "../../src/evidence/details-schemas.ts";
import { usePart } from "../state/use-part.ts";
import { DependencyPaths } from "./dependency-paths.tsx";
import { Dialog } from "./dialog.tsx";
import { Digest, Facts, Missing } from "./facts.tsx";

type LicensedPackage = NonNullable<GateDetails["licences"]>["packages"][number];

/** A package's licence: where it is known from, the way to it, and the texts. */
export function LicenceDialog({ entry, onClose }: { entry: LicensedPackage; onClose: () => void }) {
  const { exception } = entry;
  return (
    <Dialog title={entry.id} onClose={onClose}>
      <Facts
        entries={[
          ["Licence", entry.licence ?? "unknown"],
          ["Known from", entry.source],
          ["Policy", entry.allowed === undefined ? "unknown" : entry.allowed ? "allowed" : "refused"],
          ["Problem", entry.problem],
          ["Exception", exception && `${exception.owner} until ${exception.expires}: ${exception.reason}`],
        ]}
      />
      <DependencyPaths paths={entry.paths} />
      <h3>Texts</h3>
      {entry.texts.length === 0 && <p>The package carries no licence text.</p>}
      {entry.texts.length > 0 && <LicenceTexts texts={entry.texts} />}
    </Dialog>
  );
}

function LicenceTexts({ texts }: { texts: LicensedPackage["texts"] }) {
  const part = usePart<Record<string, string>>("licence-texts");
  if (part.state === "loading") return <p>Loading.</p>;
  if (part.state === "missing") return <Missing>{part.problem}</Missing>;
  return (
    <>
      {texts.map(({ file, digest }) => {
        const text = part.value[digest.replace(/^sha256:/, "")];
        return (
          <section key={`${file} ${digest}`}>
            <h4>
              {file} <Digest value={digest} />
            </h4>
            {text === undefined ? <Missing>The text is not in the evidence.</Missing> : <pre tabIndex={0}>{text}</pre>}
          </section>
        );
      })}
    </>
  );
}
