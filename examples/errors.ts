import { HxpError, isHxpError, toHxpError } from "@hxp/errors";

try {
  throw new HxpError("LEASE_HELD", "release is held by process 4711 on build-1", { details: { pid: 4711 } });
} catch (thrown) {
  const error = toHxpError(thrown);
  if (isHxpError(error, "LEASE_HELD")) console.log(`${error.message}\n→ ${error.hint}`);
  console.log({ exitCode: error.exitCode, status: error.status, retryable: error.retryable });
}
