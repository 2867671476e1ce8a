import { wordVerdict } from "../../src/tables/report-table.ts";
import { toneOf } from "../state/format.ts";
import { Verdict } from "./verdict.tsx";

interface TallyProps {
  title: string;
  /** A word for each thing that is counted. */
  words: readonly string[];
  extra?: readonly (readonly [string, string])[];
}

/** How many there are of each verdict. */
export function Tally({ title, words, extra = [] }: TallyProps) {
  const counts = [...Map.groupBy(words, (word) => wordVerdict(word))].toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
  return (
    <dl class="tally">
      <div>
        <dt>{title}</dt>
        <dd>{words.length.toLocaleString("en")}</dd>
      </div>
      {counts.map(([word, group]) => (
        <div key={word}>
          <dt>
            <Verdict word={word} tone={toneOf(word)} />
          </dt>
          <dd>{group.length.toLocaleString("en")}</dd>
        </div>
      ))}
      {extra
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name} class="aside">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
