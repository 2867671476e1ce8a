import { join } from "node:path";
import type { JsonValue } from "../../gate.ts";
import type { ComparisonContext, PartResult, ReleasedPackage } from "../compare-package.ts";
import type { PackedPackage } from "../packed-package.ts";
import { compareData } from "./compare-data.ts";
import { readData, type ReadDataResult } from "./read-data.ts";

/** Compares the exported values that the policy names, such as a table of error codes, as both packages have them. */
export async function compareConstants(item: ReleasedPackage, context: ComparisonContext): Promise<PartResult> {
  const { after, before } = item;
  const wanted = context.input.policy.api.data.filter((entry) => entry.package === after.name);
  const parts = await Promise.all(
    wanted.map(async (entry): Promise<PartResult> => {
      const where = entry.export;
      const read = (side: PackedPackage) => readSide(side, { item, context, subpath: entry.subpath, name: where });
      const now = await read(after);
      if ("problem" in now) return failed(where, now.problem);
      const surface = { [`${entry.kind} in ${where}`]: countEntries(now.value) };
      if (before === undefined || now.value === undefined) {
        return now.value === undefined && before === undefined
          ? failed(where, `${after.name} exports no value ${where}, which the policy names in api.data.`)
          : { changes: [], surface };
      }
      const was = await read(before);
      if ("problem" in was) return failed(where, was.problem);
      // A value that is new or gone is a change of the exports, and the declarations show it.
      if (was.value === undefined) return { changes: [], surface };
      return {
        changes: compareData(was.value, now.value, { name: where, kind: entry.kind, prose: entry.prose }),
        surface,
      };
    }),
  );
  return {
    changes: parts.flatMap(({ changes }) => changes),
    surface: Object.assign({}, ...parts.map(({ surface }) => surface)) as Record<string, number>,
    problems: parts.flatMap(({ problems = [] }) => problems),
  };
}

interface Side {
  item: ReleasedPackage;
  context: ComparisonContext;
  subpath: string;
  name: string;
}

function readSide(side: PackedPackage, { item, context, subpath, name }: Side): Promise<ReadDataResult> {
  const { input } = context;
  const modules = join(input.workspace, item.item.folder, "node_modules");
  return readData(side, {
    folder: join(input.scratch, "data", side.name.replaceAll("/", "-"), side.version, name),
    modules,
    subpath,
    name,
    tools: input.tools,
    scratch: input.scratch,
    signal: input.signal,
  });
}

function failed(where: string, message: string): PartResult {
  return { changes: [], surface: {}, problems: [{ rule: "data-unknown", where, message }] };
}

function countEntries(value: JsonValue | undefined): number {
  if (value === undefined) return 0;
  return typeof value === "object" && value !== null ? Object.keys(value).length : 1;
}
