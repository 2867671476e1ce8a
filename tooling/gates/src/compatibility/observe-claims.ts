import type { Observation } from "../create-gate.ts";
import type { GateInput } from "../gate.ts";
import type { Subject } from "./plan-units.ts";

/** What a package promises and no cell can show, and promises of contract tests that are not there. */
export function observeClaims(subject: Subject, input: GateInput): Observation[] {
  return [...observeNodes(subject, input), ...observeFloors(subject, input), ...observeContract(subject, input)];
}

function observeNodes({ released, claims }: Subject, { tools }: GateInput): Observation[] {
  const { name, manifest } = released;
  const engines = manifest.engines?.["node"] ?? "*";
  const why = "Consumers on these versions were promised something that nobody tried.";
  const untested = claims.untested.map((major): Observation => ({
    rule: "node-untested",
    package: name,
    where: `engines.node ${engines}`,
    message: `${name} claims Node ${major}, and no Node ${major} is in the matrix (${tools.nodes.join(", ")}).`,
    why,
    fix: `Add a version ${major}.x to \`nodes\` in the release configuration, or narrow engines.node of ${name} so that it leaves out ${major}.`,
    severity: "error",
  }));
  if (claims.claimed.length > 0) return untested;
  return [
    ...untested,
    {
      rule: "node-untested",
      package: name,
      where: `engines.node ${engines}`,
      message: `${name} admits none of the Nodes in the matrix (${tools.nodes.join(", ")}), so none of its cells exist.`,
      why,
      fix: `Add a Node that engines.node ${engines} admits to \`nodes\` in the release configuration.`,
      severity: "error",
    },
  ];
}

function observeFloors({ released, unknownFloors }: Subject, { policy }: GateInput): Observation[] {
  const { minimumAgeMinutes: minutes } = policy.compatibility;
  const age = minutes === 0 ? "" : ` that is ${minutes} minutes old`;
  return released.dependencies
    .filter(({ name }) => unknownFloors.includes(name))
    .map(({ name, range }) => ({
      rule: "range-untested",
      package: released.name,
      where: name,
      message: `${released.name} claims ${name} ${range}, and no version of it${age} can be found there.`,
      why: "The lowest version that a range promises is the one that nobody happens to install.",
      fix: `Write a range that published versions of ${name} are in, or see why the registry does not serve it: \`npm view ${name} time\`.`,
      severity: "error" as const,
    }));
}

function observeContract({ released, contract }: Subject, { policy }: GateInput): Observation[] {
  const { name } = released;
  const missing = contract.missing.map((pattern): Observation => ({
    rule: "contract-not-found",
    package: name,
    where: pattern,
    message: `The policy names ${pattern} as a contract test of ${name}, and the workspace has no such file.`,
    why: "A test that is not there passes for nobody.",
    fix: `Mend compatibility.contracts[${JSON.stringify(name)}].files, or write the file.`,
    severity: "error",
  }));
  if (contract.files.some(({ isTest }) => isTest) || missing.length > 0) return missing;
  return [
    {
      rule: "contract-missing",
      package: name,
      where: "contract tests",
      message: `${name} has no contract test: its cells show that it installs and can be imported, not that it works.`,
      why: "A dependency that changed what it does is imported as well as before.",
      fix: `Write contract/<what it promises>.ts in its folder, or name files in compatibility.contracts[${JSON.stringify(name)}].`,
      severity: policy.compatibility.requireContract ? "error" : "warning",
    },
  ];
}
