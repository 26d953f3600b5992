import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { PlannedObject } from "../../components/plan/plan";
import { plan } from "../../components/plan/plan";
import { readTopology } from "../../topology";
import { delegate } from "../../verify/static/calls";
import { Objects } from "../../verify/static/objects";
import { configurations } from "../support/topologies";
import { idOf, reachability, worldOf } from "../support/world";

type Raw = Readonly<Record<string, unknown>>;
interface Edge {
  readonly from: string;
  readonly to: string;
}
/** A configuration, and the same with one delegation less. */
interface Change {
  readonly more: Raw;
  readonly less: Raw;
  readonly edge: Edge;
}

const changes: fc.Arbitrary<Change> = configurations()
  .filter(({ delegations }) => (delegations as Edge[]).length > 0)
  .chain((more) =>
    fc.constantFrom(...(more.delegations as Edge[])).map((edge) => ({
      more,
      less: { ...more, delegations: (more.delegations as Edge[]).filter((one) => one !== edge) },
      edge,
    })),
  );
const check = (property: (change: Change) => void) =>
  fc.assert(fc.property(changes, property), { numRuns: 60 });

const byKey = (raw: Raw) => new Map(plan(readTopology(raw)).map((planned) => [planned.key, planned]));
const idOfEdge = ({ from, to }: Edge): string => `${from} -> ${to}`;

/** Objects that are new, gone or different. */
function differences({ more, less }: Change): PlannedObject[] {
  const [before, after] = [byKey(less), byKey(more)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    const same =
      old !== undefined && now !== undefined && JSON.stringify(old.manifest) === JSON.stringify(now.manifest);
    return same ? [] : [now ?? old].filter((planned) => planned !== undefined);
  });
}

describe("adding a delegation", () => {
  it("adds exactly that right, and revoking it takes exactly that", () => {
    check(({ more, less, edge }) => {
      const before = reachability(worldOf(less));
      const after = reachability(worldOf(more));
      assert.ok(!before.has(idOfEdge(edge)));
      assert.deepEqual([...after].sort(), [...before, idOfEdge(edge)].sort());
    });
  });

  it("changes only objects of the two agents, of their tenants, and what serves all", () => {
    check((change) => {
      const { from, to } = change.edge;
      const tenants = [from.split("/")[0], to.split("/")[0]];
      for (const { key, agent, tenant, layer } of differences(change)) {
        if (agent !== undefined) assert.ok([from, to].includes(agent), key);
        else if (tenant !== undefined) assert.ok(tenants.includes(tenant), key);
        else
          assert.ok(
            layer === "admission" || /\/(RequestAuthentication)\/kagent\/a2a-gateway$/.test(key),
            key,
          );
      }
    });
  });

  it("changes no other Agent than the caller and the callee, so that no other is rendered again", () => {
    check((change) => {
      for (const { key, layer, agent } of differences(change))
        if (layer === "agents") assert.ok([change.edge.from, change.edge.to].includes(agent ?? ""), key);
    });
  });
});

describe("revoking a delegation", () => {
  it("updates the policies of both agents, and deletes none of them", () => {
    check(({ more, less, edge }) => {
      const [before, after] = [byKey(more), byKey(less)];
      const [callerTenant, callerName] = edge.from.split("/");
      const [calleeTenant, calleeName] = edge.to.split("/");
      const policies = [
        `networking.k8s.io/v1/NetworkPolicy/${callerTenant}/agent-${callerName}`,
        `networking.k8s.io/v1/NetworkPolicy/${calleeTenant}/agent-${calleeName}`,
        `security.istio.io/v1/AuthorizationPolicy/${calleeTenant}/agent-${calleeName}`,
      ];
      for (const key of policies) assert.ok(before.has(key) && after.has(key), key);
      // Through the gateway the network cannot tell callers apart: theirs may stay as they are.
      for (const key of more.routing === "direct" ? policies : policies.slice(2))
        assert.notDeepEqual(before.get(key)?.manifest, after.get(key)?.manifest, key);
      for (const key of before.keys())
        if (key.startsWith("networking.k8s.io/")) assert.ok(after.has(key), `${key} is deleted`);
    });
  });

  it("is in force before anything is deleted and before any Agent has changed", () => {
    check(({ more, less, edge }) => {
      const [before, after] = [worldOf(more), plan(readTopology(less))];
      const updated = new Map(before.objects.manifests.map((manifest) => [keyOf(manifest), manifest]));
      for (const { key, layer, manifest } of after)
        if (updated.has(key) && layer !== "agents") updated.set(key, manifest);
      const meantime = { ...before, objects: new Objects([...updated.values()]) };
      const [caller, callee] = [edge.from, edge.to].map((id) =>
        before.agents.find((one) => idOf(one) === id),
      );
      assert.equal(delegate(before, caller, callee), "answered");
      assert.notEqual(delegate(meantime, caller, callee), "answered");
    });
  });
});

function keyOf({
  apiVersion,
  kind,
  metadata,
}: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}) {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}
