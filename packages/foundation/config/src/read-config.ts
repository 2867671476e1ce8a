import { HxpError } from "@hxp/errors";
import { checkSecrets } from "./check-secrets.ts";
import { toProblems } from "./excerpt.ts";
import { deepFreeze } from "./freeze.ts";
import { type Layer, mergeLayers } from "./layer/merge-layers.ts";
import { parseTree } from "./parse/parse-tree.ts";
import type { FoundSecret } from "./parse/to-written.ts";
import type { Finding, Problem } from "./problem.ts";
import { readArguments } from "./read/read-arguments.ts";
import { readDefaults } from "./read/read-defaults.ts";
import { hideSecrets } from "./read/hide-secrets.ts";
import type { ReadResult } from "./read/read-yaml.ts";
import { readFileText, type ReadFile } from "./read/read-file-text.ts";
import { type ConfigSources, readSources } from "./read/read-sources.ts";
import { readVariables } from "./read/read-variables.ts";
import { runRules } from "./rules.ts";
import type { ConfigOf, ConfigSchema } from "./schema/define-schema.ts";
import { renderProblems } from "./show/render-problems.ts";
import type { ConfigNode } from "./tree.ts";

/** What {@link readConfig} takes. */
export interface ReadConfigOptions extends Omit<ConfigSources, "files"> {
  /** Path of the configuration file, such as `hxp.yaml`; it must exist. Default none: variables and arguments only. */
  file?: string;
  /** Whether what secrets refer to must be there. Default true; false checks a config on another machine. */
  checkSecrets?: boolean;
  signal?: AbortSignal;
}

/** How a config came about, for {@link explain}. Behind a function, so that printing a result prints no layer. */
export interface Trace {
  schema: ConfigSchema;
  /** Lowest first. */
  layers: readonly Layer[];
  /** The layers laid over each other. */
  tree: ConfigNode | undefined;
}

/** A config, or all that is wrong with it. */
export type ConfigResult<Config> = {
  readonly warnings: readonly Problem[];
  readonly trace: () => Trace;
} & (
  | { readonly config: Config; readonly errors: readonly [] }
  | { readonly config: undefined; readonly errors: readonly Problem[] }
);

/**
 * Reads a config: files, variables and arguments are read, layered, parsed, normalised and checked by rules. Content never makes
 * it throw: all problems are in the result at once. `variables` is `process.env` by default. Throws only when aborted.
 */
export async function readConfig<Schema extends ConfigSchema>(
  schema: Schema,
  options: ReadConfigOptions = {},
): Promise<ConfigResult<ConfigOf<Schema>>> {
  const { file, environment, signal, variables = process.env } = options;
  const found = await readSources({ file, environment, signal });
  const draft = draftConfig(schema, { ...options, variables, files: found.files });
  const missing = options.checkSecrets === false ? [] : await checkSecrets(draft.secrets, variables);
  const isLost = found.findings.length > 0;
  return finish(schema, { ...draft, findings: [...found.findings, ...(isLost ? [] : draft.findings), ...missing] });
}

/** Makes a config from texts already read: {@link readConfig} without its effects. Secrets are not looked up. */
export function parseConfig<Schema extends ConfigSchema>(
  schema: Schema,
  sources: ConfigSources = {},
): ConfigResult<ConfigOf<Schema>> {
  return finish(schema, draftConfig(schema, sources));
}

/** The config of a result. Throws CONFIG_INVALID, with all problems as text, when there is none. */
export function requireConfig<Config>(result: ConfigResult<Config>): Config {
  if (result.config !== undefined) return result.config;
  const { errors } = result;
  const title =
    errors.length === 1 ? "The configuration has an error" : `The configuration has ${errors.length} errors`;
  throw new HxpError("CONFIG_INVALID", `${title}:\n\n${renderProblems(errors)}`, { details: { problems: errors } });
}

interface Draft {
  sections: Readonly<Record<string, unknown>>;
  findings: readonly Finding[];
  secrets: readonly FoundSecret[];
  files: readonly ReadFile[];
  layers: readonly Layer[];
  tree: ConfigNode | undefined;
}

function draftConfig(schema: ConfigSchema, sources: ConfigSources): Draft {
  const root = schema.field;

  // read
  const hide = <Result extends ReadResult>(result: Result): Result =>
    result.tree === undefined ? result : { ...result, tree: hideSecrets(result.tree, root) };
  const files = (sources.files ?? []).map(readFileText).map(refuseRoot).map(hide);
  const variables = hide(readVariables(root, sources.variables ?? {}, sources.prefix));
  const set = hide(readArguments(root, sources.arguments ?? []));
  const read = [...files, variables, set];
  const readFindings = read.flatMap((each) => each.findings);

  // layer
  const layers: Layer[] = [
    { name: "defaults", tree: readDefaults(root) },
    ...files.map(({ layer, tree }) => ({ name: layer, tree })),
    { name: "variables", tree: variables.tree },
    { name: "arguments", tree: set.tree },
  ];
  const tree = mergeLayers(layers);

  // A text that lost parts would make keys seem to be missing, so the schema is not asked.
  if (read.some((each) => each.broken)) {
    return { sections: {}, findings: readFindings, secrets: [], files, layers, tree };
  }

  // parse and normalise
  const { sections, secrets, findings } = parseTree(schema, tree);

  // rules
  const faulty = faultyKeys([...readFindings, ...findings]);
  const context = { environment: sources.environment };
  const broken = runRules(schema.rules, { sections, faulty, tree, context });
  return { sections, secrets, findings: [...readFindings, ...findings, ...broken], files, layers, tree };
}

function refuseRoot(file: ReadFile): ReadFile {
  const { tree } = file;
  if (tree === undefined || tree.kind === "map") return file;
  if (tree.kind === "scalar" && tree.value === null) return file;
  const found = tree.kind === "list" ? "a list" : "a single value";
  const message = `The file ${file.file} holds ${found}, expected a map of keys.`;
  const finding: Finding = {
    code: "CONFIG_VALUE_INVALID",
    severity: "error",
    path: [],
    origin: tree.origin,
    message,
    found,
    expected: "a map of keys",
  };
  return {
    ...file,
    tree: undefined,
    broken: true,
    findings: file.broken ? file.findings : [...file.findings, finding],
  };
}

function faultyKeys(findings: readonly Finding[]): ReadonlySet<string> {
  const errors = findings.filter(({ severity }) => severity === "error");
  return new Set(errors.flatMap(({ path }) => (path[0] === undefined ? [] : [String(path[0])])));
}

function finish<Schema extends ConfigSchema>(schema: Schema, draft: Draft): ConfigResult<ConfigOf<Schema>> {
  const { sections, findings, files, layers, tree } = draft;
  const problems = toProblems(findings, files, schema.field);
  const warnings = problems.filter(({ severity }) => severity === "warning");
  const errors = problems.filter(({ severity }) => severity === "error");
  const trace = (): Trace => ({ schema, layers, tree });
  if (errors.length > 0) return { config: undefined, warnings, errors, trace };
  return { config: deepFreeze(sections) as ConfigOf<Schema>, warnings, errors: [], trace };
}
