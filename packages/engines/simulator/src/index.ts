export { createSimulatorEngine } from "./engine/create-simulator-engine.ts";
export { createManualClock, systemClock } from "./engine/clock.ts";
export { startSimulatorServer } from "./server/start-simulator-server.ts";
export { flapping, seededFaults } from "./server/request-fault.ts";
export type { ManualClock, SimulatorClock } from "./engine/clock.ts";
export type { EngineFault, SimulatorOptions, SimulatorSettings } from "./engine/simulator-options.ts";
export type { FaultQuestion, FaultSchedule, RequestFault } from "./server/request-fault.ts";
export type { SimulatedRequest } from "./server/request-log.ts";
export type { SimulatorServer, SimulatorServerOptions } from "./server/start-simulator-server.ts";
