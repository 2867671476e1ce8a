import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readGuideModel } from "@hxp/model-guide";

const guide = readGuideModel();
const digest = createHash("sha256").update(readFileSync(guide.file)).digest("hex");

console.log(guide.name, guide.bytes, digest === guide.sha256); // guide, about two million, true
for (const { question, answer } of guide.knownAnswers.slice(0, 3)) console.log(`${question}\n  ${answer}`);
