import type { EmbedRequest, EmbedResult } from "@hxp/engine";
import { HxpError } from "@hxp/errors";
import type { AddonContext } from "../addon/addon.ts";
import { withBos } from "../prompt/chat-template.ts";
import { requireRoom } from "../prompt/require-room.ts";
import type { Vocabulary } from "../text/vocabulary.ts";

/** Turns texts into vectors, one after the other. */
export interface Embedder {
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<EmbedResult>;
  /** Tokens read since loading. */
  promptTokens(): number;
  /** Takes no more, waits for what runs and frees the memory. */
  close(): Promise<void>;
}

/** What {@link createEmbedder} takes. */
export interface EmbedderOptions {
  readonly vocabulary: Vocabulary;
  /** Most tokens of a text: they are computed at once. */
  readonly longest: number;
  /** Called for the first request: the context takes memory of its own. */
  readonly openContext: () => Promise<AddonContext>;
}

/** Makes the embedder of a model. */
export function createEmbedder({ vocabulary, longest, openContext }: EmbedderOptions): Embedder {
  let context: Promise<AddonContext> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let promptTokens = 0;
  let isClosed = false;

  const requireOpen = (): void => {
    if (isClosed) throw new HxpError("ENGINE_UNAVAILABLE", "The model was unloaded: it embeds nothing more");
  };

  const open = async (): Promise<AddonContext> => {
    try {
      return await openContext();
    } catch (error) {
      // There may be memory for the next one.
      context = undefined;
      throw error;
    }
  };

  const compute = async (texts: readonly Uint32Array[], signal: AbortSignal | undefined): Promise<number[][]> => {
    const vectors: number[][] = [];
    for (const tokens of texts) {
      signal?.throwIfAborted();
      requireOpen();
      context ??= open();
      vectors.push(await embedTokens(await context, tokens));
      promptTokens += tokens.length;
    }
    return vectors;
  };

  return {
    embed: async (request, signal) => {
      requireOpen();
      const texts = request.texts.map((text) => toTokens(text, { vocabulary, longest }));
      const turn = last.then(() => compute(texts, signal));
      last = turn.catch(() => {});
      return { vectors: await turn, promptTokens: texts.reduce((sum, { length }) => sum + length, 0) };
    },
    promptTokens: () => promptTokens,
    close: async () => {
      isClosed = true;
      await last;
      await (await context?.catch(() => undefined))?.dispose();
    },
  };
}

function toTokens(text: string, { vocabulary, longest }: { vocabulary: Vocabulary; longest: number }): Uint32Array {
  requireRoom(text, { vocabulary, contextLength: longest });
  const tokens = Uint32Array.from(withBos([...vocabulary.tokenize(text, false)], vocabulary));
  if (tokens.length === 0)
    throw new HxpError("ENGINE_REQUEST_INVALID", "An empty text has no embedding: expected some text");
  if (tokens.length > longest) {
    throw new HxpError(
      "ENGINE_CONTEXT_EXCEEDED",
      `A text to embed has ${tokens.length} tokens, expected at most ${longest}`,
      {
        hint: "Cut the text into shorter ones, or raise the engine's setting batchSize.",
      },
    );
  }
  return tokens;
}

async function embedTokens(context: AddonContext, tokens: Uint32Array): Promise<number[]> {
  context.disposeSequence(0);
  context.initBatch(tokens.length);
  context.addToBatch(0, 0, tokens, Uint32Array.from(tokens.keys()));
  await context.decodeBatch();
  const vector = [...context.getEmbedding(tokens.length)];
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
