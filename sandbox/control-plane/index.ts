export type { Binaries } from "./commands";
export { SandboxHome } from "./home";
export { type ControlPlane, type StartOptions, startControlPlane } from "./start";
export { type ProcessName, processNames } from "./state";
export { type ControlPlaneStatus, controlPlaneStatus } from "./status";
export { stopControlPlane } from "./stop";
