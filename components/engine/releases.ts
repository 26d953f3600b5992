/** Helm releases as the engine's resources. */
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { CertManager, type CertManagerArgs } from "@pulumi/kubernetes-cert-manager";
import type * as pulumi from "@pulumi/pulumi";
import { CERT_MANAGER_ARGUMENTS } from "../../topology/index";
import { asMap } from "../../topology/loose";
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
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...args } = manifest;
  const common = { ...options, dependsOn: [...dependsOn] };
  if (args.chart !== CERT_MANAGER && !String(args.chart).endsWith(`/${CERT_MANAGER}`))
    return new Release(name, args as never, common);
  // A component of its own provider, which makes the Release in turn.
  const { provider, ...rest } = common;
  return new CertManager(name, certManagerArguments(args), { ...rest, providers: [provider] });
}

const CERT_MANAGER = "cert-manager";

function certManagerArguments(release: Readonly<Record<string, unknown>>): CertManagerArgs {
  const values = Object.entries(asMap(release.values));
  const isArgument = ([key]: readonly [string, unknown]) => Object.hasOwn(CERT_MANAGER_ARGUMENTS, key);
  return {
    ...Object.fromEntries(values.filter(isArgument)),
    helmOptions: {
      ...release,
      values: Object.fromEntries(values.filter((entry) => !isArgument(entry))),
    },
  };
}
