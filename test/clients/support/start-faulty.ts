import {
  type RequestFault,
  type SimulatedRequest,
  type SimulatorServer,
  startSimulatorServer,
} from "@hxp/engine-simulator";
import { expect, onTestFinished } from "vitest";
import { type FrontDoor, type FrontDoorOptions, startFrontDoor, until } from "./start-front-door.ts";

/** A simulator that does what the test tells it, behind the gateway. */
export interface Faulty extends FrontDoor {
  readonly model: "simulator";
  readonly simulator: SimulatorServer;
  /** The statuses that the engine answered with, by its log. */
  readonly statuses: () => readonly (number | undefined)[];
  /** Waits until the engine's log says that the client of its latest request has left, and all is given back. */
  aborted(): Promise<SimulatedRequest>;
}

/** What is different from the usual. */
export interface FaultyOptions extends Omit<FrontDoorOptions, "models"> {
  readonly fault?: RequestFault;
  /** Of the simulator. Default 8,192. */
  readonly contextLength?: number;
}

/** Starts both; they end with the test. */
export async function startFaulty({ fault, contextLength, ...options }: FaultyOptions = {}): Promise<Faulty> {
  const simulator = await startSimulatorServer({ requestFault: fault, contextLength, answerTokens: [20, 20] });
  onTestFinished(() => simulator.close());
  const upstreams = [{ url: `${simulator.url}/v1`, continuousUsage: true }];
  const door = await startFrontDoor({ models: { simulator: { upstreams } }, ...options });
  onTestFinished(() => door.gateway.close());
  return {
    ...door,
    model: "simulator",
    simulator,
    statuses: () => simulator.requests.map(({ status }) => status),
    aborted: async () => {
      const request = simulator.requests.at(-1);
      if (request === undefined) throw new Error("Nothing has reached the engine");
      await until(() => expect(request.abortedAt).toBeDefined());
      await until(() => expect(simulator.metrics().running).toBe(0));
      await door.idle();
      return request;
    },
  };
}

/** The first requests fail with a status, the rest is answered. */
export function failFirst(
  count: number,
  fault: RequestFault,
): (question: { index: number }) => RequestFault | undefined {
  return ({ index }) => (index < count ? fault : undefined);
}
