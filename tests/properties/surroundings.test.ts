import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { GATEWAY, kagentPod, podEnd, principalOf, type World } from "../../verify/static/calls";
import { authorize } from "../../verify/static/istio";
import { agentPod, type Pod } from "../../verify/static/kagent";
import { connects, type Endpoint, opens } from "../../verify/static/network";
import { configurations } from "../support/topologies";
import { worldOf } from "../support/world";

const ISSUER = "https://login.example.com/realms/platform";

const check = (property: (world: World, raw: Record<string, unknown>) => void) =>
  fc.assert(
    fc.property(configurations(), (raw) => property(worldOf(raw), raw)),
    { numRuns: 100 },
  );

const pod = (namespace: string, labels: Record<string, string>, serviceAccount = "default"): Pod => ({
  namespace,
  labels,
  serviceAccount,
  address: "10.244.9.9",
});
const outside = (address: string): Endpoint => ({ address });
const [CONTROLLER, UI, DB] = [kagentPod("controller"), kagentPod("ui"), kagentPod("database")];
const ROGUES = [
  pod("elsewhere", { app: "kagent", kagent: "orchestrator" }),
  pod("kagent", { app: "rogue" }),
  pod("kagent", { "app.kubernetes.io/name": "kagent" }),
];
const agentsOf = ({ agents }: World) => agents.map((agent) => ({ agent, self: agentPod(agent) }));
const reach = ({ objects }: World, from: Pod, to: Pod, port: number) =>
  connects(objects, { from: podEnd(from), to: podEnd(to), port });

describe("around any graph", () => {
  it("a flow between governed pods is open at both ends or at none, so that neither end alone is too wide", () => {
    check((world) => {
      const pods = [...agentsOf(world).map(({ self }) => self), CONTROLLER, UI, DB, GATEWAY];
      for (const from of pods)
        for (const to of pods)
          for (const port of [8080, 8083, 5432]) {
            if (from === to) continue;
            const connection = { from: podEnd(from), to: podEnd(to), port };
            assert.equal(
              opens(world.objects, "Egress", connection),
              opens(world.objects, "Ingress", connection),
              JSON.stringify(connection),
            );
          }
    });
  });

  it("a pod that is no agent, wherever it is and whatever labels it bears, reaches no agent", () => {
    check((world) => {
      const inTenants = world.objects
        .all("Namespace")
        .map(({ metadata }) => pod(metadata.name, { app: "other" }));
      for (const { self } of agentsOf(world))
        for (const rogue of [...ROGUES, ...inTenants, UI, DB]) {
          assert.ok(!reach(world, rogue, self, 8080));
          const principal = principalOf(world, rogue);
          assert.equal(authorize(world.objects, { to: self, port: 8080, principal }), "denied");
          assert.equal(authorize(world.objects, { to: self, port: 8080 }), "no mutual TLS");
        }
    });
  });

  it("a pod that is no agent uses no API of the controller", () => {
    check((world) => {
      const inTenants = world.objects
        .all("Namespace")
        .map(({ metadata }) => pod(metadata.name, { app: "other" }));
      for (const rogue of [...ROGUES, ...inTenants, DB, GATEWAY]) {
        assert.ok(!reach(world, rogue, CONTROLLER, 8083));
        const request = {
          to: CONTROLLER,
          port: 8083,
          path: "/api/sessions",
          principal: principalOf(world, rogue),
        };
        assert.equal(authorize(world.objects, request), "denied");
      }
    });
  });

  it("users reach exposed agents through the controller, and no others", () => {
    check((world, raw) => {
      const settings = raw.agents as Record<string, { exposed: boolean }>;
      for (const { agent, self } of agentsOf(world)) {
        const exposed = settings[`${agent.metadata.namespace}/${agent.metadata.name}`]?.exposed === true;
        assert.equal(reach(world, CONTROLLER, self, 8080), exposed);
        const principal = principalOf(world, CONTROLLER);
        const verdict = authorize(world.objects, { to: self, port: 8080, principal });
        assert.equal(verdict === "allowed", exposed);
      }
    });
  });

  it("an agent uses the controller's sessions, tasks and memories, and nothing else of it", () => {
    check((world) => {
      for (const { self } of agentsOf(world)) {
        assert.ok(reach(world, self, CONTROLLER, 8083));
        for (const port of [6060, 8082]) assert.ok(!reach(world, self, CONTROLLER, port));
        const verdict = (path: string) =>
          authorize(world.objects, { to: CONTROLLER, port: 8083, path, principal: principalOf(world, self) });
        for (const path of ["/api/sessions", "/api/sessions/1/events", "/api/tasks/7", "/api/memories"])
          assert.equal(verdict(path), "allowed", path);
        for (const path of ["/", "/mcp", "/api/agents", "/api/sessionsX", "/api/a2a/team-beta/specialist/"])
          assert.equal(verdict(path), "denied", path);
      }
    });
  });

  it("an agent reaches neither the database, nor the UI, nor the API server, nor metadata of the cloud", () => {
    check((world) => {
      for (const { self } of agentsOf(world)) {
        const from = podEnd(self);
        assert.ok(!reach(world, self, DB, 5432));
        assert.ok(!reach(world, self, UI, 8080));
        for (const port of [80, 443, 8080])
          for (const address of ["169.254.169.254", "172.18.0.2", "192.168.1.1", "fd00::1"])
            assert.ok(!connects(world.objects, { from, to: outside(address), port }), `${address}:${port}`);
        assert.ok(!connects(world.objects, { from, to: outside("203.0.113.5"), port: 22 }));
      }
    });
  });

  it("every pod of a tenant resolves names and asks istiod for its identity", () => {
    check((world) => {
      const dns = podEnd(pod("kube-system", { "k8s-app": "kube-dns" }));
      const istiod = podEnd(pod("istio-system", { app: "istiod" }));
      for (const { self } of agentsOf(world)) {
        const from = podEnd(self);
        for (const protocol of ["UDP", "TCP"] as const)
          assert.ok(connects(world.objects, { from, to: dns, port: 53, protocol }));
        assert.ok(connects(world.objects, { from, to: istiod, port: 15012 }));
        assert.ok(!connects(world.objects, { from, to: istiod, port: 15010 }));
      }
    });
  });

  it("an agent reaches its own model, and by address nothing that belongs to the cluster", () => {
    check((world, raw) => {
      interface Settings {
        readonly model: string;
      }
      interface Egress {
        readonly pods?: { namespace: string; labels: Record<string, string> };
        readonly cidrs?: readonly string[];
        readonly port: number;
      }
      const agents = raw.agents as Record<string, Settings>;
      const models = raw.models as Record<string, { egress: Egress }>;
      for (const { agent, self } of agentsOf(world)) {
        const id = `${agent.metadata.namespace}/${agent.metadata.name}`;
        const egress = models[agents[id]?.model ?? ""]?.egress;
        assert.ok(egress !== undefined);
        const { pods, cidrs = [], port } = egress;
        const serving = podEnd(pod("models", { app: "ollama" }));
        assert.equal(connects(world.objects, { from: podEnd(self), to: serving, port }), pods !== undefined);
        const isPublic = pods === undefined && cidrs.length === 0;
        for (const address of ["203.0.113.5", "2606:4700::1"])
          assert.equal(connects(world.objects, { from: podEnd(self), to: outside(address), port }), isPublic);
        if (!isPublic) continue;
        const { apiServer, podCIDRs, serviceCIDRs, nodeCIDRs } = raw.cluster as Record<string, string[]> & {
          apiServer: { cidrs: string[] };
        };
        for (const cidr of [apiServer.cidrs, podCIDRs, serviceCIDRs, nodeCIDRs].flatMap((own) => own ?? [])) {
          const to = outside(cidr.split("/")[0] ?? "");
          assert.ok(!connects(world.objects, { from: podEnd(self), to, port }), cidr);
        }
      }
    });
  });

  it("only the controller reaches the database and the API server", () => {
    check((world, raw) => {
      const { apiServer } = raw.cluster as { apiServer: { cidrs: string[]; port: number } };
      const address = (apiServer.cidrs[0] ?? "").split("/")[0] ?? "";
      const port = apiServer.port;
      for (const from of [CONTROLLER, UI, DB, GATEWAY]) {
        assert.equal(
          connects(world.objects, { from: podEnd(from), to: outside(address), port }),
          from === CONTROLLER,
        );
        const external = raw.externalDatabase as { cidrs: string[] } | undefined;
        assert.equal(reach(world, from, DB, 5432), from === CONTROLLER && external === undefined);
        for (const cidr of external?.cidrs ?? []) {
          const database = outside(cidr.split("/")[0] ?? "");
          assert.equal(
            connects(world.objects, { from: podEnd(from), to: database, port: 5432 }),
            from === CONTROLLER,
          );
        }
      }
      for (const { self } of agentsOf(world))
        for (const cidr of (raw.externalDatabase as { cidrs: string[] } | undefined)?.cidrs ?? [])
          for (const port of [443, 5432])
            assert.ok(
              !connects(world.objects, { from: podEnd(self), to: outside(cidr.split("/")[0] ?? ""), port }),
            );
    });
  });

  it("what brings users in reaches UI and controller, and only where it is declared", () => {
    check((world, raw) => {
      const entry = pod("ingress", { app: "ingress" }, "ingress");
      const isDeclared = (raw.cluster as { entry: unknown[] }).entry.length > 0;
      const principal = principalOf(world, entry);
      for (const [to, port] of [
        [UI, 8080],
        [CONTROLLER, 8083],
      ] as const) {
        assert.equal(reach(world, entry, to, port), isDeclared);
        const user = { issuer: ISSUER, subject: "alice", audience: "kagent", genuine: true };
        const token = raw.userAuth === "oidc" ? { ...user, header: "authorization" } : undefined;
        const sent = { to, port, principal, token };
        assert.equal(authorize(world.objects, sent) === "allowed", isDeclared);
      }
      assert.ok(!reach(world, entry, DB, 5432));
    });
  });
});
