export { serveModel } from "./serve-model.ts";
export type { ListenAddress, ModelServer, ServeModelOptions } from "./serve-model.ts";
