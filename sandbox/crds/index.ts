export type { Crd } from "./crd";
export { type CrdGroup, crdGroups } from "./groups";
export { type InstalledCrds, installCrds } from "./install";
export { type LoadedCrds, type LoadOptions, loadCrds } from "./load";
