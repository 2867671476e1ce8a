import type { ServerResponse } from "node:http";

/** Larger bodies are written apart from their head: copying them costs more than the second write. */
const mostTogether = 65_536;

/**
 * Sends an answer that is whole. Node writes a text together with the head, but bytes by a way that takes 20 µs more; as
 * Latin 1, a text is the same bytes.
 */
export function sendAnswer(
  response: ServerResponse,
  headers: Readonly<Record<string, string | number>>,
  body: Buffer,
): void {
  response.writeHead(200, { ...headers, "content-length": body.length });
  if (body.length > mostTogether) response.end(body);
  else response.end(body.toString("latin1"), "latin1");
}
