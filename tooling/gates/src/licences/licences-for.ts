import type { LicencesPolicy, PackageKind } from "../policy/licences-policy.ts";

/** The licences that the policy allows for a kind of package. */
export function licencesFor({ allow }: LicencesPolicy, kind: PackageKind): string[] {
  return allow.filter(({ kinds }) => kinds.includes(kind)).map(({ licence }) => licence);
}
