import { setTimeout as sleep } from "node:timers/promises";
import { openAuditLog } from "../audit/open-audit-log.ts";

// Appends until it is killed; says each record on stdout once it was told that it is on the disk.
const [file = "", maxBytes = "65536"] = process.argv.slice(2);
const log = await openAuditLog({ file, maxBytes: Number(maxBytes) });

async function appendForever(writer: number): Promise<never> {
  for (;;) {
    const act = { event: "test.appended", actor: `writer ${writer}`, target: "x", outcome: "done" } as const;
    const said = await log.append({ ...act, details: { text: "y".repeat(200) } }).then(
      ({ seq, hash }) => ({ seq, hash }),
      ({ code }: { code: string }) => ({ code }),
    );
    process.stdout.write(`${JSON.stringify(said)}\n`);
    if ("code" in said) await sleep(5);
  }
}

await Promise.all([1, 2, 3, 4].map(appendForever));
