import type { AddonModel } from "../addon/addon.ts";

const attribute = { hidden: 1 | 2 | 8, userDefined: 16, byte: 32 };
const bytePairs = 2;
const spaced = new Set([1, 3, 4]);
const utf8 = new TextEncoder();
const none = new Uint8Array();

/**
 * The bytes that a token stands for; half a character is half its bytes. Control, unknown and unused tokens stand for nothing.
 */
export function tokenBytes(
  model: Pick<AddonModel, "getTokenAttributes" | "getTokenString" | "detokenize">,
  { token, type }: { token: number; type: number },
): Uint8Array {
  const attributes = model.getTokenAttributes(token);
  if ((attributes & attribute.hidden) !== 0) return none;
  const text = model.getTokenString(token);
  if ((attributes & attribute.userDefined) !== 0) return utf8.encode(text);
  if (type === bytePairs) return decodePairs(text);
  if (!spaced.has(type)) return utf8.encode(model.detokenize(Uint32Array.of(token), false));
  if ((attributes & attribute.byte) !== 0) return Uint8Array.of(Number.parseInt(text.slice(3, 5), 16));
  return utf8.encode(text.replaceAll("▁", " "));
}

/** GPT-2 writes each byte as one printable character: those that print stand for themselves, the others follow from U+0100. */
const byteOfCharacter = new Map<string, number>();
let unprintable = 0x100;
for (let byte = 0; byte < 0x100; byte += 1) {
  const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  byteOfCharacter.set(String.fromCodePoint(prints ? byte : unprintable), byte);
  unprintable += prints ? 0 : 1;
}

function decodePairs(text: string): Uint8Array {
  return Uint8Array.from(
    Array.from(text).flatMap((character) => {
      const byte = byteOfCharacter.get(character);
      return byte === undefined ? [...utf8.encode(character)] : [byte];
    }),
  );
}
