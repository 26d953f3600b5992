/** A privileged pod is refused in every governed namespace, by Pod Security itself. */
import { kagent } from "../../topology/index";
import { refused } from "./admission";
import { about, type Check, forEach } from "./check";

/** Nobody's label, so that even a pod that were kept would join nothing. */
const POD = "kagent-a2a-verify";
/** What Pod Security admission says (Kubernetes 1.33 to 1.37). */
export const VIOLATES = 'violates PodSecurity "restricted:';

export const podSecurity: readonly Check[] = [
  {
    layer: "pod-security",
    title: "a privileged pod is refused",
    run: ({ topology, cluster }) =>
      forEach([kagent.KAGENT_NAMESPACE, ...topology.tenants.map(({ name }) => name)], (namespace) =>
        about(namespace, async () => {
          const image = "example.invalid/none:1";
          const answer = await cluster.wouldCreate({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: POD, namespace },
            spec: { containers: [{ name: POD, image, securityContext: { privileged: true } }] },
          });
          return refused(namespace, VIOLATES, answer);
        }),
      ),
  },
];
