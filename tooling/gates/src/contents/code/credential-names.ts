/** Environment variables that hold credentials by the way they are named. */
const credentialVariable =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEY|ACCESS_KEY(?:_ID)?|PRIVATE_KEY|AUTH)(?:_|$)|^(?:AWS|AZURE|GCP|GOOGLE|GITHUB|GH|GITLAB|NPM|VAULT|ACTIONS)_/;

/** Names that mean a credential wherever they stand: nobody else calls something so. */
const credentialTexts = [
  /^(?:NPM|NODE_AUTH|GITHUB|GH|GITLAB|VAULT|CIRCLE|CI_JOB|ACTIONS_RUNTIME|ACTIONS_ID_TOKEN_REQUEST)_TOKEN$/,
  /^(?:AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|AZURE_CLIENT_SECRET|GOOGLE_APPLICATION_CREDENTIALS)$/,
  /^(?:ACTIONS_ID_TOKEN_REQUEST_URL|DOCKER_AUTH_CONFIG|SSH_AUTH_SOCK|KUBECONFIG)$/,
  /(?:^|[/\\])(?:\.npmrc|\.netrc|\.pypirc|\.git-credentials|\.yarnrc\.yml|id_rsa|id_ed25519|wallet\.dat)$/,
  /(?:^|[/\\])\.(?:ssh|aws|azure|kube|gnupg)(?:[/\\]|$)|\.docker[/\\]config\.json|\.config[/\\](?:gh|gcloud)(?:[/\\]|$)/,
  /^\/proc\/(?:self|\d+)\/(?:mem|environ|maps)$/,
  /(?:^|\/\/)(?:169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal)(?:[:/]|$)/,
];

/** Whether an environment variable holds a credential, by its name. */
export function isCredentialVariable(name: string): boolean {
  return credentialVariable.test(name);
}

/** Whether a text in code names a credential, a file of credentials, or the address where a cloud hands them out. */
export function isCredentialText(text: string): boolean {
  return text.length < 200 && credentialTexts.some((pattern) => pattern.test(text));
}
