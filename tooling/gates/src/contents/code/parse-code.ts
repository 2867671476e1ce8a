import { type AnyNode, type Identifier, type Options, parse, type Program } from "acorn";
import { analyze, type Scope, type Variable } from "eslint-scope";

/** JavaScript that was parsed, with what its names mean. */
export interface ParsedCode {
  /** Every node, parents before their children. */
  nodes: readonly AnyNode[];
  parentOf(node: AnyNode): AnyNode | undefined;
  /** Uses of names that nothing in the file declares, by name. */
  globals: ReadonlyMap<string, readonly Identifier[]>;
  /** Where the variable that an identifier declares or assigns is read. */
  readsOf(declaring: AnyNode): readonly Identifier[];
  /** The one value that a name can have in this file; undefined if it can have several, or any. */
  valueOf(identifier: Identifier): AnyNode | undefined;
}

/** Parses a script or module, hashbang and all. A text says why it is none: the first error and its line. */
export function parseCode(text: string, isModule: boolean): ParsedCode | string {
  const attempts = isModule ? (["module", "commonjs"] as const) : (["commonjs", "module"] as const);
  const errors: string[] = [];
  for (const sourceType of attempts) {
    try {
      return describe(parse(text, optionsFor(sourceType)), sourceType);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      errors.push(error.message);
    }
  }
  return errors[0] ?? "";
}

function optionsFor(sourceType: "module" | "commonjs"): Options {
  return { ecmaVersion: "latest", sourceType, allowHashBang: true, locations: true, ranges: true };
}

function describe(program: Program, sourceType: "module" | "commonjs"): ParsedCode {
  const parents = new Map<AnyNode, AnyNode>();
  const nodes: AnyNode[] = [program];
  // The loop visits what it adds.
  for (const node of nodes) {
    for (const child of childrenOf(node)) {
      parents.set(child, node);
      nodes.push(child);
    }
  }
  const names = readNames(program, sourceType);
  return { nodes, parentOf: (node) => parents.get(node), ...names };
}

/** Written for speed: it runs for each of some hundred thousand nodes. */
function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) children.push(...value.filter(isNode));
    else if (isNode(value)) children.push(value);
  }
  return children;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** eslint-scope and acorn describe the same nodes by types of their own. */
function toIdentifier(identifier: object): Identifier {
  return identifier as Identifier;
}

function readNames(
  program: Program,
  sourceType: "module" | "commonjs",
): Pick<ParsedCode, "globals" | "readsOf" | "valueOf"> {
  const manager = analyze(program as Parameters<typeof analyze>[0], {
    ecmaVersion: 2026,
    sourceType,
    ignoreEval: true,
  });
  const globals = new Map<string, Identifier[]>();
  for (const { identifier } of manager.globalScope?.through ?? []) {
    const found = toIdentifier(identifier);
    const known = globals.get(found.name);
    if (known === undefined) globals.set(found.name, [found]);
    else known.push(found);
  }
  const variables = new Map<AnyNode, Variable>();
  for (const variable of manager.scopes.flatMap((scope: Scope) => scope.variables)) {
    for (const identifier of variable.identifiers) variables.set(toIdentifier(identifier), variable);
    for (const { identifier } of variable.references) variables.set(toIdentifier(identifier), variable);
  }
  return {
    globals,
    readsOf: (declaring) =>
      (variables.get(declaring)?.references ?? [])
        .filter((reference) => reference.isRead())
        .map(({ identifier }) => toIdentifier(identifier)),
    valueOf: (identifier) => onlyValueOf(variables.get(identifier)),
  };
}

function onlyValueOf(variable: Variable | undefined): AnyNode | undefined {
  const writes = (variable?.references ?? []).filter((reference) => reference.isWrite());
  const [write, ...others] = writes;
  if (write === undefined || others.length > 0 || write.partial) return undefined;
  return (write.writeExpr ?? undefined) as AnyNode | undefined;
}
