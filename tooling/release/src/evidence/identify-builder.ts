const local = "https://github.com/hxp-enterprise/hxp/builders/local";

/**
 * The builder's id for provenance: the workflow where this is a GitHub Actions job that can prove it by an id token, else
 * the local builder. Only a keyless signature proves it; with a key of one's own it is the signer's word.
 */
export function identifyBuilder(env: NodeJS.ProcessEnv): string {
  const { GITHUB_ACTIONS, GITHUB_WORKFLOW_REF, ACTIONS_ID_TOKEN_REQUEST_URL } = env;
  const isJob = GITHUB_ACTIONS === "true" && URL.canParse(ACTIONS_ID_TOKEN_REQUEST_URL ?? "");
  return isJob && GITHUB_WORKFLOW_REF ? `https://github.com/${GITHUB_WORKFLOW_REF}` : local;
}
