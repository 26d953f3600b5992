/**
 * kagent.dev/v1alpha2 RemoteMCPServer.
 * Source: kagent 0.10, go/api/config/crd/bases/kagent.dev_remotemcpservers.yaml.
 */
import { conditionColumn, definition } from "./crd";
import { flag, list, object, oneOf, required, rules, text } from "./schema";
import { allowedNamespaces, headersFrom, status, tls } from "./shared";

const specification = object(
  {
    allowedNamespaces,
    description: text(),
    headersFrom,
    protocol: { ...oneOf("SSE", "STREAMABLE_HTTP"), default: "STREAMABLE_HTTP" },
    sseReadTimeout: text(),
    terminateOnClose: flag({ default: true }),
    timeout: text({ default: "30s" }),
    tls,
    url: text({ minLength: 1 }),
  },
  {
    ...required("description", "url"),
    ...rules(
      [
        "spec.tls must be unset when spec.url has http:// scheme: a TLS opinion contradicts a plaintext URL. Either drop spec.tls, or use https:// / a scheme-less URL.",
        "!self.url.startsWith('http://') || !has(self.tls)",
      ],
      [
        "spec.allowedNamespaces must not permit cross-namespace access (from: All or from: Selector) when spec.tls.caCertSecretRef is set: a pinned CA Secret is mounted onto the consuming agent's pod and Kubernetes resolves it in the agent's namespace, not this RemoteMCPServer's. Use from: Same (the default), or remove the CA Secret reference.",
        "!(has(self.allowedNamespaces) && has(self.allowedNamespaces.from) && (self.allowedNamespaces.from == 'All' || self.allowedNamespaces.from == 'Selector') && has(self.tls) && has(self.tls.caCertSecretRef) && size(self.tls.caCertSecretRef) > 0)",
      ],
    ),
  },
);

export const remoteMcpServer = definition({
  group: "kagent.dev",
  kind: "RemoteMCPServer",
  plural: "remotemcpservers",
  shortNames: ["rmcps"],
  categories: ["kagent"],
  versions: [
    {
      name: "v1alpha2",
      spec: specification,
      status: status({
        discoveredTools: list(object({ description: text(), name: text() }, required("description", "name"))),
        secretHash: text(),
      }),
      columns: [
        { name: "Protocol", jsonPath: ".spec.protocol" },
        { name: "URL", jsonPath: ".spec.url" },
        conditionColumn("Accepted"),
      ],
    },
  ],
});
