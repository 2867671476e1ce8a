import { expect, test } from "vitest";
import { identifyBuilder } from "./identify-builder.ts";

const job = {
  GITHUB_ACTIONS: "true",
  GITHUB_WORKFLOW_REF: "acme/acme/.github/workflows/release.yml@refs/heads/main",
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.example/",
};

test("a job of GitHub Actions that may ask for an id token is its workflow", () => {
  expect(identifyBuilder(job)).toBe(`https://github.com/${job.GITHUB_WORKFLOW_REF}`);
});

test.each(Object.keys(job))("without %s it is the local builder, whatever the other variables say", (name) => {
  const local = "https://github.com/hxp-enterprise/hxp/builders/local";
  expect(identifyBuilder({ ...job, [name]: undefined })).toBe(local);
  expect(identifyBuilder({ ...job, [name]: "" })).toBe(local);
});
