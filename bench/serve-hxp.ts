import { parseConfig, requireConfig } from "@hxp/config";
import { storageSchema } from "@hxp/schema-storage";
import { openStorage } from "@hxp/storage";
import { serveHxp } from "../packages/services/gateway/bench/processes/serve-hxp.ts";

// Here, and not in the gateway's bench, because no room may know another: this is HXP as it is run.
const storage = requireConfig(parseConfig(storageSchema, { files: [] }));

await serveHxp({ name: "embedded storage", open: (folder) => openStorage(storage, { folder, variables: {} }) });
