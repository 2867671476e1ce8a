import { createMemoryStores } from "@hxp/gateway";
import { serveHxp } from "./serve-hxp.ts";

await serveHxp({ name: "memory, with the spool on disk", open: () => createMemoryStores() });
