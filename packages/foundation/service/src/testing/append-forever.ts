import { openAuditLog } from "../audit/open-audit-log.ts";

// Appends until it is killed; says each record on stdout once it was told that it is on the disk.
const [file = "", maxBytes = "65536"] = process.argv.slice(2);
const log = await openAuditLog({ file, maxBytes: Number(maxBytes) });

async function appendForever(writer: number): Promise<never> {
  for (;;) {
    const { seq, hash } = await log.append({
      event: "test.appended",
      actor: `writer ${writer}`,
      target: "x",
      outcome: "done",
      details: { text: "y".repeat(200) },
    });
    process.stdout.write(`${JSON.stringify({ seq, hash })}\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(appendForever));
