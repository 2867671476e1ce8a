import { build } from "./build.ts";
import { judge } from "./judge.ts";
import { pack } from "./pack.ts";
import { plan } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { promote } from "./promote.ts";
import { readBack } from "./read-back.ts";
import { record } from "./record.ts";
import { sign } from "./sign.ts";
import { smoke } from "./smoke.ts";
import { stage } from "./stage.ts";

/** What `pnpm release plan` does: up to a signed plan, whose digest is the release's id. Nothing leaves the machine. */
export const planSteps = [preflight, plan, build, pack] as const;

/** What `pnpm release publish` does with the signed plan. From here on, only bytes that it names go anywhere. */
export const publishSteps = [judge, sign, stage, readBack, smoke, promote, record] as const;

/** A release, in the order in which it happens. */
export const releaseSteps = [...planSteps, ...publishSteps] as const;
