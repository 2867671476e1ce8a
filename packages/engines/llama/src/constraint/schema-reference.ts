import { isSchemaObject, type Schema, unsupported } from "./schema-context.ts";

/** The schema that a reference such as `#/$defs/node` leads to. Throws ENGINE_UNSUPPORTED when it leads nowhere in this schema. */
export function resolveReference(root: Schema, { pointer, path }: { pointer: string; path: string }): Schema {
  if (pointer !== "#" && !pointer.startsWith("#/")) {
    throw unsupported(`${path}/$ref`, `is ${JSON.stringify(pointer)}, expected a place in the same schema`);
  }
  const keys = pointer.split("/").slice(1).map(decodeKey);
  return keys.reduce<Schema>((place, key) => {
    const isThere = (isSchemaObject(place) || Array.isArray(place)) && Object.hasOwn(place, key);
    if (!isThere) throw unsupported(`${path}/$ref`, `is ${JSON.stringify(pointer)}, which the schema does not have`);
    return (place as Readonly<Record<string, unknown>>)[key];
  }, root);
}

function decodeKey(key: string): string {
  return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
}
