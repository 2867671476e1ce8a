import type { DrainReport, Service, ServiceOptions } from "@hxp/service";

/** What is known of a service's life after it ended. */
export interface Watched {
  readonly start: ServiceOptions["start"];
  /** Why it could not start, or its first request was not answered. */
  failure(): unknown;
  /** How the requests of its drain ended. */
  report(): DrainReport | undefined;
}

/** Runs a service as it is and remembers how its start and its end went. */
export function watchService(start: ServiceOptions["start"]): Watched {
  let failure: unknown;
  let report: DrainReport | undefined;
  const remember = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  return {
    start: async (context) => {
      const service = await remember(() => start(context));
      return {
        ...bind(service),
        ...(service.prove && { prove: (signal) => remember(async () => service.prove?.(signal)) }),
        ...(service.drain && {
          drain: async (drain) => {
            report = (await service.drain?.(drain)) ?? { completed: 0, cut: 0, left: 0 };
            return report;
          },
        }),
      };
    },
    failure: () => failure,
    report: () => report,
  };
}

function bind(service: Service): Service {
  return {
    ...(service.whyUnready && { whyUnready: () => service.whyUnready?.() }),
    ...(service.progress && { progress: () => service.progress?.() ?? { pending: 0, done: 0 } }),
    ...(service.stop && { stop: () => service.stop?.() }),
  };
}
