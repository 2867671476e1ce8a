import { formatOrigin } from "../origin.ts";
import type { Problem } from "../problem.ts";

/** Renders problems for people: place, sentence and code, then the line with a caret under what is meant. Holds no secret. */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map(renderProblem).join("\n\n");
}

function renderProblem(problem: Problem): string {
  const { origin, message, code, severity, excerpt } = problem;
  const place = origin === undefined || origin.layer === "defaults" ? "" : `${formatOrigin(origin)}: `;
  const head = `${place}${severity}: ${message} [${code}]`;
  if (excerpt === undefined || origin === undefined || !("line" in origin)) return head;
  const gutter = String(origin.line);
  const caret = `${" ".repeat(excerpt.column - 1)}${"^".repeat(excerpt.length)}`;
  return [head, `  ${gutter} | ${excerpt.text}`, `  ${" ".repeat(gutter.length)} | ${caret}`].join("\n");
}
