import { openStorage } from "@hxp/storage";
import { readStorageConfig } from "../examples.ts";

// Opens the database of the given config and folder, asks it something and ends without closing it.

const [written = "{}", folder = ""] = process.argv.slice(2);
const stores = await openStorage(readStorageConfig(JSON.parse(written)), { folder });
console.log(`${(await stores.keys.list()).length} keys`);
