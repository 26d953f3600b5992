/** Every rule of the pack, by layer. */
import type { Rule } from "../framework/rule";
import { constraintDenies as admissionConstraintDenies } from "./admission/constraint-denies";
import { declaredDelegations as admissionDeclaredDelegations } from "./admission/declared-delegations";
import { declaredScope as admissionDeclaredScope } from "./admission/declared-scope";
import { delegationLabels as admissionDelegationLabels } from "./admission/delegation-labels";
import { gatekeeperScope as admissionGatekeeperScope } from "./admission/gatekeeper-scope";
import { gatekeeperValues as admissionGatekeeperValues } from "./admission/gatekeeper-values";
import { literalIdentity as admissionLiteralIdentity } from "./admission/literal-identity";
import { nativeFailsClosed as admissionNativeFailsClosed } from "./admission/native-fails-closed";
import { noInventory as admissionNoInventory } from "./admission/no-inventory";
import { noPatches as admissionNoPatches } from "./admission/no-patches";
import { notBypassed as admissionNotBypassed } from "./admission/not-bypassed";
import { policiesPresent as admissionPoliciesPresent } from "./admission/policies-present";
import { reviewedSource as admissionReviewedSource } from "./admission/reviewed-source";
import { singleDefinition as admissionSingleDefinition } from "./admission/single-definition";
import { kagentBodies as auditKagentBodies } from "./audit/kagent-bodies";
import { noSecretBodies as auditNoSecretBodies } from "./audit/no-secret-bodies";
import { seesSecrets as auditSeesSecrets } from "./audit/sees-secrets";
import { specificFirst as auditSpecificFirst } from "./audit/specific-first";
import { agentStaysInMesh as identityAgentStaysInMesh } from "./identity/agent-stays-in-mesh";
import { callersDeclared as identityCallersDeclared } from "./identity/callers-declared";
import { controllerPaths as identityControllerPaths } from "./identity/controller-paths";
import { defaultDeny as identityDefaultDeny } from "./identity/default-deny";
import { gatewayMtls as identityGatewayMtls } from "./identity/gateway-mtls";
import { gatewayValues as identityGatewayValues } from "./identity/gateway-values";
import { meshEnrolment as identityMeshEnrolment } from "./identity/mesh-enrolment";
import { meshValues as identityMeshValues } from "./identity/mesh-values";
import { namesElsewhere as identityNamesElsewhere } from "./identity/names-elsewhere";
import { noProxyConfiguration as identityNoProxyConfiguration } from "./identity/no-proxy-configuration";
import { noWeakerMtls as identityNoWeakerMtls } from "./identity/no-weaker-mtls";
import { portsNamed as identityPortsNamed } from "./identity/ports-named";
import { principalsExist as identityPrincipalsExist } from "./identity/principals-exist";
import { rootNamespace as identityRootNamespace } from "./identity/root-namespace";
import { routesDeclared as identityRoutesDeclared } from "./identity/routes-declared";
import { selectorsBound as identitySelectorsBound } from "./identity/selectors-bound";
import { strictMtls as identityStrictMtls } from "./identity/strict-mtls";
import { trustedProxy as identityTrustedProxy } from "./identity/trusted-proxy";
import { usersVerified as identityUsersVerified } from "./identity/users-verified";
import { workloadsCovered as identityWorkloadsCovered } from "./identity/workloads-covered";
import { agreesWithIdentity as networkAgreesWithIdentity } from "./network/agrees-with-identity";
import { bothDirections as networkBothDirections } from "./network/both-directions";
import { declaredAgentFlows as networkDeclaredAgentFlows } from "./network/declared-agent-flows";
import { defaultDeny as networkDefaultDeny } from "./network/default-deny";
import { everyPod as networkEveryPod } from "./network/every-pod";
import { noExternalServices as networkNoExternalServices } from "./network/no-external-services";
import { noOpenAddresses as networkNoOpenAddresses } from "./network/no-open-addresses";
import { noOpenPeers as networkNoOpenPeers } from "./network/no-open-peers";
import { noOtherPolicies as networkNoOtherPolicies } from "./network/no-other-policies";
import { onlyPlatformFlows as networkPlatformFlows } from "./network/platform-flows";
import { selectorsBound as networkSelectorsBound } from "./network/selectors-bound";
import { serviceEntries as networkServiceEntries } from "./network/service-entries";
import { agentContexts as podSecurityAgentContexts } from "./pod-security/agent-contexts";
import { agentFeatures as podSecurityAgentFeatures } from "./pod-security/agent-features";
import { agentIds as podSecurityAgentIds } from "./pod-security/agent-ids";
import { agentKind as podSecurityAgentKind } from "./pod-security/agent-kind";
import { agentResources as podSecurityAgentResources } from "./pod-security/agent-resources";
import { agentsOnly as podSecurityAgentsOnly } from "./pod-security/agents-only";
import { namespacePresent as podSecurityNamespacePresent } from "./pod-security/namespace-present";
import { namespaceRestricted as podSecurityNamespaceRestricted } from "./pod-security/namespace-restricted";
import { platformNamespaces as podSecurityPlatformNamespaces } from "./pod-security/platform-namespaces";
import { tenantBounds as podSecurityTenantBounds } from "./pod-security/tenant-bounds";
import { agentsWithoutRoles as rbacAgentsWithoutRoles } from "./rbac/agents-without-roles";
import { noAutomount as rbacNoAutomount } from "./rbac/no-automount";
import { noClusterAdmin as rbacNoClusterAdmin } from "./rbac/no-cluster-admin";
import { noSensitiveAccess as rbacNoSensitiveAccess } from "./rbac/no-sensitive-access";
import { noWildcards as rbacNoWildcards } from "./rbac/no-wildcards";
import { ownAccount as rbacOwnAccount } from "./rbac/own-account";
import { roleReferences as rbacRoleReferences } from "./rbac/role-references";
import { tenantWrites as rbacTenantWrites } from "./rbac/tenant-writes";
import { allowanceUsed as reconcilerAllowanceUsed } from "./reconciler/allowance-used";
import { calleeExists as reconcilerCalleeExists } from "./reconciler/callee-exists";
import { neverAll as reconcilerNeverAll } from "./reconciler/never-all";
import { selectByName as reconcilerSelectByName } from "./reconciler/select-by-name";
import { toolAllowed as reconcilerToolAllowed } from "./reconciler/tool-allowed";
import { toolComplete as reconcilerToolComplete } from "./reconciler/tool-complete";
import { externalRefresh as secretsExternalRefresh } from "./secrets/external-refresh";
import { externalTarget as secretsExternalTarget } from "./secrets/external-target";
import { externalVersion as secretsExternalVersion } from "./secrets/external-version";
import { headerByReference as secretsHeaderByReference } from "./secrets/header-by-reference";
import { modelKey as secretsModelKey } from "./secrets/model-key";
import { noKeyMaterial as secretsNoKeyMaterial } from "./secrets/no-key-material";
import { oneWriter as secretsOneWriter } from "./secrets/one-writer";
import { operatorValues as secretsOperatorValues } from "./secrets/operator-values";
import { ownCredentials as secretsOwnCredentials } from "./secrets/own-credentials";
import { storeAccount as secretsStoreAccount } from "./secrets/store-account";
import { storeScope as secretsStoreScope } from "./secrets/store-scope";
import { vaultAudience as secretsVaultAudience } from "./secrets/vault-audience";
import { crdsKept as supplyChainCrdsKept } from "./supply-chain/crds-kept";
import { exactVersion as supplyChainExactVersion } from "./supply-chain/exact-version";
import { governedValues as supplyChainGovernedValues } from "./supply-chain/governed-values";
import { fixedImages as supplyChainImages } from "./supply-chain/images";
import { issuerResolves as supplyChainIssuerResolves } from "./supply-chain/issuer-resolves";
import { kagentLine as supplyChainKagentLine } from "./supply-chain/kagent-line";
import { kagentValues as supplyChainKagentValues } from "./supply-chain/kagent-values";
import { knownRepository as supplyChainKnownRepository } from "./supply-chain/known-repository";
import { leafIssuer as supplyChainLeafIssuer } from "./supply-chain/leaf-issuer";
import { ownedRelease as supplyChainOwnedRelease } from "./supply-chain/owned-release";
import { valuesInSight as supplyChainValuesInSight } from "./supply-chain/values-in-sight";
import { attached as tokenAttached } from "./token/attached";
import { tokenAudience } from "./token/audience";
import { claims as tokenClaims } from "./token/claims";
import { demanded as tokenDemanded } from "./token/demanded";
import { fingerprint as tokenFingerprint } from "./token/fingerprint";
import { inlineKeys as tokenInlineKeys } from "./token/inline-keys";
import { onePolicy as tokenOnePolicy } from "./token/one-policy";
import { publicKeys as tokenPublicKeys } from "./token/public-keys";
import { requestAuthentication as tokenRequestAuthentication } from "./token/request-authentication";

export const RULES: readonly Rule[] = [
  podSecurityAgentContexts,
  podSecurityAgentFeatures,
  podSecurityAgentIds,
  podSecurityAgentKind,
  podSecurityAgentResources,
  podSecurityAgentsOnly,
  podSecurityNamespacePresent,
  podSecurityNamespaceRestricted,
  podSecurityPlatformNamespaces,
  podSecurityTenantBounds,
  rbacAgentsWithoutRoles,
  rbacNoAutomount,
  rbacNoClusterAdmin,
  rbacNoSensitiveAccess,
  rbacNoWildcards,
  rbacOwnAccount,
  rbacRoleReferences,
  rbacTenantWrites,
  secretsExternalRefresh,
  secretsExternalTarget,
  secretsExternalVersion,
  secretsHeaderByReference,
  secretsModelKey,
  secretsNoKeyMaterial,
  secretsOneWriter,
  secretsOperatorValues,
  secretsOwnCredentials,
  secretsStoreAccount,
  secretsStoreScope,
  secretsVaultAudience,
  admissionConstraintDenies,
  admissionDeclaredDelegations,
  admissionDeclaredScope,
  admissionDelegationLabels,
  admissionGatekeeperScope,
  admissionGatekeeperValues,
  admissionLiteralIdentity,
  admissionNativeFailsClosed,
  admissionNoInventory,
  admissionNoPatches,
  admissionNotBypassed,
  admissionPoliciesPresent,
  admissionReviewedSource,
  admissionSingleDefinition,
  reconcilerAllowanceUsed,
  reconcilerCalleeExists,
  reconcilerNeverAll,
  reconcilerSelectByName,
  reconcilerToolAllowed,
  reconcilerToolComplete,
  networkAgreesWithIdentity,
  networkBothDirections,
  networkDeclaredAgentFlows,
  networkDefaultDeny,
  networkEveryPod,
  networkNoExternalServices,
  networkNoOpenAddresses,
  networkNoOpenPeers,
  networkNoOtherPolicies,
  networkPlatformFlows,
  networkSelectorsBound,
  networkServiceEntries,
  identityAgentStaysInMesh,
  identityCallersDeclared,
  identityControllerPaths,
  identityDefaultDeny,
  identityGatewayMtls,
  identityGatewayValues,
  identityMeshEnrolment,
  identityMeshValues,
  identityNamesElsewhere,
  identityNoProxyConfiguration,
  identityNoWeakerMtls,
  identityPortsNamed,
  identityPrincipalsExist,
  identityRootNamespace,
  identityRoutesDeclared,
  identitySelectorsBound,
  identityStrictMtls,
  identityTrustedProxy,
  identityUsersVerified,
  identityWorkloadsCovered,
  tokenAttached,
  tokenAudience,
  tokenClaims,
  tokenDemanded,
  tokenFingerprint,
  tokenInlineKeys,
  tokenOnePolicy,
  tokenPublicKeys,
  tokenRequestAuthentication,
  auditKagentBodies,
  auditNoSecretBodies,
  auditSeesSecrets,
  auditSpecificFirst,
  supplyChainCrdsKept,
  supplyChainExactVersion,
  supplyChainGovernedValues,
  supplyChainImages,
  supplyChainIssuerResolves,
  supplyChainKagentLine,
  supplyChainKagentValues,
  supplyChainKnownRepository,
  supplyChainLeafIssuer,
  supplyChainOwnedRelease,
  supplyChainValuesInSight,
];
