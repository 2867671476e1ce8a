import { migrate, openDatabase } from "@hxp/storage";
import { migrations } from "../../src/migrations/migrations.ts";
import { readStorageConfig } from "../examples.ts";

// Migrates the database of the given config and folder, and kills itself in the third transaction of the backfill,
// when its rows are changed and not committed.

const [written = "{}", folder = ""] = process.argv.slice(2);
await using database = await openDatabase(readStorageConfig(JSON.parse(written)), { folder });
let batches = 0;
const mortal = migrations.map((migration) => ({
  ...migration,
  steps: migration.steps.map((step) => {
    const { change } = step;
    if (change.kind !== "fill") return step;
    const some: typeof change.some = async (session) => {
      const moved = await change.some(session);
      batches += 1;
      if (batches === 3) process.kill(process.pid, "SIGKILL");
      return moved;
    };
    return { ...step, change: { ...change, some } };
  }),
}));
await migrate(database, { migrations: mortal });
