import { writeSync } from "node:fs";
import { openStorage } from "@hxp/storage";
import { exampleUsage, readStorageConfig } from "../examples.ts";

// Appends records to the database of the given config and folder until it is killed, and prints the ids of a batch
// when it is acknowledged. Every other batch repeats a part of the one before, as a replayed spool does.

const [written = "{}", folder = "", run = ""] = process.argv.slice(2);
await using stores = await openStorage(readStorageConfig(JSON.parse(written)), { folder });
let ids: string[] = [];
for (let batch = 0; ; batch += 1) {
  const fresh = Array.from({ length: 10 }, (_, index) => `${run}-${batch}-${index}`);
  ids = [...(batch % 2 === 0 ? [] : ids.slice(0, 5)), ...fresh];
  await stores.usage.append(ids.map((id) => exampleUsage(id, { key: `key ${batch % 3}`, team: "search" })));
  // Not through a stream, which may keep it: what is printed is acknowledged.
  writeSync(1, `${ids.join(" ")}\n`);
}
