export { composePlatformSchema } from "./compose-platform-schema.ts";
export { platformSchema } from "./platform-schema.ts";
export { chooseEnvironment, readPlatform } from "./read-platform.ts";
export type { PlatformSections, PlatformShape } from "./compose-platform-schema.ts";
export type { PlatformConfig, WrittenPlatform } from "./platform-schema.ts";
export type { ReadPlatformOptions } from "./read-platform.ts";
