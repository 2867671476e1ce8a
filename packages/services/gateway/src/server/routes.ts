import type { Scope } from "../authenticate/authorise.ts";

/** What a route does. */
export type RouteName =
  | "chat"
  | "completions"
  | "embeddings"
  | "listModels"
  | "readModel"
  | "listKeys"
  | "createKey"
  | "readKey"
  | "rotateKey"
  | "revokeKey"
  | "readUsage";

/** One route. Everything that is not here is closed. */
export interface Route {
  readonly name: RouteName;
  readonly method: "GET" | "POST";
  /** With at most one `{id}`, or `{model}`, which may hold slashes. */
  readonly path: string;
  /** What a key needs for it. */
  readonly scope: Scope;
}

/** Every route of the gateway. */
export const routes: readonly Route[] = [
  { name: "chat", method: "POST", path: "/v1/chat/completions", scope: "chat" },
  { name: "completions", method: "POST", path: "/v1/completions", scope: "completions" },
  { name: "embeddings", method: "POST", path: "/v1/embeddings", scope: "embeddings" },
  { name: "listModels", method: "GET", path: "/v1/models", scope: "models" },
  { name: "readModel", method: "GET", path: "/v1/models/{model}", scope: "models" },
  { name: "listKeys", method: "GET", path: "/admin/v1/keys", scope: "admin" },
  { name: "createKey", method: "POST", path: "/admin/v1/keys", scope: "admin" },
  { name: "readKey", method: "GET", path: "/admin/v1/keys/{id}", scope: "admin" },
  { name: "rotateKey", method: "POST", path: "/admin/v1/keys/{id}/rotate", scope: "admin" },
  { name: "revokeKey", method: "POST", path: "/admin/v1/keys/{id}/revoke", scope: "admin" },
  { name: "readUsage", method: "GET", path: "/admin/v1/usage", scope: "admin" },
];

/** First parts of OpenAI's paths that are known and not served. */
export const unsupportedPaths: ReadonlySet<string> = new Set([
  "assistants",
  "audio",
  "batches",
  "containers",
  "conversations",
  "evals",
  "files",
  "fine_tuning",
  "images",
  "messages",
  "moderations",
  "realtime",
  "rerank",
  "responses",
  "threads",
  "uploads",
  "vector_stores",
  "videos",
]);
