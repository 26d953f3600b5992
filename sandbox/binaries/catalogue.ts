import { versions } from "../versions";
import { platformBinaries } from "./catalogue-platform";
import type { Build, Entry, Publisher, Release } from "./entry";
import type { Platform } from "./platform";

const kubernetes: Publisher = { base: "https://dl.k8s.io", mirrorVariable: "KAGENT_A2A_KUBERNETES_MIRROR" };
const etcd: Publisher = {
  base: "https://github.com/etcd-io/etcd/releases/download",
  mirrorVariable: "KAGENT_A2A_ETCD_MIRROR",
};
const pulumi: Publisher = {
  base: "https://github.com/pulumi/pulumi/releases/download",
  mirrorVariable: "KAGENT_A2A_PULUMI_MIRROR",
};

const serverArchitectures = ["amd64", "arm64", "ppc64le", "s390x"];
const laptopArchitectures = ["amd64", "arm64"];

function kubernetesRelease(name: string, { os, arch }: Platform): Release {
  const file = `${versions.kubernetes}/bin/${os}/${arch}/${name}`;
  return { file, checksums: `${file}.sha256` };
}

function kubernetesBuild(name: string): Build {
  const [major = "", minor = ""] = versions.kubernetes.slice(1).split(".");
  return {
    module: "kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    variables: {
      "k8s.io/component-base/version.gitVersion": versions.kubernetes,
      "k8s.io/component-base/version.gitMajor": major,
      "k8s.io/component-base/version.gitMinor": minor,
    },
  };
}

function kubernetesServer(name: string, variable: string): Entry {
  return {
    version: versions.kubernetes,
    variable,
    publisher: kubernetes,
    release: (platform) =>
      platform.os === "linux" && serverArchitectures.includes(platform.arch)
        ? kubernetesRelease(name, platform)
        : undefined,
    build: kubernetesBuild(name),
  };
}

/** Every binary the sandbox, the lab and the tests run, and where it can come from. */
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
    build: kubernetesBuild("kubectl"),
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
  ...platformBinaries,
} as const satisfies Record<string, Entry>;

export type BinaryName = keyof typeof catalogue;

export function entryOf(name: BinaryName): Entry {
  return catalogue[name];
}
