import { type HeldRequests, openHeld } from "../load/held-requests.ts";
import type { Destination, HoldKind } from "../load/requests.ts";
import { type Load, runLoad } from "../load/run-load.ts";
import { endWithParent, tellParent } from "./parent.ts";

/** What the load generator is told. */
export type LoadOrder =
  | { readonly do: "load"; readonly load: Load }
  | { readonly do: "hold"; readonly destination: Destination; readonly kind: HoldKind; readonly count: number }
  | { readonly do: "leave" };

let held: HeldRequests | undefined;

process.on("message", (order: LoadOrder) => {
  void carryOut(order).then(tellParent);
});
endWithParent();
tellParent({});

async function carryOut(order: LoadOrder): Promise<object> {
  if (order.do === "load") return runLoad(order.load);
  if (order.do === "hold") held = await openHeld(order.destination, order.kind, order.count);
  else held?.leave();
  return {};
}
