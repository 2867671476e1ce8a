/** What a registry is shown to let somebody write. The secret is hidden from JSON and from console output. */
export interface Credential {
  /** `bearer` for tokens, `basic` for npmrc's `_auth`. */
  readonly scheme: "bearer" | "basic";
  /** Where it was found: a variable, a file, an exchange. Safe to print. */
  readonly source: string;
  readonly secret: string;
}

/** Wraps a secret so that printing or serialising the credential does not show it; a copy by spread loses it. */
export function createCredential(values: { secret: string; source: string; scheme?: "bearer" | "basic" }): Credential {
  const { secret, source, scheme = "bearer" } = values;
  const shown: Omit<Credential, "secret"> = { scheme, source };
  return Object.freeze(Object.defineProperty(shown, "secret", { value: secret, enumerable: false })) as Credential;
}
