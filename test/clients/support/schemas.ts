import { expect } from "vitest";

/** A schema for answers: bounded, so that every answer ends. */
export const person = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 12 },
    age: { type: "integer", minimum: 0, maximum: 120 },
    likes: { type: "array", items: { enum: ["tea", "rain"] }, minItems: 1, maxItems: 2 },
    partner: { type: ["boolean", "null"] },
  },
  required: ["name", "age", "likes", "partner"],
  additionalProperties: false,
} as const;

/** Fails unless a value fits {@link person}: exactly its keys, each within its bounds. */
export function checkPerson(value: unknown): void {
  expect(value).toEqual({
    name: expect.stringMatching(/^[^]{1,12}$/u),
    age: expect.toSatisfy((age) => Number.isInteger(age) && Number(age) >= 0 && Number(age) <= 120),
    likes: expect.toSatisfy((likes) => /^\["(tea|rain)"(,"(tea|rain)")?\]$/.test(JSON.stringify(likes))),
    partner: expect.toSatisfy((partner) => partner === null || typeof partner === "boolean"),
  });
}

/** A response format that no answer has an end by. */
export const endless = {
  type: "json_schema",
  json_schema: { name: "endless", schema: { type: "array", items: { const: "on and on" }, minItems: 200 } },
} as const;

/** A function as OpenAI's API describes it: small, as it stands in the prompt, and the guide's context is. */
export const weather = {
  name: "get_weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string", maxLength: 8 }, unit: { enum: ["C", "F"] } },
    required: ["city", "unit"],
    additionalProperties: false,
  },
};

/** Fails unless a value fits the parameters of {@link weather}. */
export function checkWeather(value: unknown): void {
  expect(value).toEqual({ city: expect.stringMatching(/^[^]{0,8}$/u), unit: expect.stringMatching(/^[CF]$/) });
}
