import { versions } from "../versions";
import type { Platform } from "./platform";

/** Who publishes a binary, and where. */
export interface Publisher {
  base: string;
  /** Variable that names another base with the same files below it. */
  mirrorVariable: string;
}

/** A file that a publisher offers for one platform, relative to its base. */
export interface Release {
  file: string;
  /** The publisher's list of SHA-256 sums that covers the file. */
  checksums: string;
  /**
   * For an archive, its folder that holds the binary. `whole` keeps everything beside it, because the binary
   * looks for its companions there.
   */
  archive?: { folder: string; whole: boolean };
}

/** A main package to build, in a module of `sandbox/builds`. */
export interface Build {
  module: string;
  package: string;
  /** String variables that the linker sets, as the publisher's own builds do. */
  variables: Record<string, string>;
}

export interface Entry {
  version: string;
  /** Variable that names the binary outright. */
  variable: string;
  publisher: Publisher;
  /** Undefined where the publisher offers none. */
  release(platform: Platform): Release | undefined;
  build?: Build;
  /** Nothing needs it: any version found on the PATH will do, and none at all is no error. */
  optional?: boolean;
}

const kubernetes: Publisher = { base: "https://dl.k8s.io", mirrorVariable: "KAGENT_A2A_KUBERNETES_MIRROR" };
const etcd: Publisher = {
  base: "https://github.com/etcd-io/etcd/releases/download",
  mirrorVariable: "KAGENT_A2A_ETCD_MIRROR",
};
const pulumi: Publisher = {
  base: "https://github.com/pulumi/pulumi/releases/download",
  mirrorVariable: "KAGENT_A2A_PULUMI_MIRROR",
};

const istio: Publisher = {
  base: "https://github.com/istio/istio/releases/download",
  mirrorVariable: "KAGENT_A2A_ISTIO_MIRROR",
};
/** Only as images, so there is nothing to download. */
const imagesOnly = () => undefined;

const serverArchitectures = ["amd64", "arm64", "ppc64le", "s390x"];
const laptopArchitectures = ["amd64", "arm64"];

function kubernetesRelease(name: string, { os, arch }: Platform): Release {
  const file = `${versions.kubernetes}/bin/${os}/${arch}/${name}`;
  return { file, checksums: `${file}.sha256` };
}

function kubernetesServer(name: string, variable: string): Entry {
  const [major = "", minor = ""] = versions.kubernetes.slice(1).split(".");
  return {
    version: versions.kubernetes,
    variable,
    publisher: kubernetes,
    release: (platform) =>
      platform.os === "linux" && serverArchitectures.includes(platform.arch)
        ? kubernetesRelease(name, platform)
        : undefined,
    build: {
      module: "kubernetes",
      package: `k8s.io/kubernetes/cmd/${name}`,
      variables: {
        "k8s.io/component-base/version.gitVersion": versions.kubernetes,
        "k8s.io/component-base/version.gitMajor": major,
        "k8s.io/component-base/version.gitMinor": minor,
      },
    },
  };
}

function meshBinary(name: string, variable: string): Entry {
  return {
    version: versions.istio,
    variable,
    publisher: istio,
    release: imagesOnly,
    build: {
      module: "istio",
      package: `istio.io/istio/pilot/cmd/${name}`,
      variables: { "istio.io/istio/pkg/version.buildVersion": versions.istio },
    },
  };
}

/** Every binary the sandbox and the lab run, and where it can come from. */
export const catalogue = {
  etcd: {
    version: versions.etcd,
    variable: "KAGENT_A2A_ETCD",
    publisher: etcd,
    release: ({ os, arch }) => {
      const folder = `etcd-${versions.etcd}-${os}-${arch}`;
      if (!(os === "linux" ? serverArchitectures : laptopArchitectures).includes(arch)) return undefined;
      return {
        file: `${versions.etcd}/${folder}.${os === "linux" ? "tar.gz" : "zip"}`,
        checksums: `${versions.etcd}/SHA256SUMS`,
        archive: { folder, whole: false },
      };
    },
    build: { module: "etcd", package: "go.etcd.io/etcd/server/v3", variables: {} },
  },
  "kube-apiserver": kubernetesServer("kube-apiserver", "KAGENT_A2A_KUBE_APISERVER"),
  "kube-controller-manager": kubernetesServer(
    "kube-controller-manager",
    "KAGENT_A2A_KUBE_CONTROLLER_MANAGER",
  ),
  kubectl: {
    version: versions.kubernetes,
    variable: "KAGENT_A2A_KUBECTL",
    publisher: kubernetes,
    release: (platform) =>
      (platform.os === "linux" ? serverArchitectures : laptopArchitectures).includes(platform.arch)
        ? kubernetesRelease("kubectl", platform)
        : undefined,
    optional: true,
  },
  pulumi: {
    version: versions.pulumi,
    variable: "KAGENT_A2A_PULUMI",
    publisher: pulumi,
    release: ({ os, arch }) => {
      if (!laptopArchitectures.includes(arch)) return undefined;
      const file = `pulumi-${versions.pulumi}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`;
      return {
        file: `${versions.pulumi}/${file}`,
        checksums: `${versions.pulumi}/pulumi-${versions.pulumi.slice(1)}-checksums.txt`,
        archive: { folder: "pulumi", whole: true },
      };
    },
    build: {
      module: "pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": versions.pulumi },
    },
  },
  "pilot-discovery": meshBinary("pilot-discovery", "KAGENT_A2A_PILOT_DISCOVERY"),
  "pilot-agent": meshBinary("pilot-agent", "KAGENT_A2A_PILOT_AGENT"),
  "kube-network-policies": {
    version: versions.networkPolicies,
    variable: "KAGENT_A2A_KUBE_NETWORK_POLICIES",
    publisher: {
      base: "https://github.com/kubernetes-sigs/kube-network-policies/releases/download",
      mirrorVariable: "KAGENT_A2A_NETWORK_POLICIES_MIRROR",
    },
    release: imagesOnly,
    build: {
      module: "network-policies",
      package: "sigs.k8s.io/kube-network-policies/cmd",
      variables: {},
    },
  },
  /** Another evaluator of NetworkPolicies, which tests hold ours against. */
  "netpol-analyzer": {
    version: versions.netpolAnalyzer,
    variable: "KAGENT_A2A_NETPOL_ANALYZER",
    publisher: {
      base: "https://github.com/np-guard/netpol-analyzer/releases/download",
      mirrorVariable: "KAGENT_A2A_NETPOL_ANALYZER_MIRROR",
    },
    release: () => undefined,
    build: {
      module: "netpol-analyzer",
      package: "github.com/np-guard/netpol-analyzer/cmd/netpolicy",
      variables: {},
    },
  },
} as const satisfies Record<string, Entry>;

export type BinaryName = keyof typeof catalogue;

export function entryOf(name: BinaryName): Entry {
  return catalogue[name];
}
