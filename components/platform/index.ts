/** Every Helm release of a stack, in the order of installation. Pure. */
import type { System, Topology } from "../../topology/index";
import { certManagerReleases } from "./cert-manager";
import { externalSecretsReleases } from "./external-secrets";
import { gatekeeperReleases } from "./gatekeeper";
import { gatewayRelease, istioReleases } from "./istio";
import { kagentCrdsRelease, kagentRelease } from "./kagent";
import type { PlannedRelease } from "./release";

export type { PlannedRelease, Values } from "./release";

/** Whether a stack has a use for the system, whoever installs it. */
export function isUsed(system: System, { admission, routing }: Topology): boolean {
  if (system === "gatekeeper") return admission === "gatekeeper";
  if (system === "gateway") return routing === "gateway";
  return true;
}

/** Whether the stack installs the system. */
export const isInstalled = (system: System, topology: Topology): boolean =>
  topology.platform[system].install && isUsed(system, topology);

export function releases(topology: Topology): PlannedRelease[] {
  return [
    ...certManagerReleases(topology),
    ...istioReleases(topology),
    ...gatekeeperReleases(topology),
    ...externalSecretsReleases(topology),
    kagentCrdsRelease(topology),
    gatewayRelease(topology),
    kagentRelease(topology),
  ].filter(({ system }) => isInstalled(system, topology));
}
