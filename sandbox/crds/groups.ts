/** Which CustomResourceDefinitions the sandbox knows, and where the files of each group come from. */
import type { Crd } from "./crd";
import * as structural from "./structural";

export const crdGroups = ["istio", "kagent", "gatekeeper", "cert-manager", "external-secrets"] as const;
export type CrdGroup = (typeof crdGroups)[number];

export interface Source {
  version: string;
  /** The release's repository on GitHub and the folder in it that holds `files`. */
  repository: string;
  tag: string;
  folder: string;
  /**
   * SHA-256 of each file. The projects publish none for these files: they are computed from the Go module of the
   * same tag, whose hash go.sum pins. Undefined where no Go module carries the file.
   */
  files: Readonly<Record<string, string | undefined>>;
  /** A Go module with the same folder, pinned in the module file of `build`. */
  goModule?: string;
  /** Folder of builds/; `crds` unless told. */
  build?: string;
  /** What stands in when the official files cannot be had. */
  structural?: readonly Crd[];
}

export const sources: Readonly<Record<CrdGroup, Source>> = {
  istio: {
    version: "1.31.4",
    repository: "istio/api",
    tag: "v1.31.4",
    folder: "kubernetes",
    goModule: "istio.io/api",
    files: {
      "customresourcedefinitions.gen.yaml":
        "c0ad59e008658765412badb836e73a523a355e3d792a32ad3c0711a728be5aff",
    },
  },
  kagent: {
    version: "0.10.4",
    repository: "kagent-dev/kagent",
    tag: "v0.10.4",
    folder: "go/api/config/crd/bases",
    files: {
      "kagent.dev_agentharnesses.yaml": undefined,
      "kagent.dev_agents.yaml": undefined,
      "kagent.dev_modelconfigs.yaml": undefined,
      "kagent.dev_remotemcpservers.yaml": undefined,
      "kagent.dev_sandboxagents.yaml": undefined,
    },
    structural: [
      structural.agent,
      structural.agentHarness,
      structural.modelConfig,
      structural.remoteMcpServer,
      structural.sandboxAgent,
    ],
  },
  gatekeeper: {
    version: "3.23.1",
    repository: "open-policy-agent/gatekeeper",
    tag: "v3.23.1",
    folder: "charts/gatekeeper/crds",
    goModule: "github.com/open-policy-agent/gatekeeper/v3",
    files: {
      "assign-customresourcedefinition.yaml":
        "701e69df5a12599d13033aff0133f36338cdd66426635dc955d92675409e931c",
      "assignimage-customresourcedefinition.yaml":
        "f66d9883f636a5dfa4a4ec090957aee88bdd636f2db90d80acd5a67bbb0e073b",
      "assignmetadata-customresourcedefinition.yaml":
        "d84a4bb3cf60c2276061afcffbfe193ce756b9665a4db0c42a56bacd8e88131f",
      "config-customresourcedefinition.yaml":
        "57275b6324bd9440a999aa00ee21d3b421a5334d08a2d3d74b197bef382842aa",
      "configpodstatus-customresourcedefinition.yaml":
        "a75a0aaacb791c3245818628c4f74705395b73ae66cdf7d881571e2bcf35c5de",
      "connection-customresourcedefinition.yaml":
        "2db43f9b32a810446d73b384772f5a925c9193584809ab1859894f16c3998674",
      "connectionpodstatus-customresourcedefinition.yaml":
        "e6d2d40c5767fb6853b97da9c0dcbe1220acc7afec56c405152d02c94630e5e4",
      "constraintpodstatus-customresourcedefinition.yaml":
        "1fd59b7ef318198809cc38deaf1bf767977ea0a876b1254dedd7f3b203c864c1",
      "constrainttemplate-customresourcedefinition.yaml":
        "17006cca906a2d06c0d9db6bac46ef6e6b97d31db9270ed274cc0b45d8502f6d",
      "constrainttemplatepodstatus-customresourcedefinition.yaml":
        "f8d8a1d55a971541254dc83d6d161699bcb06a72328ef540f18575a00429e192",
      "expansiontemplate-customresourcedefinition.yaml":
        "99397c44c105be05e06b33249f3c187a55dbaf12964f2f53663d2cdb5f5cdb76",
      "expansiontemplatepodstatus-customresourcedefinition.yaml":
        "94130dcfa2a25dbaa68bec79ba8b513d95bb8c6f2acfce6e87b7a8b158a6182e",
      "modifyset-customresourcedefinition.yaml":
        "ccd399d821599bc57a1f92877e3e3ec2ea5783a7644ebe9c6bb98855eee1d141",
      "mutatorpodstatus-customresourcedefinition.yaml":
        "c90873b4ceedc1f89e705b52a94e4e50dbe38f131db9f557721a65314fa65695",
      "provider-customresourcedefinition.yaml":
        "f5b2e4c732285c0bc58e4ecc4d802de0041a2648b7bd83daed5bacc61011f254",
      "providerpodstatus-customresourcedefinition.yaml":
        "3eec1897a1b4fa751f44d81e7118ab344a31d75e3d48a4f7353cb6dfc12ff22e",
      "syncset-customresourcedefinition.yaml":
        "b64be2a7348f529eac2ed0c5022c9c8e062ce9be8ddf0b3a0b587bcf742a1b36",
    },
  },
  "cert-manager": {
    version: "1.21.2",
    repository: "cert-manager/cert-manager",
    tag: "v1.21.2",
    folder: "deploy/crds",
    goModule: "github.com/cert-manager/cert-manager",
    files: {
      "acme.cert-manager.io_challenges.yaml":
        "dff7542a2ee6581e3963a076410212ad3207201b70df8a328aa50826d569161c",
      "acme.cert-manager.io_orders.yaml": "b1e9c938b9724482cc0612aac949b40e062001fc9732234c591f24cb9ffc5ca7",
      "cert-manager.io_certificaterequests.yaml":
        "74cf3801ab146a1745498de5f3b619cde6f2dc89ae03755084be08129ce726c3",
      "cert-manager.io_certificates.yaml": "7ad91029c00ec959d54215b19d3b1a9b7e0247eaa60f987151c2b70d8661f8af",
      "cert-manager.io_clusterissuers.yaml":
        "30008001b78aafb8e110af61359561104b5fafc3a4dc6ac0013245d0ee3fe4ca",
      "cert-manager.io_issuers.yaml": "05e37efb02777e0362d24269fa103c2fc11419f9c85e31854ef873e5d9e5c5cc",
    },
  },
  "external-secrets": {
    version: "2.9.0",
    repository: "external-secrets/external-secrets",
    tag: "v2.9.0",
    folder: "config/crds/bases",
    files: {
      "external-secrets.io_externalsecrets.yaml": undefined,
      "external-secrets.io_secretstores.yaml": undefined,
    },
    structural: [structural.externalSecret, structural.secretStore],
  },
};
