import { join } from "node:path";
import { execaNode } from "execa";

/** Which registry is to be served. */
export interface OpenRequest {
  /** Where its data lies. */
  folder: string;
  /** Folder of the trust whose keys it names. */
  trust: string;
  /** The version whose way to the channel tag is watched. */
  version: string;
}

/** A registry that is being served. */
export interface ServedRegistry {
  /** Ends with a slash. */
  url: string;
  token: string;
}

/** What was seen while it was served. */
export interface ClosedRegistry {
  /** When each package's channel tag came to the version, in milliseconds of the host's clock. */
  movedAt: number[];
}

/** A process that serves registries, one after the other, so that every contender meets the same, warm server. */
export interface RegistryHost extends AsyncDisposable {
  open(request: OpenRequest): Promise<ServedRegistry>;
  /** Closes the registry that is open. */
  close(): Promise<ClosedRegistry>;
}

/** Starts the process. Aborting the signal ends it. */
export function startRegistryHost(options: { env: NodeJS.ProcessEnv; signal: AbortSignal }): RegistryHost {
  const child = execaNode(join(import.meta.dirname, "registry-process.ts"), [], {
    nodeOptions: ["--conditions=@hxp/source", "--no-warnings"],
    env: options.env,
    extendEnv: false,
    cancelSignal: options.signal,
    ipc: true,
    stdio: ["ignore", "ignore", "inherit"],
    reject: false,
  });
  const ask = async (message: object): Promise<unknown> => {
    const [answer] = await Promise.all([child.getOneMessage(), child.sendMessage(message)]);
    return answer;
  };
  return {
    open: async (request) => (await ask(request)) as ServedRegistry,
    close: async () => (await ask({ close: true })) as ClosedRegistry,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child;
    },
  };
}
