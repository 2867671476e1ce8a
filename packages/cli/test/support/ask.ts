/** Who is asked what. */
export interface Question {
  url: string;
  key: string | undefined;
  model: string;
  content: string;
  stream?: boolean;
  maxTokens?: number;
}

/** Asks for a chat completion. */
export async function ask({ url, key, model, content, stream = false, maxTokens }: Question): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({
      model,
      stream,
      temperature: 0,
      messages: [{ role: "user", content }],
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    }),
  });
}

/** The text of an answer that was not streamed. */
export async function readAnswer(response: Response): Promise<string> {
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  return body.choices[0]?.message.content ?? "";
}
