/** Which delegations the real runtime can make in the lab, and the objects that its pods are derived from. */

import { tokenValue } from "../../components/layers/token";
import { type EngineValue, type Manifest, replaceEngineValues } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import { apiKeyValue } from "../../components/tenants/models";
import {
  type Agent,
  API_KEY_SECRET_KEY,
  audience,
  type Model,
  subject,
  type Topology,
} from "../../topology/index";
import { LabError } from "../errors";
import type { Tokens } from "../tokens";
import { modelUrl } from "./derive";

export type Delegation = Topology["delegations"][number];

/** So many delegations are run at most: each takes a minute. */
const MOST = 2;

/** The lab has a stand-in for OpenAI's API over TLS, under a name that the configuration opens. */
function hasModel({ model: { settings, needsApiKey } }: Agent): boolean {
  const url = modelUrl(settings);
  if (url?.protocol !== "https:" || !needsApiKey) return false;
  return settings.egress.hosts.includes(url.hostname) && Number(url.port || 443) === settings.egress.port;
}

/** Those between tenants first. @throws where there is none */
export function delegationsToRun({ delegations }: Topology): Delegation[] {
  const able = delegations.filter(({ caller, callee }) => hasModel(caller) && hasModel(callee));
  const crossing = ({ caller, callee }: Delegation) => caller.tenant !== callee.tenant;
  if (able.length === 0)
    throw new LabError(
      "The runtimes need a delegation between agents whose models have provider OpenAI, an API key and an endpoint that `egress.hosts` names, and the topology has none.",
    );
  return [...able.filter(crossing), ...able.filter((delegation) => !crossing(delegation))].slice(0, MOST);
}

const KINDS = ["Agent", "ModelConfig", "Secret"];

/**
 * The program's Agents, ModelConfigs and Secrets, with the lab's tokens and keys in them. An API key that comes from a vault
 * stands in no object of the program: the operator would write that Secret.
 */
export function runtimeObjects(
  topology: Topology,
  tokens: Tokens,
  apiKey: (tenant: string, model: Model) => string,
): Manifest[] {
  const values = new Map<string, string>();
  for (const { caller, callee } of topology.delegations)
    values.set(tokenValue(caller, callee).name, tokens.ofDelegation(subject(caller), audience(callee)));
  const ofVault: Manifest[] = [];
  for (const { name: tenant, models } of topology.tenants)
    for (const model of models.filter(({ needsApiKey }) => needsApiKey)) {
      values.set(apiKeyValue(tenant, model.name).name, apiKey(tenant, model));
      if (topology.secrets === "pulumi") continue;
      ofVault.push({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: model.apiKeySecret, namespace: tenant },
        stringData: { [API_KEY_SECRET_KEY]: apiKey(tenant, model) },
      });
    }
  const known = ({ name }: EngineValue) => values.get(name);
  const planned = plan(topology)
    .filter(({ manifest: { kind } }) => KINDS.includes(kind))
    .map(({ manifest }) => replaceEngineValues(manifest, known) as Manifest);
  return [...planned, ...ofVault];
}
