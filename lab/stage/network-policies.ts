/**
 * The network policies: kube-network-policies (kubernetes-sigs, v0.8.0) judges every packet that the node puts into its queue.
 * Its own way to fill the queue needs nftables' queue expression, which not every kernel has; the node's iptables rules
 * do it instead.
 */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { LabError } from "../errors";
import { NODE } from "./manifests";

/** Where a pod finds its identity: in the lab's own mount namespace. */
const ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount";

export function startNetworkPolicies(binary: string, kubeconfig: string, log: string): void {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8"));
  const { server, "certificate-authority-data": authority } = clusters[0].cluster;
  mkdirSync(ACCOUNT, { recursive: true });
  writeFileSync(join(ACCOUNT, "token"), users[0].user.token, { mode: 0o600 });
  writeFileSync(join(ACCOUNT, "ca.crt"), Buffer.from(authority, "base64"));
  const { hostname, port } = new URL(server);
  const output = openSync(log, "a");
  const child = spawn(
    binary,
    [`--hostname-override=${NODE}`, "--disable-nri", "--metrics-bind-address=127.0.0.1:9080"],
    {
      stdio: ["ignore", output, output],
      env: { PATH: process.env.PATH, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    },
  );
  child.once("exit", (code) => {
    const words = readFileSync(log, "utf8").trim().split("\n").slice(-5);
    throw new LabError(`kube-network-policies ended with ${code}. It last said:`, ...words);
  });
}
