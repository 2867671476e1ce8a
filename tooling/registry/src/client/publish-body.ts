import { createHash } from "node:crypto";
import type { JsonObject, ReleasedPackage } from "../released-package.ts";

/** What {@link createPublishBody} takes. */
export interface PublishBodyOptions {
  readonly tag: string;
  /** The registry's URL, ending with a slash. */
  readonly url: string;
}

/**
 * The document that `npm publish` sends (libnpmpublish 12): packument, tarball and attestations in one. npm has room
 * for one `.sigstore` attachment; further ones get a number, which registries other than ours refuse.
 */
export function createPublishBody(pkg: ReleasedPackage, tarball: Buffer, options: PublishBodyOptions): JsonObject {
  const { name, version, manifest, access, signatures } = pkg;
  const file = `${name}-${version}.tgz`;
  const dist = {
    integrity: pkg.integrity,
    shasum: createHash("sha1").update(tarball).digest("hex"),
    // npm writes http here whatever the registry speaks; registries replace it by their own address.
    tarball: new URL(`${name}/-/${file}`, options.url).href.replace(/^https:\/\//, "http://"),
    ...(signatures.length === 0 ? {} : { signatures }),
  };
  return {
    _id: name,
    name,
    description: manifest["description"],
    "dist-tags": { [options.tag]: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    access,
    _attachments: {
      [file]: {
        content_type: "application/octet-stream",
        data: tarball.toString("base64"),
        length: tarball.length,
      },
      ...createAttestationAttachments(pkg),
    },
  };
}

function createAttestationAttachments({ name, version, attestations }: ReleasedPackage): JsonObject {
  const attachments = attestations.map(({ bundle }, index) => {
    const data = JSON.stringify(bundle);
    const mediaType = "mediaType" in bundle ? String(bundle.mediaType) : "application/octet-stream";
    const suffix = index === 0 ? "" : `.${index + 1}`;
    return [`${name}-${version}${suffix}.sigstore`, { content_type: mediaType, data, length: data.length }] as const;
  });
  return Object.fromEntries(attachments);
}
