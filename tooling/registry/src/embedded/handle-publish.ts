import type { Packument } from "../client/packument.ts";
import { type CheckedPublish, checkPublish } from "./check-publish.ts";
import type { Front } from "./front.ts";
import { type Exchange, Refusal, sendJson } from "./http.ts";
import { reserveSpace } from "./reserve-space.ts";
import { repairPackage } from "./storage.ts";
import { viewTags } from "./view-packument.ts";

/**
 * Takes a publish: checked against its own digests, refused when the version exists (409), and taken back as a whole
 * when it fails on the way, on a full disk with 507. A tag that the publish does not name is not set.
 */
export async function handlePublish(
  front: Front,
  exchange: Exchange,
  document: { name: string; body: unknown },
): Promise<void> {
  const publish = checkPublish(document.name, document.body);
  await front.packuments.change(publish.name, (stored) => store(front, publish, stored));
  await sendJson(exchange, { ok: "created new package", success: true }, { status: 201 });
}

async function store(front: Front, publish: CheckedPublish, stored: Packument | undefined): Promise<void> {
  const { name, version, attestations } = publish;
  if (stored !== undefined && Object.hasOwn(stored.versions, version)) {
    throw new Refusal(
      409,
      `${name}@${version} is published already, with integrity ${stored.versions[version]?.dist.integrity}`,
    );
  }
  const required = 2 * publish.size + JSON.stringify(stored ?? {}).length * 2;
  let isUnsettled = false;
  try {
    reserveSpace(front.folder.reserve, required);
    keepLatestUnset(front, publish, stored);
    if (attestations.length > 0) await front.attestations.put(name, version, attestations);
    isUnsettled = true;
    const { status, body } = await front.storage.send("PUT", `/${name.replace("/", "%2f")}`, publish.document);
    isUnsettled = false;
    if (status >= 300) throw new Refusal(status, messageOf(body));
  } catch (error) {
    // Without an answer the version may be stored, or be stored yet: the next start repairs what is half done.
    if (!isUnsettled) takeBack(front, publish);
    // verdaccio answers a full disk with a bare 500.
    if (error instanceof Refusal && error.status >= 500) reserveSpace(front.folder.reserve, required);
    throw error;
  }
  if ("latest" in publish.tags) front.unsetLatest.delete(name);
}

/** Marked before the publish: killed in between, a mark too many shows no `latest`, one too few a wrong one. */
function keepLatestUnset({ unsetLatest }: Front, { name, tags }: CheckedPublish, stored: Packument | undefined): void {
  const hasLatest = stored !== undefined && "latest" in viewTags(stored, { hideLatest: unsetLatest.has(name) });
  if (!hasLatest && !("latest" in tags)) unsetLatest.add(name);
}

function takeBack(front: Front, { name, version }: CheckedPublish): void {
  try {
    front.attestations.remove(name, version);
    repairPackage(front.folder, name);
  } catch {
    // On a disk this broken the next start repairs; the error under way says more.
  }
}

/** The error text in an answer of verdaccio. */
export function messageOf(body: Buffer): string {
  try {
    const { error } = JSON.parse(body.toString("utf8")) as { error?: unknown };
    return String(error);
  } catch {
    return "The registry's storage refused it";
  }
}
