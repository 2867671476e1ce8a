import { HxpError } from "@hxp/errors";
import type { KeyRecord } from "@hxp/schema-storage";
import { mayUseModel } from "../authenticate/authorise.ts";
import type { CallHandler } from "./call.ts";
import { sendJson } from "./send.ts";

interface Model {
  readonly id: string;
  readonly object: "model";
  /** Seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
}

/** Makes the handlers of `/v1/models` and `/v1/models/{id}`: models of the config that the key may use. */
export function createModelHandlers(
  names: readonly string[],
  startedAt: number,
): { readonly listModels: CallHandler; readonly readModel: CallHandler } {
  const created = Math.floor(startedAt / 1000);
  const models: readonly Model[] = names.map((id) => ({ id, object: "model", created, owned_by: "hxp" }));
  return {
    listModels: async ({ id, response, key }) => {
      const data = models.filter((model) => mayUseModel(key, model.id));
      sendJson(response, id, { status: 200, body: { object: "list", data } });
      return { status: 200, outcome: "completed" };
    },
    readModel: async (call) => {
      const { id, response, key, param } = call;
      const model = models.find((each) => each.id === param);
      if (model === undefined) throw modelNotFound(param);
      if (!mayUseModel(key, param)) throw modelNotFound(param, key);
      call.model = param;
      sendJson(response, id, { status: 200, body: model });
      return { status: 200, outcome: "completed" };
    },
  };
}

/** The answer for a model that is not there, and for one that the key `denied` may not use: to clients they look the same. */
export function modelNotFound(model: string, denied?: KeyRecord): HxpError {
  const shown = model.length > 128 ? `${model.slice(0, 128)}…` : model;
  const message = `The model ${JSON.stringify(shown)} does not exist or you do not have access to it.`;
  const details = { param: "model", ...(denied === undefined ? {} : { reason: "model", keyId: denied.id }) };
  return new HxpError("MODEL_NOT_FOUND", message, { details });
}
