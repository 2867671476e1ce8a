export { openStorage } from "./open-storage.ts";
export type { OpenStorageOptions } from "./open-storage.ts";
