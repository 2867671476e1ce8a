// The library is checked JavaScript without declarations.
declare module "@secvisogram/csaf-validator-lib/schemaTests.js" {
  /** Looks at a CSAF document. */
  export type DocumentTest = (document: unknown) => unknown;
  export const csaf_2_0_strict: DocumentTest;
}

declare module "@secvisogram/csaf-validator-lib/mandatoryTests.js" {
  import type { DocumentTest } from "@secvisogram/csaf-validator-lib/schemaTests.js";
  const tests: Record<string, DocumentTest>;
  export = tests;
}

declare module "@secvisogram/csaf-validator-lib/validate.js" {
  import type { DocumentTest } from "@secvisogram/csaf-validator-lib/schemaTests.js";
  export default function validate(
    tests: DocumentTest[],
    document: unknown,
  ): Promise<{ tests: { name: string; errors: { message: string; instancePath: string }[] }[] }>;
}
