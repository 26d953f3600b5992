/** The gateway between tenants, where a stack has one. */
import { GATEWAY_NAME, GATEWAY_NAMESPACE } from "../../topology/istio";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { flowsOf, networkPolicies } from "./flows";
import { ISTIO_NETWORKING, ISTIO_SECURITY } from "./kinds";
import { selected } from "./workloads";

const parts = (stack: StackIndex): readonly StackObject[] => [
  ...["Gateway", "VirtualService", "DestinationRule"].flatMap((kind) =>
    stack.in(ISTIO_NETWORKING, kind, GATEWAY_NAMESPACE),
  ),
  ...["AuthorizationPolicy", "RequestAuthentication"].flatMap((kind) =>
    stack.in(ISTIO_SECURITY, kind, GATEWAY_NAMESPACE).filter((object) => {
      const workload = selected(stack, GATEWAY_NAMESPACE, object.spec.at("selector"));
      return typeof workload === "object" && workload.kind === "gateway";
    }),
  ),
];

function agentsThrough(stack: StackIndex): readonly StackObject[] {
  return networkPolicies(stack).filter((policy) =>
    flowsOf(stack, policy).some(({ peer }) => peer.kind === "platform" && peer.workload === "gateway"),
  );
}

function found(stack: StackIndex): readonly StackObject[] {
  return [...parts(stack), ...agentsThrough(stack)];
}

/** An object that shows that delegations go through the gateway: any part of it, so that one that is missing is missed. */
export const gatewayWitness = (stack: StackIndex): StackObject | undefined => stack.derive(found)[0];

export const gatewayObject = (stack: StackIndex): StackObject | undefined =>
  stack.in(ISTIO_NETWORKING, "Gateway", GATEWAY_NAMESPACE).find(({ name }) => name === GATEWAY_NAME);
