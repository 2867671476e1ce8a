/** How many pieces each stream has. */
export const chunksPerStream = 50;

/** Stands in the prompt of a request that the upstream holds; the kind follows. */
export const holdMark = "[bench:hold]";

/** Phases in which clients leave: in the stream, before its first token, and while an answer that is no stream is made. */
export const holdKinds = ["mid-stream", "before-token", "no-stream"] as const;

/** Phase in which clients leave. */
export type HoldKind = (typeof holdKinds)[number];

/** What a measured request asks for. */
export type RequestKind = "answer" | "stream";

/** Where requests go, and what they carry beside their body. */
export interface Destination {
  /** With `/v1`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** About a kilobyte, as a short chat with a system prompt has. */
const system = "You answer questions about running language models on your own servers, in short sentences. ".repeat(9);

/** A measured request, as bytes that are sent again and again. */
export function renderRequest(destination: Destination, kind: RequestKind): Buffer {
  return render(destination, { question: "What is a gateway?", stream: kind === "stream" });
}

/** A request that the upstream holds. */
export function renderHeld(destination: Destination, kind: HoldKind): Buffer {
  return render(destination, { question: `${holdMark}${kind}`, stream: kind !== "no-stream" });
}

function render({ url, headers }: Destination, { question, stream }: { question: string; stream: boolean }): Buffer {
  const { host, pathname } = new URL(url);
  const messages = [
    { role: "system", content: system },
    { role: "user", content: question },
  ];
  const body = JSON.stringify({ model: "bench", messages, max_tokens: chunksPerStream, stream });
  const lines = [
    `POST ${pathname}/chat/completions HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
