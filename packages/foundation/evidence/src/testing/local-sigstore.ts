/**
 * A sigstore on the loopback interface, from the handlers of @sigstore/mock, as a program of its own: importing that
 * package patches node:http, which breaks the clients under test in the same process. Run with NOCK_OFF=true.
 * Writes one line of JSON, `{url, trustedRoot}`, when it is up, and ends with its standard input.
 */
import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from "@sigstore/protobuf-specs";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from "@sigstore/mock";

type Handler = ReturnType<typeof fulcioHandler>;

const started = Date.now();
const validFor = { start: new Date(started - 60_000), end: undefined };
const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => void announce());

const handlers = new Map<string, Handler["fn"]>();

async function announce(): Promise<void> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ctlog = await initializeCTLog(newKey());
  const authority = await initializeCA(newKey(), ctlog);
  const unlogged = await initializeCA(newKey());
  const rekor = await initializeTLog(url, newKey());
  // On a whole second, and after the second in which the authorities' own certificates begin to count.
  const stampedAt = (Math.ceil(Date.now() / 1000) + 1) * 1000;
  const whole = await initializeTSA(newKey(), new Date(stampedAt));
  const fraction = await initializeTSA(newKey(), new Date(stampedAt + 120));
  route("", fulcioHandler(authority));
  route("/unlogged", fulcioHandler(unlogged));
  route("", rekorHandler(rekor));
  route("/whole", tsaHandler(whole));
  route("/fraction", tsaHandler(fraction));
  const trustedRoot = TrustedRoot.toJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    certificateAuthorities: [authority, unlogged].map((ca) => toAuthority(url, [ca.rootCertificate])),
    timestampAuthorities: [whole, fraction].map((tsa) => toAuthority(url, [tsa.intCertificate, tsa.rootCertificate])),
    tlogs: [toLog(url, rekor.publicKey)],
    ctlogs: [toLog(url, ctlog.publicKey)],
  });
  process.stdout.write(`${JSON.stringify({ url, trustedRoot })}\n`);
  process.stdin.resume().on("end", () => process.exit(0));
}

function route(prefix: string, handler: Handler): void {
  handlers.set(`${prefix}${handler.path}`, handler.fn);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const handler = handlers.get(request.url ?? "");
  if (handler === undefined) {
    response.writeHead(404).end();
    return;
  }
  const result = await handler(Buffer.concat(chunks).toString("utf8"));
  response.writeHead(result.statusCode, { "content-type": result.contentType ?? "text/plain" }).end(result.response);
}

function toAuthority(uri: string, certificates: ArrayBufferView[]): TrustedRoot["certificateAuthorities"][number] {
  const chain = certificates.map((view) => ({ rawBytes: Buffer.from(view.buffer, view.byteOffset, view.byteLength) }));
  const subject = { commonName: "sigstore", organization: "sigstore.mock" };
  return { subject, uri, certChain: { certificates: chain }, validFor, operator: "" };
}

function toLog(baseUrl: string, publicKey: Buffer): TrustedRoot["tlogs"][number] {
  return {
    baseUrl,
    logId: { keyId: createHash("sha256").update(publicKey).digest() },
    checkpointKeyId: undefined,
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: { rawBytes: publicKey, keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256, validFor },
    operator: "",
  };
}

function newKey(): ReturnType<typeof generateKeyPairSync> {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}
