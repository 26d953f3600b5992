import * as assert from "node:assert/strict";
import {
  callDirectly,
  callThroughGateway,
  delegate,
  GATEWAY,
  kagentPod,
  podEnd,
  type World,
} from "../../../verify/static/calls";
import { admissionParameters, agentPod, controllerAllows, tokenFor } from "../../../verify/static/kagent";
import { connects } from "../../../verify/static/network";
import { type Doc, Objects } from "../../../verify/static/objects";
import { devConfiguration, ORCHESTRATOR, SPECIALIST } from "../../support/dev";
import { idOf, reachability, worldOf } from "../../support/world";

/** Who may talk to whom in the shipped stack, whichever way calls take and whichever engine admits. */
for (const routing of ["gateway", "direct"] as const)
  for (const admission of ["gatekeeper", "native"] as const)
    describe(`the shipped stack, routing ${routing}, admission ${admission}`, () => {
      let world: World;
      let orchestrator: Doc;
      let specialist: Doc;
      before(() => {
        world = worldOf({ ...devConfiguration(), routing, admission });
        const find = (id: string) => world.agents.find((agent) => idOf(agent) === id);
        [orchestrator, specialist] = [find(ORCHESTRATOR), find(SPECIALIST)];
      });

      it("lets the orchestrator delegate to the specialist, and nobody else to anybody", () => {
        assert.equal(delegate(world, orchestrator, specialist), "answered");
        assert.deepEqual([...reachability(world)], [`${ORCHESTRATOR} -> ${SPECIALIST}`]);
      });

      it(`sends calls ${routing === "gateway" ? "through the gateway only" : "to the pod, and has no gateway"}`, () => {
        const { objects } = world;
        const [caller, callee] = [agentPod(orchestrator), agentPod(specialist)];
        const token = tokenFor(objects, orchestrator, specialist);
        const viaGateway = routing === "gateway";
        const call = { from: caller, to: specialist, token };
        assert.equal(callDirectly(world, call), viaGateway ? "stopped by network" : "answered");
        assert.equal(callThroughGateway(world, call), viaGateway ? "answered" : "stopped by network");
        assert.equal(
          connects(objects, { from: podEnd(GATEWAY), to: podEnd(callee), port: 8080 }),
          viaGateway,
        );
        for (const kind of ["Gateway", "DestinationRule", "VirtualService"])
          assert.equal(objects.all(kind).length, viaGateway ? 1 : 0, kind);
      });

      if (routing === "gateway")
        it("lets no other namespace answer at the gateway in the specialist's place", () => {
          const [caller, token] = [agentPod(orchestrator), tokenFor(world.objects, orchestrator, specialist)];
          const route: Doc = {
            kind: "VirtualService",
            metadata: { name: "mine", namespace: "elsewhere" },
            spec: {
              hosts: ["specialist.team-beta"],
              gateways: ["kagent/a2a-gateway"],
              http: [{ directResponse: { status: 200 } }],
            },
          };
          const answer = (hosts: string[]) => {
            const ours = world.objects.manifests.map((object) =>
              object.kind === "Gateway"
                ? { ...object, spec: { ...object.spec, servers: [{ ...object.spec.servers[0], hosts }] } }
                : object,
            );
            const objects = new Objects([...ours, route]);
            return callThroughGateway({ ...world, objects }, { from: caller, to: specialist, token });
          };
          const [{ spec }] = world.objects.all("Gateway") as [Doc];
          assert.equal(answer(spec.servers[0].hosts), "answered");
          // The evaluator sees what Istio would do, were it not so.
          for (const hosts of [["*"], ["*/*"], ["./*", "elsewhere/*"]])
            assert.equal(answer(hosts), "stopped by route", hosts.join());
        });

      it("lets users reach the orchestrator through the controller, and not the specialist", () => {
        const from = podEnd(kagentPod("controller"));
        const reaches = (agent: Doc) =>
          connects(world.objects, { from, to: podEnd(agentPod(agent)), port: 8080 });
        assert.deepEqual([reaches(orchestrator), reaches(specialist)], [true, false]);
      });

      it("lets the orchestrator reach its model on the public internet, and nothing private", () => {
        const reaches = (address: string) =>
          connects(world.objects, { from: podEnd(agentPod(orchestrator)), to: { address }, port: 443 });
        assert.deepEqual(["203.0.113.1", "10.0.0.1", "172.18.0.2", "169.254.169.254"].map(reaches), [
          true,
          false,
          false,
          false,
        ]);
        const hosts = world.objects
          .all("ServiceEntry")
          .map(({ metadata, spec }) => [metadata.namespace, spec.hosts]);
        assert.deepEqual(hosts, [
          ["team-alpha", ["api.openai.com"]],
          ["team-beta", ["api.openai.com"]],
        ]);
      });

      it("tells admission and the controller the one delegation", () => {
        assert.ok(controllerAllows(world.objects, orchestrator, specialist));
        assert.ok(!controllerAllows(world.objects, specialist, orchestrator));
        assert.deepEqual(admissionParameters(world.objects), {
          tenants: {
            "team-alpha": ["kagent.dev/agent-consumer"],
            "team-beta": ["kagent.dev/agent-provider"],
          },
          agents: { [ORCHESTRATOR]: [], [SPECIALIST]: [] },
          delegations: { [ORCHESTRATOR]: [SPECIALIST], [SPECIALIST]: [] },
          callers: { [ORCHESTRATOR]: [], [SPECIALIST]: ["team-alpha"] },
        });
      });
    });
