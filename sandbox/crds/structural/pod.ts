/**
 * The parts of a pod that a kagent Agent takes. What this program writes, and what is small, is spelled out;
 * volumes, affinity and additional containers are taken as they are, because the real schema repeats thousands of
 * lines of the Kubernetes API there.
 * Source: kagent 0.10, kagent.dev_agents.yaml, which follows core/v1 of Kubernetes 1.34.
 */
import {
  atomic,
  atomicList,
  flag,
  int64,
  integer,
  list,
  mapOf,
  object,
  open,
  required,
  rules,
  type Schema,
  text,
  textMap,
} from "./schema";

const quantity: Schema = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  pattern:
    "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
  "x-kubernetes-int-or-string": true,
};

/** core/v1 references default their name to the empty string. */
const localName = text({ default: "" });
export const localReference = object({ name: localName }, atomic);
export const keyReference = object(
  { key: text(), name: localName, optional: flag() },
  { ...required("key"), ...atomic },
);

export const env = list(
  object(
    {
      name: text(),
      value: text(),
      valueFrom: object({
        configMapKeyRef: keyReference,
        secretKeyRef: keyReference,
        fieldRef: object({ apiVersion: text(), fieldPath: text() }, { ...required("fieldPath"), ...atomic }),
        fileKeyRef: object(
          { key: text(), optional: flag({ default: false }), path: text(), volumeName: text() },
          { ...required("key", "path", "volumeName"), ...atomic },
        ),
        resourceFieldRef: object(
          { containerName: text(), divisor: quantity, resource: text() },
          { ...required("resource"), ...atomic },
        ),
      }),
    },
    required("name"),
  ),
);

const envSource = object({ name: localName, optional: flag() }, atomic);
const envFrom = list(object({ configMapRef: envSource, prefix: text(), secretRef: envSource }));

export const resources = object({
  claims: list(object({ name: text(), request: text() }, required("name")), {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
  }),
  limits: mapOf(quantity),
  requests: mapOf(quantity),
});

const profile = object({ localhostProfile: text(), type: text() }, required("type"));

/** What pods and containers have in common. */
const security = {
  appArmorProfile: profile,
  runAsGroup: int64,
  runAsNonRoot: flag(),
  runAsUser: int64,
  seLinuxOptions: object({ level: text(), role: text(), type: text(), user: text() }),
  seccompProfile: profile,
  windowsOptions: object({
    gmsaCredentialSpec: text(),
    gmsaCredentialSpecName: text(),
    hostProcess: flag(),
    runAsUserName: text(),
  }),
};

const podSecurityContext = object({
  ...security,
  fsGroup: int64,
  fsGroupChangePolicy: text(),
  seLinuxChangePolicy: text(),
  supplementalGroups: atomicList(int64),
  supplementalGroupsPolicy: text(),
  sysctls: atomicList(object({ name: text(), value: text() }, required("name", "value"))),
});

const containerSecurityContext = object({
  ...security,
  allowPrivilegeEscalation: flag(),
  capabilities: object({ add: atomicList(text()), drop: atomicList(text()) }),
  privileged: flag(),
  procMount: text(),
  readOnlyRootFilesystem: flag(),
});

const toleration = object({
  effect: text(),
  key: text(),
  operator: text(),
  tolerationSeconds: int64,
  value: text(),
});

const volumeMount = object(
  {
    mountPath: text(),
    mountPropagation: text(),
    name: text(),
    readOnly: flag(),
    recursiveReadOnly: text(),
    subPath: text(),
    subPathExpr: text(),
  },
  required("mountPath", "name"),
);

/** How the Deployment of an Agent is made, with what one type of Agent adds to it. */
export function deployment(more: Record<string, Schema>): Schema {
  return object(
    {
      affinity: object({ nodeAffinity: open(), podAffinity: open(), podAntiAffinity: open() }),
      annotations: textMap,
      deploymentAnnotations: textMap,
      env,
      envFrom,
      extraContainers: list(open({ name: text() }, required("name"))),
      imagePullPolicy: text(),
      imagePullSecrets: list(localReference),
      labels: textMap,
      nodeSelector: textMap,
      podSecurityContext,
      replicas: integer({ format: "int32" }),
      resources,
      securityContext: containerSecurityContext,
      serviceAccountConfig: object({ annotations: textMap, labels: textMap }),
      serviceAccountName: text(),
      tolerations: list(toleration),
      volumeMounts: list(volumeMount),
      volumes: list(open({ name: text() }, required("name"))),
      ...more,
    },
    rules([
      "serviceAccountName and serviceAccountConfig are mutually exclusive",
      "!(has(self.serviceAccountName) && has(self.serviceAccountConfig))",
    ]),
  );
}
