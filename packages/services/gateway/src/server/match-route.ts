import { HxpError } from "@hxp/errors";
import { type Route, routes, unsupportedPaths } from "./routes.ts";

/** A route and what stands for `{id}` or `{model}` in its path. */
export interface RouteMatch {
  readonly route: Route;
  readonly param: string;
}

interface Pattern {
  readonly before: string;
  readonly after: string;
  readonly takesSlashes: boolean;
  readonly methods: ReadonlyMap<string, Route>;
}

const byPath = Map.groupBy(routes, ({ path }) => path);
const exact = new Map(
  [...byPath].filter(([path]) => !path.includes("{")).map(([path, each]) => [path, methodsOf(each)]),
);
const patterns: readonly Pattern[] = [...byPath]
  .filter(([path]) => path.includes("{"))
  .map(([path, each]) => {
    const [before = "", after = ""] = path.split(/\{\w+\}/);
    return { before, after, takesSlashes: path.includes("{model}"), methods: methodsOf(each) };
  })
  .toSorted((a, b) => b.after.length - a.after.length);

/** Finds the route of a request. Throws ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED (with the header `allow`) or ENDPOINT_UNSUPPORTED. */
export function matchRoute(method: string, path: string): RouteMatch {
  const methods = exact.get(path);
  if (methods === undefined) return matchPattern(method, path);
  const route = methods.get(method);
  if (route === undefined) throw notAllowed(method, path, methods);
  return { route, param: "" };
}

function matchPattern(method: string, path: string): RouteMatch {
  for (const pattern of patterns) {
    const param = paramOf(pattern, path);
    if (param === undefined) continue;
    const route = pattern.methods.get(method);
    if (route === undefined) throw notAllowed(method, path, pattern.methods);
    return { route, param };
  }
  throw unknown(path);
}

function paramOf({ before, after, takesSlashes }: Pattern, path: string): string | undefined {
  const isLong = path.length > before.length + after.length;
  if (!isLong || !path.startsWith(before) || !path.endsWith(after)) return undefined;
  const text = path.slice(before.length, path.length - after.length);
  return text.includes("/") && !takesSlashes ? undefined : decode(text);
}

function methodsOf(each: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(each.map((route) => [route.method, route]));
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function notAllowed(method: string, path: string, methods: ReadonlyMap<string, Route>): HxpError {
  const allow = [...methods.keys()].join(", ");
  return new HxpError("METHOD_NOT_ALLOWED", `${shorten(path)} does not take ${method}, expected ${allow}.`, {
    details: { headers: { allow } },
  });
}

function unknown(path: string): HxpError {
  const [, version, family = ""] = path.split("/");
  if (version === "v1" && unsupportedPaths.has(family)) {
    return new HxpError("ENDPOINT_UNSUPPORTED", `This server does not serve /v1/${family}.`);
  }
  return new HxpError("ROUTE_NOT_FOUND", `This server has no path ${shorten(path)}.`);
}

function shorten(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}
