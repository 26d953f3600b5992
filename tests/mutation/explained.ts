/** Mutants that the pack lets pass, each with the reason. An explanation that no mutant needs any more fails the run. */
export interface Explanation {
  readonly name: RegExp;
  readonly reason: string;
}

const SAME_FLOW = "adds what another policy of the stack already allows, so nothing is weaker";

export const EXPLAINED: readonly Explanation[] = [
  {
    name: /^ServiceEntry .*\+ "collector\.example\.com"$/,
    reason: "which hosts a model is reached by is configuration, and no other object of the stack says it",
  },
  {
    name: /^NetworkPolicy kagent\/kagent-controller\S*: spec\.ingress\[0\]\.from \+ (orchestrator|specialist|ui)$/,
    reason: `${SAME_FLOW}: every agent and the UI may reach the controller on this port`,
  },
  {
    name: /^NetworkPolicy team-alpha\/agent-orchestrator: spec\.egress\[\d\]\.to \+ (gateway|controller)$/,
    reason: `${SAME_FLOW}: a caller may reach both the controller and the gateway, on the same port`,
  },
  {
    name: /^AuthorizationPolicy kagent\/kagent-controller\.team-\w+: .*principals (\+|=) .*(orchestrator-sa|specialist-sa|kagent-ui)"\]?$/,
    reason: `${SAME_FLOW}: every agent may call these paths, and the UI every path`,
  },
  {
    name: /^Release istio-system\/istiod: values\.global\.proxy\.clusterDomain = /,
    reason: "the cluster's domain is configuration; with another one the names of Services lead nowhere",
  },
  {
    name: /^Release kagent\/kagent: values\.database\.postgres\.urlFile = /,
    reason: "where the controller reads the address of its database: without it, it does not start",
  },
  {
    name: /^Issuer external-secrets\/webhook-authority: dropped$/,
    reason: "the webhook of External Secrets gets no certificate then, and refuses everything",
  },
  {
    name: /^Certificate istio-system\/mesh-intermediate: (dropped|spec\.isCA removed|spec\.secretName = )/,
    reason:
      "whether the mesh has an authority of its own is configuration: without one istiod signs by itself",
  },
  {
    name: /^AuthorizationPolicy kagent\/kagent-(controller|ui): spec\.rules\[0\]\.when\[0\]\.values /,
    reason: "demands the header that the same condition refuses, so nothing is let in",
  },
  {
    name: /^Release kagent\/kagent: values\.proxy removed$/,
    reason: "without a gateway the value is the chart's own: empty",
  },
  {
    name: /^RequestAuthentication team-beta\/agent-specialist: another key$/,
    reason:
      "without a gateway the one callee's keys are the only ones of the stack, and nothing can be held against them",
  },
  {
    name: /^Release istio-system\/istiod: values\.meshConfig\.outboundTrafficPolicy\.mode = "ALLOW_ANY"$/,
    reason:
      "whether the mesh knows every host is configuration (`platform.outboundTraffic`); NetworkPolicy bounds agents either way",
  },
];
