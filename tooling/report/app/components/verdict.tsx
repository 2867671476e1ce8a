import { type Tone, toneOf } from "../state/format.ts";

const signs: Readonly<Record<Tone, string>> = { good: "✓", bad: "✕", warn: "!", info: "i", mute: "–" };

/** A verdict: its word, a sign, and a colour that says nothing more than they do. */
export function Verdict({ word, tone = toneOf(word) }: { word: string; tone?: Tone }) {
  return (
    <span class={`verdict ${tone}`}>
      <span class="sign" aria-hidden="true">
        {signs[tone]}
      </span>
      {word}
    </span>
  );
}
