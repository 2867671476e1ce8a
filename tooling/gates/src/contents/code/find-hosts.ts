import { isIP } from "node:net";
import type { AnyNode } from "acorn";
import type { ParsedCode } from "./parse-code.ts";
import { readText } from "./read-text.ts";

/** A host that stands in code as a text. */
export interface HostUse {
  /** Without port; lower case. */
  host: string;
  /** Whether it stands where something is asked of it, and not only as a name or in a message. */
  isRequested: boolean;
  /** Counted from 1. */
  line: number;
}

/** Calls whose argument is a URL that a request goes to. */
const requests = /^(?:fetch|request|get|post|put|patch|stream|open|URL|WebSocket|EventSource|sendBeacon)$/;

/** Calls whose argument is the name of a host. */
const connections = /^(?:connect|createConnection|lookup|resolve(?:4|6|Any|Txt|Mx|Ns|Srv|Cname)?)$/;

/** Properties whose value is a host, or a URL that a request goes to. */
const addresses = /^(?:host|hostname|origin|endpoint|baseURL|baseUrl)$/;

type Place = "text" | "url" | "host";

/** Finds hosts and addresses that are written into code; this machine and names reserved for examples do not count. */
export function findHosts(code: ParsedCode): HostUse[] {
  const hosts = new Map<string, HostUse>();
  const add = (node: AnyNode, place: Place): void => {
    const text = startOf(code, node);
    const host = text === undefined ? undefined : hostOf(text, place);
    if (host === undefined) return;
    const isRequested = place !== "text";
    const known = hosts.get(host);
    const line = Math.min(known?.line ?? Infinity, node.loc?.start.line ?? 1);
    hosts.set(host, { host, isRequested: isRequested || known?.isRequested === true, line });
  };
  for (const node of code.nodes) {
    if (node.type === "Literal" || node.type === "TemplateLiteral") add(node, "text");
    else if (node.type === "CallExpression" || node.type === "NewExpression") {
      const place = placeOf(calledName(node.callee));
      for (const argument of node.arguments) add(argument, place);
    } else if (node.type === "Property" && node.key.type === "Identifier" && addresses.test(node.key.name)) {
      add(node.value, "host");
    }
  }
  return [...hosts.values()];
}

function placeOf(called: string): Place {
  if (connections.test(called)) return "host";
  return requests.test(called) ? "url" : "text";
}

function calledName(callee: AnyNode): string {
  if (callee.type === "Identifier") return callee.name;
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : "";
}

/** The text that an expression begins with, whatever follows. */
function startOf(code: ParsedCode, node: AnyNode): string | undefined {
  if (node.type === "TemplateLiteral") {
    const [quasi] = node.quasis;
    const [expression] = node.expressions;
    const text = quasi?.value.cooked ?? "";
    return text === "" && expression !== undefined ? readText(code, expression) : text;
  }
  if (node.type === "BinaryExpression" && node.left.type !== "PrivateIdentifier") return startOf(code, node.left);
  return readText(code, node);
}

function hostOf(text: string, place: Place): string | undefined {
  const host =
    /^(?:https?|wss?|ftp|tcp|udp):\/\/(?:[^/@\s]*@)?(\[[^\]]+\]|[^/:?#\s"'<>${}\\]+)/i.exec(text)?.[1] ??
    bareHost(text, place);
  const name = host?.replace(/^\[|\]$/g, "").toLowerCase();
  return name === undefined || isHere(name) ? undefined : name;
}

/** An address, or, where one is expected, a name with at least one dot. */
function bareHost(text: string, place: Place): string | undefined {
  const host = text.replace(/:\d+$/, "");
  if (isIP(host) === 4) return host;
  return place === "host" && /^(?:[a-z0-9-]+\.)+[a-z]{2,}$/i.test(host) && !/\.(?:js|json|ts|md)$/i.test(host)
    ? host
    : undefined;
}

function isHere(host: string): boolean {
  if (isIP(host) !== 0) return /^(?:127\.|0\.0\.0\.0$|255\.|::1?$)/.test(host);
  return (
    !host.includes(".") ||
    /(?:^|\.)(?:localhost|example|test|invalid|local)$|(?:^|\.)example\.(?:com|org|net)$/.test(host)
  );
}
