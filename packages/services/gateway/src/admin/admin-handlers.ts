import { HxpError, toHxpError } from "@hxp/errors";
import type { KeyRecord, KeyStore, UsageStore } from "@hxp/schema-storage";
import type { Pepper } from "../authenticate/hash-secret.ts";
import { createKey, revokeKey, rotateKey } from "../authenticate/manage-keys.ts";
import type { Call, CallHandler, CallSummary } from "../server/call.ts";
import { type JsonLimits, receiveJson } from "../server/receive-json.ts";
import type { RouteName } from "../server/routes.ts";
import { sendJson } from "../server/send.ts";
import type { Auditor } from "./auditor.ts";
import { readCreateRequest, readOverlap, readPage, readUsageQuery, showKey } from "./key-requests.ts";

/** What {@link createAdminHandlers} takes. */
export interface AdminOptions {
  readonly keys: KeyStore;
  readonly usage: UsageStore;
  readonly pepper: Pepper;
  readonly auditor: Auditor;
  /** Called with each changed key, so that this node knows it at once. */
  readonly onChange: (record: KeyRecord) => void;
  readonly limits: JsonLimits;
  readonly clock: () => number;
}

type AdminRoute = Extract<RouteName, `${string}Key` | `${string}Keys` | "readUsage">;

const completed: CallSummary = { status: 200, outcome: "completed" };
const maxBodyBytes = 65_536;

/** Makes the handlers of `/admin/v1/…`: every change is in the audit log before it is made, and again when it is done. */
export function createAdminHandlers(options: AdminOptions): Readonly<Record<AdminRoute, CallHandler>> {
  const { keys, usage, clock } = options;
  const limits = { ...options.limits, maxBytes: Math.min(options.limits.maxBytes, maxBodyBytes) };
  return {
    listKeys: async ({ id, response, query }) => {
      const page = readPage(query);
      const records = await keys.list(page);
      const more = records.length === page.limit;
      sendJson(response, id, { status: 200, body: { object: "list", data: records.map(showKey), has_more: more } });
      return completed;
    },
    readKey: async ({ id, response, param }) => {
      sendJson(response, id, { status: 200, body: showKey(await findKey(keys, param)) });
      return completed;
    },
    createKey: async (call) => {
      const { key, record } = createKey(readCreateRequest((await receiveJson(call, limits)).body), options);
      const { name, owner, team, admin } = record;
      const facts = { name, owner, admin, ...(team === undefined ? {} : { team }) };
      const stored = await act({ call, name: "key.create", id: record.id, facts }, options, () => keys.insert(record));
      sendJson(call.response, call.id, { status: 201, body: { ...showKey(stored), key } });
      return { ...completed, status: 201 };
    },
    rotateKey: async (call) => {
      const overlapMs = readOverlap(hasBody(call) ? (await receiveJson(call, limits)).body : {});
      const { key, record } = rotateKey(await findKey(keys, call.param), { ...options, overlapMs });
      const facts = { overlapMs };
      const stored = await act({ call, name: "key.rotate", id: record.id, facts }, options, () => keys.replace(record));
      sendJson(call.response, call.id, { status: 200, body: { ...showKey(stored), key } });
      return completed;
    },
    revokeKey: async (call) => {
      const record = await findKey(keys, call.param);
      const revoked = revokeKey(record, options);
      const change = (): Promise<KeyRecord> => (revoked === record ? Promise.resolve(record) : keys.replace(revoked));
      const stored = await act({ call, name: "key.revoke", id: record.id, facts: {} }, options, change);
      sendJson(call.response, call.id, { status: 200, body: showKey(stored) });
      return completed;
    },
    readUsage: async ({ id, response, query }) => {
      const asked = readUsageQuery(query, clock());
      const data = await usage.sum(asked);
      sendJson(response, id, { status: 200, body: { object: "list", ...asked, data } });
      return completed;
    },
  };
}

interface Act {
  readonly call: Call;
  readonly name: string;
  /** The key that is changed. */
  readonly id: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Does what is audited. What cannot be written down is not done. */
async function act(
  { call, name, id, facts }: Act,
  { auditor, onChange }: AdminOptions,
  change: () => Promise<KeyRecord>,
): Promise<KeyRecord> {
  const details = { ...facts, requestId: call.id };
  const event = { actor: call.key.id, target: id, details };
  await auditor.require({ ...event, event: `${name}.requested`, outcome: "done" });
  try {
    const record = await change();
    onChange(record);
    await auditor.note({ ...event, event: name, outcome: "done" });
    return record;
  } catch (thrown) {
    const { code } = toHxpError(thrown);
    await auditor.note({ ...event, event: name, outcome: "failed", details: { ...details, code } });
    throw thrown;
  }
}

async function findKey(keys: KeyStore, id: string): Promise<KeyRecord> {
  const record = /^[0-9a-z]{16}$/.test(id) ? await keys.get(id) : undefined;
  if (record === undefined) throw new HxpError("KEY_NOT_FOUND", "There is no key with this id.");
  return record;
}

function hasBody({ request: { headers } }: Call): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}
