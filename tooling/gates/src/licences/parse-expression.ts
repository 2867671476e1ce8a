import parse from "spdx-expression-parse";

/** One licence of an expression, with what modifies it. */
export interface LicenceTerm {
  license: string;
  plus?: true;
  exception?: string;
}

/** An SPDX expression as a tree. */
export type LicenceTree = LicenceTerm | { conjunction: "and" | "or"; left: LicenceTree; right: LicenceTree };

/** No licence needs more characters; parsing is recursive, so the length bounds its depth. */
const maximumLength = 2000;

/** Parses an SPDX expression, strictly; undefined when it is none. */
export function parseExpression(text: string): LicenceTree | undefined {
  if (text.length > maximumLength) return undefined;
  try {
    return parse(text) as LicenceTree;
  } catch {
    return undefined;
  }
}

/** Every term of an expression, whatever joins them. */
export function termsOf(tree: LicenceTree): LicenceTerm[] {
  return "conjunction" in tree ? [...termsOf(tree.left), ...termsOf(tree.right)] : [tree];
}

/** Prints one term of an expression. */
export function printTerm({ license, plus, exception }: LicenceTerm): string {
  return `${license}${plus === true ? "+" : ""}${exception === undefined ? "" : ` WITH ${exception}`}`;
}
