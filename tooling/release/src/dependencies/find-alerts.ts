import { findAnswer, type JsonObject, type Match, type Statement } from "@hxp/release-gates";
import { maxSatisfying } from "semver";
import { asObject } from "./as-object.ts";
import type { ReleasedComponent } from "./read-released.ts";

/** Something that became known of a dependency after it was released. */
export interface DependencyAlert {
  kind: "advisory" | "deprecated" | "licence-changed" | "gone" | "unknown";
  severity: "critical" | "warning";
  /** `name@version`; words where it is about all of them. */
  dependency: string;
  /** Released packages that have it, as `name@version`. */
  usedBy: string[];
  /** An advisory's id; the name of the difference stays the same from look to look. */
  subject: string;
  message: string;
  fix: string;
}

/** What {@link findAlerts} looks into. */
export interface AlertSources {
  /** Vulnerabilities that released packages have. */
  matches: readonly Match[];
  /** What VEX documents of the workspace say of them. */
  statements: readonly Statement[];
  /** By name; undefined where the registry has none, an error where it did not answer; what is missing was not asked for. */
  packuments: ReadonlyMap<string, JsonObject | Error | undefined>;
  now: Date;
}

/** Compares what was released with what is known now: vulnerabilities, deprecations, versions that went, licences of newer versions. */
export function findAlerts(components: readonly ReleasedComponent[], sources: AlertSources): DependencyAlert[] {
  const silence = findSilence(components, sources.packuments);
  const alerts = components.flatMap((component) => [
    ...findAdvisories(component, sources),
    ...(silence === undefined ? findRegistryChanges(component, sources.packuments) : []),
  ]);
  return silence === undefined ? alerts : [silence, ...alerts];
}

/** A registry that answers for nothing is one fact, and not one for each dependency. */
function findSilence(
  components: readonly ReleasedComponent[],
  packuments: AlertSources["packuments"],
): DependencyAlert | undefined {
  const failures = [...packuments.values()].filter((answer) => answer instanceof Error);
  if (failures.length < 2 || failures.length < packuments.size) return undefined;
  const concerned = components.filter(({ name }) => packuments.has(name));
  return {
    kind: "unknown",
    severity: "warning",
    subject: "unknown",
    dependency: "every dependency",
    usedBy: [...new Set(concerned.flatMap(({ usedBy }) => usedBy))].toSorted(),
    message: `The registry answered for none of ${failures.length} names, so what it says of them now is unknown: ${failures[0]?.message}`,
    fix: askAgain,
  };
}

const askAgain = "See whether the registry answers, and look again.";

/** A statement answers for the packages whose ways to the dependency it names; an alert names the others. */
function findAdvisories(component: ReleasedComponent, sources: AlertSources): DependencyAlert[] {
  const { name, version, isOwn } = component;
  const mend = isOwn ? `Mend ${name}` : `\`pnpm deps update ${name}\``;
  const matches = sources.matches.filter((match) => match.component.id === `${name}@${version}`);
  return matches.flatMap((match): DependencyAlert[] => {
    const answers = match.closures.map((closure) => ({
      root: closure.root.id,
      answer: findAnswer(sources.statements, { match, closure, now: sources.now }),
    }));
    const open = answers.filter(({ answer }) => !answer.isAnswered);
    if (open.length === 0) return [];
    const faults = open.flatMap(({ answer: { statement, fault } }) =>
      fault === undefined ? [] : [` The statement at ${statement?.where ?? ""} does not count: ${fault.message}.`],
    );
    return [
      {
        kind: "advisory",
        severity: match.severity === "low" || match.severity === "moderate" ? "warning" : "critical",
        dependency: `${name}@${version}`,
        usedBy: open.map(({ root }) => root).toSorted(),
        subject: match.advisory,
        message: `${match.advisory} (${match.severity}): ${match.summary}${[...new Set(faults)].join("")}`,
        fix: `${mend}, then release; or state in a VEX document why it does not concern you, for the path ${[...new Set(open.map(({ answer }) => answer.path))].join(" or ")}.`,
      },
    ];
  });
}

function findRegistryChanges(component: ReleasedComponent, packuments: AlertSources["packuments"]): DependencyAlert[] {
  const { name, version } = component;
  if (!packuments.has(name)) return [];
  const packument = packuments.get(name);
  if (packument instanceof Error) {
    const message = `What the registry says of it now is unknown: ${packument.message}`;
    return [{ kind: "unknown", severity: "warning", subject: "unknown", message, fix: askAgain, ...about(component) }];
  }
  const versions = asObject(packument?.["versions"]) ?? {};
  const present = Object.hasOwn(versions, version) ? asObject(versions[version]) : undefined;
  if (present === undefined) {
    const message = "The registry does not have this version any more: consumers can no longer install it.";
    const fix = `Find out why it was taken off; \`pnpm deps update ${name}\`, then release.`;
    return [{ kind: "gone", severity: "critical", subject: "gone", message, fix, ...about(component) }];
  }
  return [...findDeprecation(component, present), ...findLicenceChange(component, versions)];
}

function findDeprecation(component: ReleasedComponent, { deprecated }: JsonObject): DependencyAlert[] {
  if (typeof deprecated !== "string" || deprecated === "") return [];
  const message = `It was deprecated: ${deprecated}`;
  const fix = `\`pnpm deps update ${component.name}\`, or replace it.`;
  return [{ kind: "deprecated", severity: "warning", subject: "deprecated", message, fix, ...about(component) }];
}

/** Consumers get the newest version of a range, whatever was released with. */
function findLicenceChange(component: ReleasedComponent, versions: JsonObject): DependencyAlert[] {
  const { name, version, licence } = component;
  const next = maxSatisfying(Object.keys(versions), `^${version}`);
  if (next === null || next === version || licence === undefined) return [];
  const nextLicence = asObject(versions[next])?.["license"];
  if (typeof nextLicence !== "string" || isSame(licence, nextLicence)) return [];
  const message = `${name}@${next}, which consumers get by a caret range, is under ${nextLicence}; released was ${licence}.`;
  const fix = "Have the licence reviewed, and pin the dependency below that version where it is not allowed.";
  const subject = `to ${nextLicence}`;
  return [{ kind: "licence-changed", severity: "warning", subject, message, fix, ...about(component) }];
}

function about({ name, version, usedBy }: ReleasedComponent): Pick<DependencyAlert, "dependency" | "usedBy"> {
  return { dependency: `${name}@${version}`, usedBy };
}

/** Outer parentheses make no difference. */
function isSame(left: string, right: string): boolean {
  return withoutParentheses(left) === withoutParentheses(right);
}

function withoutParentheses(text: string): string {
  return text.trim().replace(/^\((.*)\)$/, "$1");
}
