/** Every check that asks a cluster, in the order in which they run. */
import { LAYERS } from "../../components/plan/manifest";
import { admission } from "./admission";
import { audit } from "./audit";
import type { Check } from "./check";
import { connections } from "./connections";
import { delegation } from "./delegation";
import { drift } from "./drift";
import { foreign } from "./foreign";
import { gatewayScope, istiod, proxyTls } from "./mesh";
import { otherPolicies } from "./other-policies";
import { plaintext } from "./plaintext";
import { podSecurity } from "./pod-security";
import { rbac } from "./rbac";
import { reconciler } from "./reconciler";
import { routing } from "./routing";
import { token } from "./token";
import { undeclared } from "./undeclared";

export const CHECKS: readonly Check[] = [
  ...drift(LAYERS),
  ...foreign,
  otherPolicies,
  ...admission,
  ...podSecurity,
  ...rbac,
  ...token,
  ...reconciler,
  undeclared,
  istiod,
  gatewayScope,
  proxyTls,
  plaintext,
  ...routing,
  connections,
  delegation,
  ...audit,
];
