/**
 * Where the API server is and how to log in, from a kubeconfig given as a path or as text.
 * Only what the sandbox's own kubeconfig uses: certificates and tokens, no login helpers.
 * Source: kubernetes.io/docs/reference/config-api/kubeconfig.v1.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";

export interface Connection {
  server: string;
  namespace: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  token?: string;
  serverName?: string;
  insecure: boolean;
}

interface Cluster {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "tls-server-name"?: string;
  "insecure-skip-tls-verify"?: boolean;
}

interface User {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
  exec?: unknown;
  "auth-provider"?: unknown;
}

interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

interface Kubeconfig {
  "current-context"?: string;
  clusters?: { name: string; cluster?: Cluster }[];
  users?: { name: string; user?: User }[];
  contexts?: { name: string; context?: Context }[];
}

export interface Choice {
  /** A path or the text itself; without it KUBECONFIG, then `~/.kube/config`. */
  kubeconfig: string | undefined;
  context: string | undefined;
  cluster: string | undefined;
}

export function connectionFrom(choice: Choice): Connection {
  const { config, folder, where } = read(choice.kubeconfig);
  const contextName = choice.context ?? config["current-context"];
  const context = config.contexts?.find(({ name }) => name === contextName)?.context;
  if (context === undefined) throw new Error(`${where} has no context "${contextName ?? ""}"`);
  const clusterName = choice.cluster ?? context.cluster;
  const cluster = config.clusters?.find(({ name }) => name === clusterName)?.cluster;
  if (cluster?.server === undefined)
    throw new Error(`${where} has no server for the cluster "${clusterName ?? ""}"`);
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {};
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    throw new Error(
      `${where} logs in with a helper program; the offline provider knows certificates and tokens only`,
    );
  }
  const bytes = (data: string | undefined, file: string | undefined): Buffer | undefined => {
    if (data !== undefined) return Buffer.from(data, "base64");
    return file === undefined ? undefined : readFileSync(resolve(folder, file));
  };
  const ca = bytes(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = bytes(user["client-certificate-data"], user["client-certificate"]);
  const key = bytes(user["client-key-data"], user["client-key"]);
  const token = user.token ?? bytes(undefined, user.tokenFile)?.toString("utf8").trim();
  const serverName = cluster["tls-server-name"];
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: context.namespace ?? "default",
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(token && { token }),
    ...(serverName && { serverName }),
  };
}

/** The entry of the cluster in use: what tells one cluster from another. Undefined when it cannot be told. */
export function activeCluster(choice: Choice): Cluster | undefined {
  try {
    const { config } = read(choice.kubeconfig);
    const contextName = choice.context ?? config["current-context"];
    const context = config.contexts?.find(({ name }) => name === contextName)?.context;
    if (context === undefined) return undefined;
    return config.clusters?.find(({ name }) => name === (choice.cluster ?? context.cluster))?.cluster;
  } catch {
    return undefined;
  }
}

function read(pathOrText: string | undefined): { config: Kubeconfig; folder: string; where: string } {
  const given = pathOrText || ambientPath();
  const path = given.startsWith("~/") ? join(homedir(), given.slice(2)) : given;
  const isText = given.includes("\n") || given.trimStart().startsWith("{");
  if (!isText && !existsSync(path)) throw new Error(`the kubeconfig ${path} does not exist`);
  const where = isText ? "the kubeconfig given" : `the kubeconfig ${path}`;
  const config: unknown = parse(isText ? given : readFileSync(path, "utf8"));
  if (typeof config !== "object" || config === null) throw new Error(`${where} is not a kubeconfig`);
  return { config: config as Kubeconfig, folder: isText ? process.cwd() : dirname(path), where };
}

function ambientPath(): string {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  return listed.find((path) => existsSync(path)) ?? listed[0] ?? join(homedir(), ".kube", "config");
}
