/** How the audit policy gets into force. Honest where it cannot. */
import type { ClusterSettings } from "../../topology/schema";

const FLAGS = [
  "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
  "--audit-log-path=/var/log/kubernetes/audit.log",
];

const KUBEADM = `Copy policy.yaml to /etc/kubernetes/audit/ on every control-plane node, and add to the ClusterConfiguration:

    apiServer:
      extraArgs:
        - {name: audit-policy-file, value: /etc/kubernetes/audit/policy.yaml}
        - {name: audit-log-path, value: /var/log/kubernetes/audit.log}
      extraVolumes:
        - {name: audit-policy, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit, readOnly: true, pathType: Directory}
        - {name: audit-log, hostPath: /var/log/kubernetes, mountPath: /var/log/kubernetes, pathType: DirectoryOrCreate}
`;

const fixedByCloud = (cloud: string, what: string): string =>
  `${cloud} fixes the audit policy of its API server: this one cannot be put into force there.
What you can do: ${what}
Its bodies and levels are the cloud's; what this policy would log beyond them is not logged.
`;

const INSTRUCTIONS: Readonly<Record<ClusterSettings["distribution"], string>> = {
  kind: `Mount policy.yaml into the control-plane node and pass it on, in the file for \`kind create cluster --config\`:

    nodes:
      - role: control-plane
        extraMounts:
          - {hostPath: ./policy.yaml, containerPath: /etc/kubernetes/audit/policy.yaml, readOnly: true}
        kubeadmConfigPatches:
          - |
            kind: ClusterConfiguration
            apiServer:
              extraArgs:
                audit-policy-file: /etc/kubernetes/audit/policy.yaml
                audit-log-path: /var/log/kubernetes/audit.log
              extraVolumes:
                - {name: audit-policy, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit, readOnly: true, pathType: Directory}
                - {name: audit-log, hostPath: /var/log/kubernetes, mountPath: /var/log/kubernetes, pathType: DirectoryOrCreate}
`,
  kubeadm: KUBEADM,
  k3d: `Mount policy.yaml into the server nodes and pass it on:

    k3d cluster create \\
      --volume "$PWD/policy.yaml:/var/lib/rancher/k3s/server/audit/policy.yaml@server:*" \\
      --k3s-arg '--kube-apiserver-arg=audit-policy-file=/var/lib/rancher/k3s/server/audit/policy.yaml@server:*' \\
      --k3s-arg '--kube-apiserver-arg=audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log@server:*'
`,
  k3s: `Copy policy.yaml to /var/lib/rancher/k3s/server/audit/ on every server, and add to /etc/rancher/k3s/config.yaml:

    kube-apiserver-arg:
      - audit-policy-file=/var/lib/rancher/k3s/server/audit/policy.yaml
      - audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log
`,
  eks: fixedByCloud("EKS", "switch on the control plane log types `audit` and `authenticator`."),
  gke: fixedByCloud("GKE", "switch on Data Access audit logs for the Kubernetes Engine API."),
  aks: fixedByCloud(
    "AKS",
    "send the categories `kube-audit` and `kube-audit-admin` by a diagnostic setting.",
  ),
  other: `Start kube-apiserver with:

${FLAGS.map((flag) => `    ${flag}`).join("\n")}

Set cluster.distribution for steps that fit kind, kubeadm, k3d, k3s, EKS, GKE or AKS.
`,
};

/** Markdown text that stands beside the rendered policy. */
export function auditInstructions({ distribution }: ClusterSettings): string {
  return `# The audit policy

kube-apiserver reads it from a file when it starts. It is never applied with kubectl.

${INSTRUCTIONS[distribution]}`;
}
