/** Something that is wrong at a line of a document. */
export interface DocumentProblem {
  rule: keyof typeof reasons;
  line: number;
  message: string;
  fix: string;
  severity?: "error" | "warning";
}

/** Why each rule matters. */
export const reasons = {
  "link-broken": "Who follows the link finds nothing.",
  "link-malformed": "No browser can follow it.",
  "link-outside": "What is outside the workspace is not where the document is read.",
  "link-unpublished": "On the registry's page and in an installed package, the link leads nowhere.",
  "anchor-missing": "The link opens the page and not the place that it promises.",
  "command-malformed": "A shell refuses it, or does something else.",
  "script-unknown": "Who types it gets an error.",
  "subcommand-unknown": "Who types it gets an error.",
  "flag-unknown": "Who types it gets an error.",
  "argument-unexpected": "Who types it gets an error.",
  "package-unknown": "Who installs a name that nobody here publishes gets nothing, or what a stranger put there.",
  "path-missing": "Who types it gets an error.",
  "test-unknown": "It runs no test, and says so.",
  "snippet-syntax": "Who pastes it gets an error.",
  "snippet-types": "Who pastes it gets an error of the compiler, or of the program when it runs.",
  "import-unknown": "Who pastes it gets an error: the package does not export that.",
} as const;
