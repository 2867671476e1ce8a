import { z } from "zod";
import { definePredicate } from "./predicate.ts";
import { type DeepReadonly, resourceDescriptorSchema, uriSchema } from "./schema-parts.ts";

const testNames = z.array(z.string().min(1)).optional();

const testResultSchema = z.object({
  result: z.enum(["PASSED", "WARNED", "FAILED"]),
  configuration: z.array(resourceDescriptorSchema),
  url: uriSchema.optional(),
  passedTests: testNames,
  warnedTests: testNames,
  failedTests: testNames,
});

/** The result of a test run (https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md). */
export type TestResult = DeepReadonly<z.infer<typeof testResultSchema>>;

/** In-toto test result v0.1. */
export const testResultPredicate = definePredicate<TestResult>(
  "https://in-toto.io/attestation/test-result/v0.1",
  testResultSchema,
);
