// The library is checked JavaScript without declarations.
declare module "@secvisogram/csaf-validator-lib/*" {
  /** Looks at a CSAF document. */
  export type DocumentTest = (document: unknown) => unknown;
  export const csaf_2_0_strict: DocumentTest;
}

declare module "@secvisogram/csaf-validator-lib/mandatoryTests.js" {
  const tests: Record<string, import("@secvisogram/csaf-validator-lib/schemaTests.js").DocumentTest>;
  export = tests;
}

declare module "@secvisogram/csaf-validator-lib/validate.js" {
  export default function validate(
    tests: import("@secvisogram/csaf-validator-lib/schemaTests.js").DocumentTest[],
    document: unknown,
  ): Promise<{ tests: { name: string; errors: { message: string; instancePath: string }[] }[] }>;
}
