import { rule } from "../../framework/rule";
import { flowsOf, networkPolicies } from "../../reading/flows";

export const noOpenPeers = rule({
  name: "network-no-open-peers",
  layer: "network",
  severity: "critical",
  description:
    "Each peer is a set of pods named by namespace and labels, or an address range; each rule names its ports.",
  why: "An empty list or peer means everybody, a namespace selector on a free label means whoever labels themselves so, and no ports means all of them.",
  remediation: [
    "Write each peer as:",
    "  - namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [team-alpha]}]}",
    "    podSelector: {matchLabels: {app: kagent, kagent: orchestrator}}",
    "and below it:",
    "  ports: [{protocol: TCP, port: 8080}]",
  ],
  subjects: networkPolicies,
  *check(policy, stack) {
    for (const { field, peer, ports } of flowsOf(stack, policy)) {
      if (peer.kind === "open")
        yield field.finding("admits more than one named set of pods. Name namespace and pod labels.");
      if (peer.kind === "agents")
        for (const id of peer.missing)
          yield field.finding(`names ${id}, and there is no such Agent in this stack. Remove it.`);
      if (ports.length === 0) yield field.finding("is admitted on every port. Name the ports.");
      for (const port of ports)
        if (!/^(TCP|UDP)\/\d+$/.test(port))
          yield field.finding("is admitted on a range or name of ports. Write each as a number.");
    }
  },
});
