/** The resource class for a manifest: typed ones where the provider has them, so that policies see its own types. */
import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { LimitRange, Namespace, ResourceQuota, Secret, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "../plan/manifest";

type ResourceClass = new (
  name: string,
  args: pulumi.Inputs,
  options?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** Each class asks for its own arguments; what they are is checked by the API server, with the real schema. */
const typed = (resource: unknown): ResourceClass => resource as ResourceClass;

const TYPED: Readonly<Record<string, ResourceClass>> = {
  "v1/LimitRange": typed(LimitRange),
  "v1/Namespace": typed(Namespace),
  "v1/ResourceQuota": typed(ResourceQuota),
  "v1/Secret": typed(Secret),
  "v1/ServiceAccount": typed(ServiceAccount),
  "networking.k8s.io/v1/NetworkPolicy": typed(NetworkPolicy),
  "policy/v1/PodDisruptionBudget": typed(PodDisruptionBudget),
  "rbac.authorization.k8s.io/v1/ClusterRole": typed(ClusterRole),
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": typed(ClusterRoleBinding),
  "rbac.authorization.k8s.io/v1/Role": typed(Role),
  "rbac.authorization.k8s.io/v1/RoleBinding": typed(RoleBinding),
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": typed(ValidatingAdmissionPolicy),
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": typed(ValidatingAdmissionPolicyBinding),
};

/** Groups that Kubernetes itself serves; everything else is a custom resource. */
const BUILT_IN = /^v1$|^(apps|batch|policy|autoscaling)\/|\.k8s\.io\//;

export function resourceClass({ apiVersion, kind }: Manifest): ResourceClass {
  const known = TYPED[`${apiVersion}/${kind}`];
  if (known !== undefined) return known;
  if (BUILT_IN.test(apiVersion)) throw new Error(`no resource class is known for ${apiVersion} ${kind}`);
  return typed(CustomResource);
}
