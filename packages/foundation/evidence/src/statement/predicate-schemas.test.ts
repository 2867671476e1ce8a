import { expect, test } from "vitest";
import { releasePlanPredicate, releaseRecordPredicate } from "@hxp/evidence";

test.each([
  ["release-plan.v1.json", releasePlanPredicate],
  ["release-record.v1.json", releaseRecordPredicate],
])("the published schema %s is the predicate's", async (file, kind) => {
  const schema = `${JSON.stringify(kind.jsonSchema(), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot(`../../predicates/${file}`);
});
