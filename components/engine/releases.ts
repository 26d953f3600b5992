/** Helm releases as the engine's resources. */
import { Release } from "@pulumi/kubernetes/helm/v3";
import { CertManager } from "@pulumi/kubernetes-cert-manager";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../plan/manifest";

interface ReleaseOptions {
  readonly parent: pulumi.Resource;
  readonly provider: pulumi.ProviderResource;
  readonly dependsOn: readonly pulumi.Resource[];
  readonly protect?: boolean;
}

export function registerRelease(
  name: string,
  manifest: Manifest,
  { dependsOn, ...options }: ReleaseOptions,
): pulumi.Resource {
  const { apiVersion: _version, kind: _kind, metadata, ...args } = manifest;
  const common = { ...options, dependsOn: [...dependsOn] };
  if (metadata.name !== "cert-manager") return new Release(name, args as never, common);
  // A component of its own provider, which makes the Release in turn (@pulumi/kubernetes-cert-manager 0.2).
  const { provider, ...rest } = common;
  return new CertManager(name, { helmOptions: args as never }, { ...rest, providers: [provider] });
}
