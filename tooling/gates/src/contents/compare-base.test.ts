import { rm } from "node:fs/promises";
import { join } from "node:path";
import { contentsGate, type ContentsDetails, type GateInput, type GatePackage, runGates } from "@hxp/release-gates";
import { HxpError } from "@hxp/errors";
import { describe, expect, test } from "vitest";
import { historyOf, makeInput, rulesOf, writePackage } from "../../test/make-input.ts";
import { makePackage, soundFiles, soundManifest } from "../../test/make-tarball.ts";
import { temporaryFolder } from "../../test/temporary-folder.ts";

const plain = "export const answer = 42;\n";
const asks = `${plain}fetch("/collect");\n`;

/** Packs a version of the sound package whose code is given. */
async function pack(folder: string, version: string, code: string): Promise<GatePackage> {
  const files = { ...soundFiles, "dist/index.js": code };
  return writePackage(join(folder, version), makePackage({ ...soundManifest, version }, files), { version });
}

async function earlier(folder: string, version: string, code: string) {
  const { tarball } = await pack(folder, version, code);
  return { version, tarball: tarball.path };
}

async function judge(folder: string, item: GatePackage, history: GateInput["history"] = async () => []) {
  const [result] = await runGates([contentsGate], makeInput(folder, { packages: [item], history }));
  const [detail] = (result!.details as ContentsDetails).packages;
  return { rules: rulesOf(result!), from: detail?.from, findings: result!.findings };
}

describe("the release that contents are compared with", () => {
  test("is the last full one where the channel has none yet", async () => {
    const folder = await temporaryFolder();
    const last = await earlier(folder, "1.0.0", plain);
    const judged = await judge(folder, await pack(folder, "1.0.1", asks), historyOf([last]));
    expect(judged).toMatchObject({ from: "1.0.0", rules: ["capability-new"] });
  });

  test("is that of the old line for a patch of the old line", async () => {
    const folder = await temporaryFolder();
    const [newer, older] = [await earlier(folder, "2.0.0", asks), await earlier(folder, "1.4.0", plain)];
    const item = { ...(await pack(folder, "1.4.1", asks)), previous: newer };
    const judged = await judge(folder, item, historyOf([newer, older]));
    expect(judged).toMatchObject({ from: "1.4.0", rules: ["capability-new"] });
  });

  test("is the last prerelease where there never was a full release", async () => {
    const folder = await temporaryFolder();
    const item = { ...(await pack(folder, "1.0.0", asks)), previous: await earlier(folder, "1.0.0-beta.0", plain) };
    expect(await judge(folder, item)).toMatchObject({ from: "1.0.0-beta.0", rules: ["capability-new"] });
  });

  test("is not nothing when its bytes cannot be had", async () => {
    const folder = await temporaryFolder();
    const last = await earlier(folder, "1.0.0", plain);
    await rm(last.tarball);
    const item = { ...(await pack(folder, "1.0.1", asks)), previous: last };
    expect((await judge(folder, item)).rules).toEqual(["nothing-checked", "tarball-invalid"]);
    const message = "The registry has no tarball of 1.0.0";
    const judged = await judge(folder, await pack(folder, "1.0.1", asks), () =>
      Promise.reject(new HxpError("REGISTRY_ANSWER_INVALID", message)),
    );
    expect(judged.findings).toContainEqual(expect.objectContaining({ rule: "tarball-invalid", message }));
  });
});
