import { HxpError } from "@hxp/errors";
import satisfies from "spdx-satisfies";
import { type LicenceTerm, type LicenceTree, parseExpression, printTerm } from "./parse-expression.ts";

/**
 * Whether an SPDX expression can be satisfied with the allowed licences alone: each side of an AND, one side of an OR.
 * An expression that does not parse is not allowed. Throws LICENCE_POLICY_INVALID when an allowed licence is none.
 */
export function isAllowed(expression: string, allow: readonly string[]): boolean {
  const tree = parseExpression(expression);
  const allowed = allow.map(parseAllowed);
  return tree !== undefined && refusedTerms(tree, allowed).length === 0;
}

/** The terms of an expression that keep it from being allowed; empty when it is. Throws as {@link isAllowed}. */
export function findRefusedTerms(expression: string, allow: readonly string[]): string[] {
  const tree = parseExpression(expression);
  if (tree === undefined) return [expression];
  return [...new Set(refusedTerms(tree, allow.map(parseAllowed)).map(printTerm))];
}

/**
 * AND and OR are evaluated here and single terms by spdx-satisfies, which would first multiply an expression out:
 * thirty ORs in a hostile manifest would then take all memory.
 */
function refusedTerms(tree: LicenceTree, allowed: readonly LicenceTerm[]): LicenceTerm[] {
  if (!("conjunction" in tree)) return allowed.some((term) => termSatisfies(tree, term)) ? [] : [tree];
  const left = refusedTerms(tree.left, allowed);
  const right = refusedTerms(tree.right, allowed);
  const isChoice = tree.conjunction === "or" && (left.length === 0 || right.length === 0);
  return isChoice ? [] : [...left, ...right];
}

function termSatisfies(term: LicenceTerm, allowed: LicenceTerm): boolean {
  const [first, second] = [modernise(term), modernise(allowed)];
  if (isMisread(first) || isMisread(second)) return printTerm(first) === printTerm(second);
  return satisfies(printTerm(first), [printTerm(second)]);
}

/** Writes the deprecated GNU identifiers as what they stand for: `LGPL-2.1` is `LGPL-2.1-only`. */
function modernise({ license, plus, exception }: LicenceTerm): LicenceTerm {
  const isOld = /^[AL]?GPL-\d\.\d$|^GFDL-\d\.\d$/.test(license);
  const modern = isOld ? { license: `${license}${plus === true ? "-or-later" : "-only"}` } : { license };
  return {
    ...modern,
    ...(plus === true && !isOld ? { plus } : {}),
    ...(exception === undefined ? {} : { exception }),
  };
}

/** spdx-satisfies 6.0.0 takes every identifier of eight characters (`CDDL-1.0`) for one that ends in `-or-later`. */
function isMisread({ license }: LicenceTerm): boolean {
  return license.length === "-or-later".length - 1;
}

function parseAllowed(licence: string): LicenceTerm {
  const tree = parseExpression(licence);
  if (tree === undefined || "conjunction" in tree) {
    throw new HxpError(
      "LICENCE_POLICY_INVALID",
      `${JSON.stringify(licence)} in licences.allow is not one SPDX licence.`,
    );
  }
  return tree;
}
