// Serves the folder named by its first argument and prints url and token; the tests kill it.
import { startEmbeddedRegistry } from "@hxp/release-registry";

const [folder = ""] = process.argv.slice(2);
const { url, token } = await startEmbeddedRegistry({
  folder,
  localNames: (name) => name.startsWith("@local/"),
  keys: () => [],
});
process.stdout.write(`${JSON.stringify({ url, token })}\n`);
