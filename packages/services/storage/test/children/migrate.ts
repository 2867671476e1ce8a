import { migrate, openDatabase } from "@hxp/storage";
import { readStorageConfig } from "../examples.ts";

// Migrates the database of the given config and folder, and prints the steps that it took as JSON.

const [written = "{}", folder = ""] = process.argv.slice(2);
await using database = await openDatabase(readStorageConfig(JSON.parse(written)), { folder });
const taken = await migrate(database);
console.log(JSON.stringify(taken.map(({ version, number }) => `${version}.${number}`)));
