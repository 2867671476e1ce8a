import { posix } from "node:path";
import type { Manager } from "./cell.ts";
import { renderProject } from "./consumer-project.ts";
import type { ContractFile } from "./contracts.ts";
import type { Consumer } from "./plan-consumer.ts";
import { quote } from "./quote.ts";

/** What {@link renderReproduction} is about. */
export interface ReproductionOptions {
  consumer: Consumer;
  node: string;
  managerVersion: string;
  contracts: readonly Pick<ContractFile, "path" | "source" | "isTest">[];
}

/**
 * A shell command that sets up the same consumer, installs and imports. It needs nothing but npm; `npm_config_registry`
 * says where the release is served, unless it is the registry that npm is set up with. Contract tests are run by
 * hand, from the workspace that `WORKSPACE` names.
 */
export function renderReproduction({ consumer, node, managerVersion, contracts }: ReproductionOptions): string {
  const { manager, subject } = consumer;
  const runtime = `node-${process.platform}-${process.arch}@${node}`;
  const files = Object.entries(renderProject(consumer)).map(
    ([name, text]) => `printf %s ${quote(text.trim())} > ${name}`,
  );
  const imports = subject.surface.imports.map(({ specifier }) =>
    specifier.endsWith(".json")
      ? `await import(${JSON.stringify(specifier)}, { with: { type: "json" } })`
      : `await import(${JSON.stringify(specifier)})`,
  );
  return [
    `cd "$(mktemp -d)"`,
    ...files,
    installCommand(manager, { runtime, managerVersion }),
    ...(imports.length === 0 ? [] : [`npx -y -p ${runtime} node --input-type=module -e ${quote(imports.join("; "))}`]),
    ...subject.surface.bins.map((bin) => `npx -y -p ${runtime} node_modules/.bin/${bin} --help`),
    ...contracts.map(
      ({ path, source }) => `mkdir -p ${quote(posix.dirname(path))} && cp "$WORKSPACE/"${quote(source)} ${quote(path)}`,
    ),
    ...contracts.filter(({ isTest }) => isTest).map(({ path }) => `npx -y -p ${runtime} node ${quote(path)}`),
  ].join(" && ");
}

/** pnpm does not read npm's variable. */
const registryOption = '${npm_config_registry:+"--registry=$npm_config_registry"}';

function installCommand(
  manager: Manager,
  { runtime, managerVersion }: { runtime: string; managerVersion: string },
): string {
  return manager === "npm"
    ? `npx -y -p ${runtime} -p npm@${managerVersion} npm install --ignore-scripts`
    : `npx -y pnpm@${managerVersion} install --ignore-scripts ${registryOption}`;
}
