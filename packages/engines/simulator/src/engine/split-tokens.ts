/**
 * Splits a text into the simulator's tokens: up to six letters or digits with the space before them, or one other
 * character. Joined, they are the text again. A token never holds half a character.
 */
export function splitTokens(text: string): readonly string[] {
  return text.match(/ ?[\p{L}\p{N}\p{M}]{1,6}|\P{C}|[\s\S]/gu) ?? [];
}
