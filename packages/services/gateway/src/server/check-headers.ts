import type { IncomingMessage } from "node:http";
import { HxpError } from "@hxp/errors";

const maxHeaders = 100;

/**
 * Refuses requests whose headers can be read in two ways. The parser has refused broken framing already; this is about what it lets pass.
 * Throws REQUEST_INVALID or HEADERS_TOO_LARGE.
 */
export function checkHeaders({ rawHeaders }: IncomingMessage): void {
  if (rawHeaders.length > maxHeaders * 2) {
    throw new HxpError("HEADERS_TOO_LARGE", `The request has more than ${maxHeaders} headers.`);
  }
  let authorizations = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === "authorization") authorizations += 1;
  }
  if (authorizations > 1) throw new HxpError("REQUEST_INVALID", "The request has more than one authorization header.");
}

/** Refuses bodies that are not plain JSON. Throws CONTENT_TYPE_UNSUPPORTED. */
export function checkContentType({ headers }: IncomingMessage): void {
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  const isJson = type === "application/json" || (type !== undefined && jsonType.test(type));
  if (!isJson) {
    throw new HxpError("CONTENT_TYPE_UNSUPPORTED", "The content-type of the body must be application/json.");
  }
  if (encoding !== undefined && encoding !== "identity") {
    throw new HxpError("CONTENT_TYPE_UNSUPPORTED", "The body must have no content-encoding.");
  }
}

const jsonType = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
