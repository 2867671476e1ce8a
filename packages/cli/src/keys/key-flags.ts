import { HxpError } from "@hxp/errors";
import type { KeyRequest } from "@hxp/gateway";
import { keyRecord, type Limits } from "@hxp/schema-storage";
import type { PlatformFlags } from "../cli/add-command.ts";
import type { Moment } from "../cli/parse-time.ts";
import { currentUser } from "./current-user.ts";

/** Flags of `hxp keys create`. */
export type KeyFlags = PlatformFlags & {
  name: string;
  owner?: string;
  team?: string;
  models?: readonly string[];
  endpoints?: readonly string[];
  expires?: Moment;
  rpm?: number;
  tpm?: number;
  concurrency?: number;
  budgetPeriod?: string;
  budgetTokens?: number;
  budgetCost?: number;
  admin?: boolean;
  priority?: string;
};

/** What is asked of a key, in the gateway's words. Throws USAGE_INVALID with all that no key can have. */
export function toKeyRequest(flags: KeyFlags, now: number): KeyRequest {
  const { name, owner = currentUser(), team, models, endpoints, expires, admin, priority = "default" } = flags;
  const request = {
    name,
    owner,
    admin: admin === true,
    priority,
    limits: toLimits(flags),
    ...(team === undefined ? {} : { team }),
    ...(models === undefined ? {} : { models }),
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(expires === undefined ? {} : { expiresAt: expires(now).toISOString() }),
  };
  const known = keyRecord.omit({ id: true, hash: true, createdAt: true, revision: true });
  const result = known.safeParse(request);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new HxpError("USAGE_INVALID", `No key can have this: ${problems.join("; ")}`);
}

function toLimits({ rpm, tpm, concurrency, ...flags }: KeyFlags): Limits {
  return {
    ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
    ...(tpm === undefined ? {} : { tokensPerMinute: tpm }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...toBudget(flags),
  };
}

function toBudget({
  budgetPeriod = "month",
  budgetTokens,
  budgetCost,
}: Pick<KeyFlags, "budgetPeriod" | "budgetTokens" | "budgetCost">): Pick<Limits, "budget"> {
  if (budgetTokens === undefined && budgetCost === undefined) return {};
  const period = budgetPeriod === "day" ? "day" : "month";
  const tokens = budgetTokens === undefined ? {} : { tokens: budgetTokens };
  return { budget: { period, ...tokens, ...(budgetCost === undefined ? {} : { cost: budgetCost }) } };
}
