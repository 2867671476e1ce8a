import type { JsonObject, JsonValue } from "../../gate.ts";
import { asSchema, isObject, type Schema } from "./schema-walk.ts";

const deepestReference = 20;

/**
 * The forms that a schema allows, without `$ref`, `allOf`, `anyOf` and `oneOf` at this level: each with what the schema
 * asks of all of them.
 */
export function listAlternatives(schema: Schema, root: JsonObject): Schema[] {
  const whole = mergeParts(followReferences(schema, root), root);
  if (typeof whole === "boolean") return [whole];
  const { anyOf, oneOf, ...common } = whole;
  const forms = [anyOf, oneOf].filter((list): list is JsonValue[] => Array.isArray(list));
  const [first, second] = forms;
  if (first === undefined) return [common];
  const choices = first.flatMap((form) => listAlternatives(merge(common, asSchema(form)), root));
  if (second === undefined) return choices;
  return choices.flatMap((choice) => second.flatMap((form) => listAlternatives(merge(choice, asSchema(form)), root)));
}

/** What `$ref` points at in the same document, with the keywords beside it; other references stay as they are. */
function followReferences(schema: Schema, root: JsonObject, depth = 0): Schema {
  if (typeof schema === "boolean" || typeof schema["$ref"] !== "string" || depth > deepestReference) return schema;
  const { $ref: reference, ...rest } = schema;
  const target = findTarget(root, reference);
  return target === undefined ? schema : merge(followReferences(target, root, depth + 1), rest);
}

function findTarget(root: JsonObject, reference: JsonValue | undefined): Schema | undefined {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  const keys = reference
    .slice(1)
    .split("/")
    .filter((key) => key !== "");
  const value = keys.reduce<JsonValue | undefined>((inner, key) => {
    const name = decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(inner)) return inner[Number(name)];
    return isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined;
  }, root);
  return typeof value === "boolean" || isObject(value) ? value : undefined;
}

function mergeParts(schema: Schema, root: JsonObject): Schema {
  if (typeof schema === "boolean") return schema;
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const parts = allOf.map((part) => mergeParts(followReferences(asSchema(part), root), root));
  return parts.reduce<Schema>((whole, part) => merge(whole, part), rest);
}

/** A schema that asks what both ask; of two values for one keyword, the second is taken. */
function merge(schema: Schema, other: Schema): Schema {
  if (schema === false || other === false) return false;
  if (schema === true) return other;
  if (other === true) return schema;
  const merged: JsonObject = { ...schema, ...other };
  if (isObject(schema["properties"]) && isObject(other["properties"])) {
    merged["properties"] = { ...schema["properties"], ...other["properties"] };
  }
  if (Array.isArray(schema["required"]) && Array.isArray(other["required"])) {
    merged["required"] = [...schema["required"], ...other["required"]];
  }
  return merged;
}
