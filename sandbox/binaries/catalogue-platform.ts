/** Binaries of the platform's systems, which the lab and the tests run. The sandbox itself needs none of them. */
import { versions } from "../versions";
import type { Entry, Publisher } from "./entry";

const helm: Publisher = { base: "https://get.helm.sh", mirrorVariable: "KAGENT_A2A_HELM_MIRROR" };
const gatekeeper: Publisher = {
  base: "https://github.com/open-policy-agent/gatekeeper/releases/download",
  mirrorVariable: "KAGENT_A2A_GATEKEEPER_MIRROR",
};
const istio: Publisher = {
  base: "https://github.com/istio/istio/releases/download",
  mirrorVariable: "KAGENT_A2A_ISTIO_MIRROR",
};

/** Published as images only, or without checksums, so there is nothing to download. */
const nothing = () => undefined;

const architectures = ["amd64", "arm64"];
const gatekeeperModule = "github.com/open-policy-agent/gatekeeper/v3";
const gatekeeperVersion = { [`${gatekeeperModule}/pkg/version.Version`]: versions.gatekeeper };

const istioVersion = { "istio.io/istio/pkg/version.buildVersion": versions.istio };

function meshBinary(name: string, variable: string): Entry {
  return {
    version: versions.istio,
    variable,
    publisher: istio,
    release: nothing,
    build: { module: "istio", package: `istio.io/istio/pilot/cmd/${name}`, variables: istioVersion },
  };
}

export const platformBinaries = {
  helm: {
    version: versions.helm,
    variable: "KAGENT_A2A_HELM",
    publisher: helm,
    release: ({ os, arch }) => {
      if (!architectures.includes(arch)) return undefined;
      const file = `helm-${versions.helm}-${os}-${arch}.tar.gz`;
      return {
        file,
        checksums: `${file}.sha256sum`,
        archive: { folder: `${os}-${arch}`, whole: false },
      };
    },
    build: {
      module: "helm",
      package: "helm.sh/helm/v3/cmd/helm",
      variables: { "helm.sh/helm/v3/internal/version.version": versions.helm },
    },
  },
  gatekeeper: {
    version: versions.gatekeeper,
    variable: "KAGENT_A2A_GATEKEEPER",
    publisher: gatekeeper,
    release: nothing,
    build: { module: "gatekeeper", package: gatekeeperModule, variables: gatekeeperVersion },
  },
  "cert-manager-controllers": {
    version: versions.certManager,
    variable: "KAGENT_A2A_CERT_MANAGER_CONTROLLERS",
    publisher: {
      base: "https://github.com/cert-manager/cert-manager/releases/download",
      mirrorVariable: "KAGENT_A2A_CERT_MANAGER_MIRROR",
    },
    release: nothing,
    // A main package of this project: see its comment.
    build: { module: "cert-manager", package: ".", variables: {} },
  },
  gator: {
    version: versions.gatekeeper,
    variable: "KAGENT_A2A_GATOR",
    publisher: gatekeeper,
    release: ({ os, arch }) => {
      if (!architectures.includes(arch)) return undefined;
      return {
        file: `${versions.gatekeeper}/gator-${versions.gatekeeper}-${os}-${arch}.tar.gz`,
        checksums: `${versions.gatekeeper}/sha256sums.txt`,
        archive: { folder: ".", whole: false },
      };
    },
    build: { module: "gatekeeper", package: `${gatekeeperModule}/cmd/gator`, variables: gatekeeperVersion },
  },
  istioctl: {
    version: versions.istio,
    variable: "KAGENT_A2A_ISTIOCTL",
    publisher: istio,
    release: ({ os, arch }) => {
      if (!architectures.includes(arch)) return undefined;
      const file = `${versions.istio}/istioctl-${versions.istio}-${os === "darwin" ? "osx" : os}-${arch}.tar.gz`;
      return { file, checksums: `${file}.sha256`, archive: { folder: ".", whole: false } };
    },
    build: { module: "istio", package: "istio.io/istio/istioctl/cmd/istioctl", variables: istioVersion },
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
    release: nothing,
    build: { module: "network-policies", package: "sigs.k8s.io/kube-network-policies/cmd", variables: {} },
  },
  kubelet: {
    // It is ours: what it can do, and in which edition, is in its name, so that a cache with an older one is not taken for it.
    version: `${versions.kubernetes}-exec-portforward-2`,
    variable: "KAGENT_A2A_KUBELET",
    publisher: {
      base: "https://dl.k8s.io",
      mirrorVariable: "KAGENT_A2A_KUBERNETES_MIRROR",
    },
    release: nothing,
    // A main package of this project: see its comment.
    build: { module: "kubelet", package: ".", variables: {} },
  },
  /** Other evaluators of NetworkPolicies, which tests hold ours against. */
  cyclonus: {
    version: versions.cyclonus,
    variable: "KAGENT_A2A_CYCLONUS",
    publisher: {
      base: "https://github.com/mattfenwick/cyclonus/releases/download",
      mirrorVariable: "KAGENT_A2A_CYCLONUS_MIRROR",
    },
    release: nothing,
    build: { module: "cyclonus", package: "github.com/mattfenwick/cyclonus/cmd/cyclonus", variables: {} },
  },
  "netpol-analyzer": {
    version: versions.netpolAnalyzer,
    variable: "KAGENT_A2A_NETPOL_ANALYZER",
    publisher: {
      base: "https://github.com/np-guard/netpol-analyzer/releases/download",
      mirrorVariable: "KAGENT_A2A_NETPOL_ANALYZER_MIRROR",
    },
    release: nothing,
    build: {
      module: "netpol-analyzer",
      package: "github.com/np-guard/netpol-analyzer/cmd/netpolicy",
      variables: {},
    },
  },
} as const satisfies Record<string, Entry>;
