import { createRules, type GrammarRules, literal } from "./grammar-rules.ts";
import { arrayRule, objectRule } from "./schema-containers.ts";
import { isSchemaObject, type Schema, type SchemaContext, type SchemaObject, unsupported } from "./schema-context.ts";
import { resolveReference } from "./schema-reference.ts";
import { numberRule, stringRule } from "./schema-scalars.ts";

/** The grammar of any JSON object. */
export function jsonObjectGrammar(): string {
  return createRules().toText("object");
}

/** The grammar of the JSON that a schema allows, or of a part of it. Throws ENGINE_UNSUPPORTED with the path of what it cannot express. */
export function schemaToGrammar(schema: Schema): string {
  const rules = createRules();
  return rules.toText(schemaRule(schema, rules));
}

/** Adds the rules of a schema to a grammar and returns the name of the first. */
export function schemaRule(schema: Schema, rules: GrammarRules): string {
  const context: SchemaContext = {
    rules,
    root: schema,
    referred: new Map(),
    visit: (child, path) => visitSchema(child, path, context),
  };
  return rules.add(context.visit(schema, "#"));
}

const deepest = 64;
const annotations = new Set(
  "title description default examples deprecated readOnly writeOnly $schema $id $comment $defs definitions".split(" "),
);
/** Keywords that each kind of schema is allowed beside annotations and those of its own. */
const keywords = {
  any: ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"],
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "prefixItems", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
};
const known = new Set(Object.values(keywords).flat());

function visitSchema(schema: Schema, path: string, context: SchemaContext): string {
  if (path.split("/").length > deepest) throw unsupported(path, `is deeper than ${deepest} levels`);
  if (schema === true) return "value";
  if (!isSchemaObject(schema)) throw unsupported(path, `is ${JSON.stringify(schema)}, expected a schema`);
  checkKeywords(schema, path);
  if (typeof schema["$ref"] === "string") return visitReference(schema["$ref"], path, context);
  if ("const" in schema) return literal(JSON.stringify(schema["const"]));
  if (Array.isArray(schema["enum"])) return visitEnum(schema["enum"], path);
  const choice = choiceOf(schema);
  if (choice !== undefined) return visitChoice(schema, { ...choice, path, context });
  return visitTypes(schema, path, context);
}

function checkKeywords(schema: SchemaObject, path: string): void {
  const found = Object.keys(schema).find((key) => !known.has(key) && !annotations.has(key));
  if (found !== undefined) throw unsupported(`${path}/${found}`, "is a keyword that grammars do not cover");
}

function visitReference(pointer: string, path: string, context: SchemaContext): string {
  const done = context.referred.get(pointer);
  if (done !== undefined) return done;
  const rule = context.rules.reserve();
  context.referred.set(pointer, rule.name);
  rule.set(context.visit(resolveReference(context.root, { pointer, path }), pointer));
  return rule.name;
}

function visitEnum(values: readonly unknown[], path: string): string {
  if (values.length === 0) throw unsupported(`${path}/enum`, "has no values");
  return values.map((value) => literal(JSON.stringify(value))).join(" | ");
}

function choiceOf(schema: SchemaObject): { key: string; list: readonly Schema[] } | undefined {
  const key = ["anyOf", "oneOf", "allOf"].find((name) => Array.isArray(schema[name]));
  return key === undefined ? undefined : { key, list: schema[key] as readonly Schema[] };
}

function visitChoice(
  schema: SchemaObject,
  { key, list, path, context }: { key: string; list: readonly Schema[]; path: string; context: SchemaContext },
): string {
  const beside = Object.keys(schema).find((name) => name !== key && name !== "type" && known.has(name));
  if (beside !== undefined) throw unsupported(`${path}/${beside}`, `stands beside ${key}`);
  if (list.length === 0) throw unsupported(`${path}/${key}`, "is empty");
  if (key === "allOf" && list.length > 1) throw unsupported(`${path}/allOf`, "joins several schemas");
  return list.map((child, index) => context.rules.add(context.visit(child, `${path}/${key}/${index}`))).join(" | ");
}

function visitTypes(schema: SchemaObject, path: string, context: SchemaContext): string {
  const type = schema["type"] ?? guessType(schema);
  if (type === undefined) return "value";
  const types = Array.isArray(type) ? type : [type];
  if (types.length === 0) throw unsupported(`${path}/type`, "is empty");
  if (types.length === 1) return visitType(types[0], { schema, path, context });
  return types.map((one) => context.rules.add(visitType(one, { schema, path, context }))).join(" | ");
}

/** A schema without a type, but with keywords of one. */
function guessType(schema: SchemaObject): string | undefined {
  const kinds = ["object", "array", "string", "number"] as const;
  return kinds.find((kind) => keywords[kind].some((key) => key in schema));
}

function visitType(type: unknown, place: { schema: SchemaObject; path: string; context: SchemaContext }): string {
  const { schema, path, context } = place;
  switch (type) {
    case "object":
      return objectRule(schema, path, context);
    case "array":
      return arrayRule(schema, path, context);
    case "string":
      return stringRule(schema, path);
    case "integer":
    case "number":
      return numberRule(schema, { path, isInteger: type === "integer" });
    case "boolean":
    case "null":
      return type;
    default:
      throw unsupported(`${path}/type`, `is ${JSON.stringify(type)}, expected a type of JSON`);
  }
}
