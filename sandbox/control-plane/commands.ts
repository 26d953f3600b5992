import { createHash } from "node:crypto";
import type { CredentialFiles } from "./credentials";
import type { SandboxHome } from "./home";
import type { ProcessName } from "./state";

/** The binaries a control plane is made of. */
export type Binaries = Readonly<Record<ProcessName, { readonly path: string }>>;

/** How one process is started. */
export interface Command {
  name: ProcessName;
  binary: string;
  args: string[];
  cwd: string;
  /** Digest of all that shapes the process: when it differs from the running one's, that one is replaced. */
  fingerprint: string;
}

/**
 * etcd is reached through sockets in its own folder, which only the user can enter, and takes no port. Their
 * names are relative to the working directory that etcd and kube-apiserver share: kube-apiserver's etcd check
 * takes only the host part of a unix:// address, and absolute paths may exceed the 104 bytes of a socket address.
 */
const clientSocket = "unix://client.sock";
const peerSocket = "unix://peer.sock";

export function etcdCommand(home: SandboxHome, binaries: Binaries): Command {
  return command("etcd", home, binaries, [
    "--name=sandbox",
    "--data-dir=data",
    `--listen-client-urls=${clientSocket}`,
    `--advertise-client-urls=${clientSocket}`,
    `--listen-peer-urls=${peerSocket}`,
    `--initial-advertise-peer-urls=${peerSocket}`,
    `--initial-cluster=sandbox=${peerSocket}`,
    "--log-level=warn",
    // Writes need not wait for the disk: only a crash of the whole machine could cost the sandbox its data.
    "--unsafe-no-fsync",
  ]);
}

export function apiServerCommand(
  home: SandboxHome,
  binaries: Binaries,
  credentials: CredentialFiles,
  port: number,
  auditPolicy: string,
): Command {
  const args = [
    `--etcd-servers=${clientSocket}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    // Without these two it looks for an address of the machine, and fails where there is only loopback.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--cert-dir=${home.pki}`,
    `--token-auth-file=${credentials.tokens}`,
    "--anonymous-auth=false",
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    "--profiling=false",
    "--shutdown-watch-termination-grace-period=1s",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${credentials.serviceAccountKey}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
    `--audit-policy-file=${home.auditPolicy}`,
    `--audit-log-path=${home.auditLog}`,
    "--audit-log-maxsize=100",
    "--audit-log-maxbackup=1",
  ];
  return command("kube-apiserver", home, binaries, args, auditPolicy);
}

/** What makes namespaces, service accounts, quotas, ownership and admission policies work; workloads never run. */
const controllers = [
  "namespace-controller",
  "serviceaccount-controller",
  "serviceaccount-token-controller",
  "root-ca-certificate-publisher-controller",
  "garbage-collector-controller",
  "resourcequota-controller",
  "clusterrole-aggregation-controller",
  "validatingadmissionpolicy-status-controller",
];

export function controllerManagerCommand(
  home: SandboxHome,
  binaries: Binaries,
  credentials: CredentialFiles,
  kubeconfigFile: string,
  kubeconfigText: string,
): Command {
  const args = [
    `--kubeconfig=${kubeconfigFile}`,
    `--controllers=${controllers.join(",")}`,
    // Each controller acts with its own service account and rights, as in a kubeadm cluster.
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${credentials.serviceAccountKey}`,
    `--root-ca-file=${credentials.servingCertificate}`,
    "--leader-elect=false",
    // The default of 20 requests a second is meant for a shared API server, and slows down many namespaces.
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--secure-port=0",
    "--profiling=false",
  ];
  return command("kube-controller-manager", home, binaries, args, kubeconfigText);
}

function command(
  name: ProcessName,
  home: SandboxHome,
  binaries: Binaries,
  args: string[],
  read = "",
): Command {
  const binary = binaries[name].path;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([binary, args, home.etcd, read]))
    .digest("hex");
  return { name, binary, args, cwd: home.etcd, fingerprint };
}
