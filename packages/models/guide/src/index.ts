export { type GuideModel, type KnownAnswer, readGuideModel } from "./guide-model.ts";
