export { createSimulatorEngine } from "./engine/create-simulator-engine.ts";
export { createManualClock, systemClock } from "./engine/clock.ts";
export type { ManualClock, SimulatorClock } from "./engine/clock.ts";
export type { EngineFault, SimulatorOptions, SimulatorSettings } from "./engine/simulator-options.ts";
